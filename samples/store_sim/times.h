// SPDX-License-Identifier: Apache-2.0
//
// Times as machines write them and as persons say them.
#pragma once

#include <cstdint>
#include <string>

namespace store_sim {

inline constexpr int64_t kSecond = 1'000'000'000;  // in nanoseconds

int64_t NowNs();

// "2024-02-29T12:30:01.250Z"
std::string IsoTime(int64_t ns);

// "2024-02-29T12:30:01Z", "2024-02-29 12:30" (UTC), or so long before `now_ns`: "90s", "10m", "2h",
// "3d". Throws Error for anything else.
int64_t ParseTime(const std::string& text, int64_t now_ns);

// "45 s", "12 min", "3 h", "2 days": the largest unit of which it is two or more.
std::string FormatAge(int64_t ns);

}  // namespace store_sim
