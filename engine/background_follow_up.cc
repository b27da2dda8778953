// SPDX-License-Identifier: Apache-2.0
#include "background_follow_up.h"

#include <algorithm>

namespace vsapi::engine {

void BackgroundFollowUp::End(uint64_t changes, Duration walked) {
  ended_ = clock_.Now();
  const bool met_any = changes != changes_;
  rest_ = met_any ? std::clamp<Duration>(2 * rest_, kFirst, kLongest) : Duration();
  pause_ = std::min<Duration>(std::max(rest_, kRestsTimes * walked), kLongest);
}

TimePoint BackgroundFollowUp::DueAt(uint64_t changes) const {
  return changes == changes_ ? TimePoint::max() : ended_ + pause_;
}

}  // namespace vsapi::engine
