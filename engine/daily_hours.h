// SPDX-License-Identifier: Apache-2.0
//
// Hours that come every day, "22:00-06:00" in local time. They may go over midnight.
//
// Thread safety: values and pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace vsapi::engine {

struct DailyHours {
  std::chrono::minutes begin{0};  // after midnight
  std::chrono::minutes end{0};    // 24:00 at most; never the same as `begin`

  static std::optional<DailyHours> Parse(std::string_view text);

  // How long it is until they begin, so long after midnight; 0: this is within them.
  std::chrono::seconds Until(std::chrono::seconds time_of_day) const;
};

}  // namespace vsapi::engine
