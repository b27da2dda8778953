// SPDX-License-Identifier: Apache-2.0
#include "background_retry.h"

#include <algorithm>

#include "scanner.h"

namespace vsapi::engine {

// What has failed since the last pass is owed by this one.
void BackgroundRetry::Begin(uint64_t failures) {
  begun_ = clock_.Now();
  met_.reset();
  if (failures != failures_) {
    is_owed_ = true;
    failed_ = begun_;
  }
  failures_ = failures;
}

void BackgroundRetry::End(uint64_t failures) {
  ended_ = clock_.Now();
  if (failures != failures_) {
    is_owed_ = true;
    failed_ = ended_;
  } else if (begun_ >= failed_ + Scanner::kAttemptPause) {
    is_owed_ = false;
  }
  failures_ = failures;
  pause_ = is_owed_ ? std::clamp<Duration>(2 * pause_, kFirst, kLongest) : Duration();
}

TimePoint BackgroundRetry::DueAt(uint64_t failures) {
  if (is_owed_) return ended_ + pause_;
  if (failures == failures_) return TimePoint::max();
  if (!met_) met_ = clock_.Now();
  return *met_ + kFirst;
}

}  // namespace vsapi::engine
