// SPDX-License-Identifier: Apache-2.0
//
// The messages pending submission: a durable queue, the database transport.db of a store, with its
// own tables and its own version. What is in it is either still to be judged, or waits for the
// administrator: in quarantine, or refused. What was delivered is no longer in it.
//
// Thread safety: any thread.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "database.h"

namespace store_sim {

inline constexpr char kTransportFile[] = "transport.db";

// Stored in the database: never renumber.
enum class QueueState : int32_t { kPending = 0, kQuarantined = 1 };

// Who sends what to whom, and what is to become of it.
struct Envelope {
  std::string from = {};
  std::vector<std::string> to = {};
  std::string mdb = {};    // that it is delivered into; "" the only one
  std::string relay = {};  // a folder: the next host's, instead of this store
  std::string hop = {};    // the address of the host that it came from, or ""
  bool outgoing = false;   // sent by a user of this store
  int32_t access = 0;      // VSAPI_ACCESS_TRANSPORT, or an exempt one
  bool operator==(const Envelope&) const = default;
};

struct QueuedMessage {
  int64_t number = 0;
  Envelope envelope;
  std::string message_id;
  std::string subject;
  uint64_t size = 0;
  bool bulk = false;
  int64_t received_ns = 0;
  QueueState state = QueueState::kPending;
  uint32_t tries = 0;  // so far
  uint32_t edits = 0;  // how often parts of it were replaced
  int64_t not_before_ns = 0;
  std::string last;      // what the last try came to
  std::string raw = {};  // of Load alone
};

class TransportQueue {
 public:
  // Makes the database if there is none; Access::kRead fails then.
  TransportQueue(const std::filesystem::path& store, Access access);
  static bool Exists(const std::filesystem::path& store);

  // Durable when it returns, and from then on ours.
  int64_t Add(const QueuedMessage& message);

  // By number, without their bytes.
  std::vector<QueuedMessage> List();
  std::optional<QueuedMessage> Load(int64_t number);
  struct DueMessage {
    int64_t number = 0;
    uint64_t size = 0;
    bool operator==(const DueMessage&) const = default;
  };
  // Those due, the oldest first; at most `limit`.
  std::vector<DueMessage> Due(int64_t now_ns, bool bulk, size_t limit);
  // When the next one is due that is not yet.
  std::optional<int64_t> NextAfter(int64_t now_ns);

  // What SQLite has to say against the database, or "".
  std::string Damage();

  // All durable. A deferral counts as a try.
  void Defer(int64_t number, int64_t not_before_ns, const std::string& why);
  void Quarantine(int64_t number, const std::string& why);
  // Parts of it were replaced: it is judged again as it is now.
  void Rewrite(int64_t number, const std::string& raw);
  void Remove(int64_t number);
  // Due now, its tries begin anew. False: there is none.
  bool RetryNow(int64_t number, int64_t now_ns);

 private:
  std::mutex mutex_;
  Database database_;  // by mutex_
};

}  // namespace store_sim
