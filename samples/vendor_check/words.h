// SPDX-License-Identifier: Apache-2.0
//
// The contract's words for people, and which of them there are. Pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace vendor_check {

std::string StatusName(int32_t status);    // "ok", "busy" ...; the number if there is none
std::string VerdictName(int32_t verdict);  // likewise
bool IsKnownStatus(int32_t status);
bool IsKnownVerdict(int32_t verdict);
// Says that there is nothing to be afraid of.
bool IsClean(int32_t verdict);

bool IsUtf8(const std::string& text);
// In quotes, cut short, with everything unprintable as \x..
std::string Quoted(std::string_view text);

std::string InMebibytes(int64_t bytes);
std::string InMilliseconds(std::chrono::nanoseconds duration);

}  // namespace vendor_check
