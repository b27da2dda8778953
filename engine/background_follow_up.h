// SPDX-License-Identifier: Apache-2.0
//
// When an MDB is to be walked over again because items of it have changed or moved: what is there
// now may be offered by nobody, or lie behind a pass's cursor. At once; but after a pass that met
// such a change itself only a second later, and then each time twice as long after, up to an hour,
// until a pass meets none. So a store that takes nothing, or does not keep it, is not gone over for
// ever without a rest.
//
// Thread safety: of one thread.
#pragma once

#include "clock.h"

namespace vsapi::engine {

class BackgroundFollowUp {
 public:
  static constexpr Duration kFirst = std::chrono::seconds(1);
  static constexpr Duration kLongest = std::chrono::hours(1);

  explicit BackgroundFollowUp(const Clock& clock) : clock_(clock) {}

  // A pass; `changes` is Mdb::changes.
  void Begin(uint64_t changes) { changes_ = changes; }
  void End(uint64_t changes);
  // max: not at all.
  TimePoint DueAt(uint64_t changes) const;

 private:
  const Clock& clock_;
  uint64_t changes_ = 0;  // when the last pass began
  TimePoint ended_;
  Duration pause_ = {};  // from then to the next one; none after a pass that met no change
};

}  // namespace vsapi::engine
