// SPDX-License-Identifier: Apache-2.0
#include "display.h"

#include <glib.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "gmime.h"

namespace store_sim {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

// Cc, Cf (among them the marks of direction), Zl, Zp, and what is no character.
bool IsShown(gunichar c) {
  switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
      return false;
    default:
      return true;
  }
}

size_t WidthOf(gunichar c) {
  if (g_unichar_iszerowidth(c)) return 0;
  return g_unichar_iswide(c) ? 2 : 1;
}

std::string Shown(std::string_view text) {
  const GText valid(
      g_utf8_make_valid(text.data() ? text.data() : "", static_cast<gssize>(text.size())));
  std::string shown;
  for (const char* at = valid.get(); *at; at = g_utf8_next_char(at)) {
    const std::string_view character(at, static_cast<size_t>(g_utf8_next_char(at) - at));
    shown += IsShown(g_utf8_get_char(at)) ? character : kReplacement;
  }
  return shown;
}

}  // namespace

std::string ForDisplay(std::string_view text, size_t columns) {
  const std::string shown = Shown(text);
  if (Columns(shown) <= columns) return shown;
  size_t used = 1;  // the ellipsis
  const char* at = shown.c_str();
  for (; *at; at = g_utf8_next_char(at)) {
    used += WidthOf(g_utf8_get_char(at));
    if (used > columns) break;
  }
  return shown.substr(0, static_cast<size_t>(at - shown.c_str())) + std::string(kEllipsis);
}

size_t Columns(std::string_view text) {
  const std::string copy(text);
  size_t columns = 0;
  for (const char* at = copy.c_str(); *at; at = g_utf8_next_char(at)) {
    columns += WidthOf(g_utf8_get_char(at));
  }
  return columns;
}

std::string FormatBytes(uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  constexpr std::array<const char*, 4> kUnits{"kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  std::array<char, 48> text;
  std::snprintf(text.data(), text.size(), "%.1f %s", value, kUnits[unit]);
  return text.data();
}

std::string FormatTime(int64_t ns) {
  if (ns == 0) return "-";
  GDateTime* const time = g_date_time_new_from_unix_utc(ns / 1'000'000'000);
  if (!time) return "-";
  const GText text(g_date_time_format(time, "%Y-%m-%d %H:%M"));
  g_date_time_unref(time);
  return text.get();
}

void Table::Print(std::ostream& out) const {
  std::vector<size_t> widths;
  for (const Column& column : columns_) widths.push_back(Columns(column.title));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Columns(row[i]));
  }
  const auto print = [&](const auto& cell_of) {
    std::string line;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = cell_of(i);
      const std::string fill(widths[i] - Columns(cell), ' ');
      line += (i ? "  " : "") + (columns_[i].align == Align::kRight ? fill + cell : cell + fill);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  };
  print([&](size_t i) { return std::string(columns_[i].title); });
  for (const auto& row : rows_) print([&](size_t i) { return row[i]; });
}

}  // namespace store_sim
