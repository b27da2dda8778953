// SPDX-License-Identifier: Apache-2.0
//
// Text line by line, without copying it.
#pragma once

#include <string_view>

namespace store_sim {

// Takes the first line, with its line end, away from `rest`.
inline std::string_view TakeLine(std::string_view& rest) {
  const size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end == rest.npos ? rest.size() : end + 1);
  rest.remove_prefix(line.size());
  return line;
}

inline std::string_view WithoutLineEnd(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

inline std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

template <typename Is>
bool AnyLine(std::string_view text, Is is) {
  while (!text.empty()) {
    if (is(TakeLine(text))) return true;
  }
  return false;
}

}  // namespace store_sim
