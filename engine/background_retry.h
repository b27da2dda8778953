// SPDX-License-Identifier: Apache-2.0
//
// When an MDB is to be walked over again because its store has failed, or the vendor could not scan
// then: that has left undone what no generation or setting will bring up again. A minute after the
// pass that met a failure, or after one that was met when there was no pass; then each time twice
// as long after, up to an hour; until a pass meets none that began when nothing is left alone any
// more that could not be read (Scanner::kAttemptPause).
//
// Thread safety: of one thread.
#pragma once

#include <optional>

#include "clock.h"

namespace vsapi::engine {

class BackgroundRetry {
 public:
  static constexpr Duration kFirst = std::chrono::minutes(1);
  static constexpr Duration kLongest = std::chrono::hours(1);

  explicit BackgroundRetry(const Clock& clock) : clock_(clock) {}

  // A pass; `failures` is Mdb::failures.
  void Begin(uint64_t failures);
  void End(uint64_t failures);
  // max: not at all. To be asked when there was a failure: that is when it is dated.
  TimePoint DueAt(uint64_t failures);

 private:
  const Clock& clock_;
  bool is_owed_ = false;
  uint64_t failures_ = 0;  // when the last pass began
  TimePoint begun_, ended_, failed_;
  std::optional<TimePoint> met_;  // the first failure since the last pass
  Duration pause_ = {};           // until the next pass, if one is owed
};

}  // namespace vsapi::engine
