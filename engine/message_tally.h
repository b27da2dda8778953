// SPDX-License-Identifier: Apache-2.0
//
// Counts each top-level message once, however many of its parts are scanned. Of each message it
// keeps a mark for a while: one that 4096 or so others have followed would be counted again, and so
// is one that is scanned again by a later generation.
//
// Thread safety: any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "counters.h"
#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {

class MessageTally {
 public:
  explicit MessageTally(Counters& counters) : counters_(counters) {}

  // One more for `counter`, unless the item's message is unknown or was just counted there.
  void Count(Counter counter, const vsapi_item& item, uint64_t generation) {
    if (item.message != 0) CountKnown(counter, item, generation);
  }

 private:
  void CountKnown(Counter counter, const vsapi_item& item, uint64_t generation);

  static constexpr size_t kMarks = 4096;

  Counters& counters_;
  // The message counted last of those that share the place; nothing is published by it.
  std::array<std::atomic<uint64_t>, kMarks> marks_ = {};
};

}  // namespace vsapi::engine
