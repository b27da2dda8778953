// SPDX-License-Identifier: Apache-2.0
#include "daily_hours.h"

#include <charconv>

namespace vsapi::engine {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::optional<int> ParseTwoDigits(std::string_view text) {
  int number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.size() != 2 || stop != text.data() + 2 || number < 0) return std::nullopt;
  return number;
}

// "HH:MM"
std::optional<minutes> ParseTime(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = ParseTwoDigits(text.substr(0, 2)), minute = ParseTwoDigits(text.substr(3));
  if (!hour || !minute || *minute > 59) return std::nullopt;
  const minutes time = hours(*hour) + minutes(*minute);
  return time > hours(24) ? std::nullopt : std::optional(time);
}

}  // namespace

std::optional<DailyHours> DailyHours::Parse(std::string_view text) {
  if (text.size() != 11 || text[5] != '-') return std::nullopt;
  const auto begin = ParseTime(text.substr(0, 5)), end = ParseTime(text.substr(6));
  if (!begin || !end || *begin == *end || *begin == hours(24)) return std::nullopt;
  return DailyHours{*begin, *end};
}

seconds DailyHours::Until(seconds time_of_day) const {
  const bool is_after_begin = time_of_day >= begin, is_before_end = time_of_day < end;
  const bool is_within =
      begin < end ? is_after_begin && is_before_end : is_after_begin || is_before_end;
  if (is_within) return seconds(0);
  return begin - time_of_day + (is_after_begin ? hours(24) : hours(0));
}

}  // namespace vsapi::engine
