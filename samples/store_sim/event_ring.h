// SPDX-License-Identifier: Apache-2.0
//
// The last events of the running host, numbered, for who asks later or waits for the next ones. Not
// those for debugging: there is one for each clean item, and they would soon be all that is left.
//
// Thread safety: any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vsapi/host/engine.h"

namespace store_sim {

struct RecordedEvent {
  uint64_t sequence = 0;  // from 1, without a gap
  uint32_t id = 0;
  int32_t severity = 0;
  int64_t time_ns = 0;
  std::string category;
  std::string text;
  std::vector<std::pair<std::string, std::string>> fields;
};

class EventRing {
 public:
  static constexpr size_t kMostEvents = 4096;
  static constexpr size_t kMostAtOnce = 256;

  struct Wanted {
    uint64_t after = 0;  // a sequence
    std::optional<uint32_t> id = std::nullopt;
    int64_t since_ns = INT64_MIN;
  };
  struct Found {
    std::vector<RecordedEvent> events;  // the oldest kMostAtOnce of them
    uint64_t next = 0;                  // the `after` for what follows
    uint64_t missed = 0;                // events behind `after` that are no longer kept
    bool is_all = true;
  };

  void Add(const vsapi::Event& event);

  // If there is nothing new behind `wanted.after`, waits for it at most so long.
  Found Find(const Wanted& wanted, std::chrono::milliseconds patience) const;

  // Nobody waits any more.
  void Close();

 private:
  Found FindLocked(const Wanted& wanted) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<RecordedEvent> events_;  // these three by mutex_
  uint64_t last_ = 0;
  bool closed_ = false;
};

}  // namespace store_sim
