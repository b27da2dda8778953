// SPDX-License-Identifier: Apache-2.0
//
// Brings raw messages into an MDB: takes them apart, computes the digests, and stores them in
// batches, one durable transaction each. A crash or a full disk loses at most the batch that was
// not committed yet.
//
// Thread safety: one thread.
#pragma once

#include <functional>

#include "mdb.h"

namespace store_sim {

// What takes time about an incoming message. Any thread. It stands in no folder yet, or in this
// one.
IncomingMessage Prepare(std::string raw, int64_t received_ns);
IncomingMessage Prepare(std::string raw, Placement placement, int64_t received_ns);

class Importer {
 public:
  static constexpr size_t kBatchMessages = 256;
  static constexpr size_t kBatchBytes = 16 << 20;

  // Told after each commit of the contents that are new.
  using OnStored = std::function<void(const std::vector<NewItem>&)>;

  // What is known to be bad, and is so by `is_current`, is dealt with as it comes (Mdb::Import).
  explicit Importer(Mdb& mdb, OnStored on_stored = {}, IsCurrent is_current = {})
      : mdb_(mdb), on_stored_(std::move(on_stored)), is_current_(std::move(is_current)) {}

  // Stores the batch when it is full.
  void Add(IncomingMessage message);

  // Stores what is left. What isn't flushed isn't stored.
  void Flush();

  // Of what is stored so far.
  const ImportCount& count() const { return count_; }

 private:
  Mdb& mdb_;
  const OnStored on_stored_;
  const IsCurrent is_current_;
  std::vector<IncomingMessage> batch_;
  size_t batch_bytes_ = 0;
  ImportCount count_;
};

}  // namespace store_sim
