// SPDX-License-Identifier: Apache-2.0
//
// A MAPI scanner: logs on to one mailbox after the other as its owner, and scans each message that
// it has not seen there yet by these definitions, whether another mailbox has the same or not. A
// part that is bad is overwritten in this mailbox alone; a message that can't be changed is taken
// out of it. Clients ask nobody, so they may come first; nothing stands where mail leaves.
//
// Thread safety: as Way.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "one_call.h"
#include "way.h"

namespace store_sim::ways {

class MapiWay final : public Way {
 public:
  explicit MapiWay(Places places);

  void Begin(Host& host, const Mailboxes& mailboxes) override;
  void Load() override;
  void End() override;
  void Report(Records& records) override;

 private:
  using Clock = std::chrono::steady_clock;
  using Copy = std::pair<uint64_t, int64_t>;  // which mailbox, which message

  void Run();
  bool PassOverAll();
  bool PassOver(Mdb& mdb, uint64_t mailbox);
  bool ScanMessage(Mdb& mdb, const std::string& mailbox, int64_t number);
  bool IsBad(Mdb& mdb, const StoredPart& part);
  void TakeAway(Mdb& mdb, const std::string& mailbox, const StoredMessage& message,
                const StoredPart& part);
  bool Overwrite(Mdb& mdb, const std::string& mailbox, const StoredMessage& message,
                 const StoredPart& part);
  bool HasNewDefinitions();
  void TakeNewDefinitions();
  bool GoesOn(bool anything_new);

  const Places places_;
  Host* host_ = nullptr;
  uint64_t mailboxes_ = 0;

  // The scanning thread's, until it is joined.
  std::unique_ptr<vsapi::bench::DirectCall> clamav_;
  std::set<Copy> seen_;  // by these definitions
  uint64_t overwritten_ = 0;
  uint64_t taken_out_ = 0;
  std::optional<double> rescanned_after_s_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Clock::time_point> added_;  // by mutex_: definitions that are not loaded yet
  bool over_ = false;                       // by mutex_: no client is there any more
  std::optional<Clock::time_point> since_;  // the scanning thread's: of what it scans by now

  std::jthread thread_;
};

}  // namespace store_sim::ways
