// SPDX-License-Identifier: Apache-2.0
#include "times.h"

#include <glib.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>

#include "error.h"
#include "gmime.h"

namespace store_sim {
namespace {

using GTime = std::unique_ptr<GDateTime, decltype(&g_date_time_unref)>;

struct Unit {
  char letter;
  const char* name;
  int64_t ns;
};
constexpr std::array<Unit, 4> kUnits{{{'d', "days", 86400 * kSecond},
                                      {'h', "h", 3600 * kSecond},
                                      {'m', "min", 60 * kSecond},
                                      {'s', "s", kSecond}}};

std::optional<int64_t> ParseAgo(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end + 1 != text.data() + text.size() || number < 0) return {};
  for (const Unit& unit : kUnits) {
    if (unit.letter == *end && number <= INT64_MAX / unit.ns) return number * unit.ns;
  }
  return {};
}

std::optional<int64_t> ParseIso(std::string text) {
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  if (text.size() == 10) text += "T00:00";
  if (text.size() == 16) text += ":00";
  const std::unique_ptr<GTimeZone, decltype(&g_time_zone_unref)> utc(g_time_zone_new_utc(),
                                                                     g_time_zone_unref);
  GDateTime* const time = g_date_time_new_from_iso8601(text.c_str(), utc.get());
  if (!time) return {};
  const GTime owned(time, g_date_time_unref);
  constexpr int64_t kLast = INT64_MAX / kSecond - 1;  // in the year 2262
  if (g_date_time_to_unix(time) > kLast) return INT64_MAX;
  return g_date_time_to_unix(time) * kSecond + g_date_time_get_microsecond(time) * int64_t{1000};
}

}  // namespace

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string IsoTime(int64_t ns) {
  GDateTime* const time = g_date_time_new_from_unix_utc(ns / kSecond);
  if (!time) return "";
  const GTime owned(time, g_date_time_unref);
  const GText text(g_date_time_format(time, "%Y-%m-%dT%H:%M:%S"));
  std::array<char, 32> milliseconds;
  std::snprintf(milliseconds.data(), milliseconds.size(), ".%03dZ",
                static_cast<int>(ns % kSecond / 1'000'000));
  return text.get() + std::string(milliseconds.data());
}

int64_t ParseTime(const std::string& text, int64_t now_ns) {
  if (const auto ago = ParseAgo(text)) return now_ns - *ago;
  if (const auto time = ParseIso(text)) return *time;
  throw Error("'" + text +
              "' is no time; write 2024-02-29T12:30:00Z, or how long ago: 90s, 10m, 2h, 3d");
}

std::string FormatAge(int64_t ns) {
  for (const Unit& unit : kUnits) {
    if (ns >= 2 * unit.ns) return std::to_string(ns / unit.ns) + " " + unit.name;
  }
  return std::to_string(ns / kSecond) + " s";
}

}  // namespace store_sim
