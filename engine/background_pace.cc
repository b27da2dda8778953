// SPDX-License-Identifier: Apache-2.0
#include "background_pace.h"

#include <algorithm>

#include "daily_hours.h"
#include "platform.h"

namespace vsapi::engine {
namespace {

// The wall clock may be set, or summer time begin: so it is looked at again and again.
constexpr Duration kLongestWaitForHours = std::chrono::minutes(1);

Duration UntilItsHours(const Settings& settings, int64_t wall_ns) {
  const auto hours = DailyHours::Parse(settings.background_hours);
  if (!hours) return {};
  return std::min<Duration>(hours->Until(platform::LocalTimeOfDay(wall_ns)), kLongestWaitForHours);
}

}  // namespace

Duration BackgroundPace::Pause(const Settings& settings) const {
  return std::max(Rest(settings.background_max_share), UntilItsHours(settings, clock_.WallNs()));
}

Duration BackgroundPace::Rest(uint64_t share) const {
  const auto percent = static_cast<int64_t>(share);
  return std::max<Duration>(ended_ + worked_ * (100 - percent) / percent - clock_.Now(), {});
}

}  // namespace vsapi::engine
