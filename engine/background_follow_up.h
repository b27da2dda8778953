// SPDX-License-Identifier: Apache-2.0
//
// When an MDB is to be walked over again because items of it have changed or moved: what is there
// now may be offered by nobody, or lie behind a pass's cursor. Ten times as long after the last
// pass as its walk took, without the scans: where little is stale, at once; but after a pass that
// met such a change itself a second later at least, and then each time twice as long after, until a
// pass meets none. Never later than an hour. So a store that takes nothing, or does not keep it, or
// has much that is to be left alone, is not gone over for ever without a rest.
//
// Thread safety: of one thread.
#pragma once

#include "clock.h"

namespace vsapi::engine {

class BackgroundFollowUp {
 public:
  static constexpr int kRestsTimes = 10;  // as long as a walk takes
  static constexpr Duration kFirst = std::chrono::seconds(1);
  static constexpr Duration kLongest = std::chrono::hours(1);

  explicit BackgroundFollowUp(const Clock& clock) : clock_(clock) {}

  // A pass; `changes` is Mdb::changes.
  void Begin(uint64_t changes) { changes_ = changes; }
  // `walked`: how long the store took to say what is stale.
  void End(uint64_t changes, Duration walked);
  // max: not at all.
  TimePoint DueAt(uint64_t changes) const;

 private:
  const Clock& clock_;
  uint64_t changes_ = 0;  // when the last pass began
  TimePoint ended_;
  Duration rest_ = {};   // after a pass that met a change
  Duration pause_ = {};  // from the last pass to the next one
};

}  // namespace vsapi::engine
