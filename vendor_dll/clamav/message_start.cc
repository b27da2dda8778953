// SPDX-License-Identifier: GPL-2.0-only
#include "message_start.h"

#include <algorithm>
#include <cstddef>

namespace vsapi::clamav {
namespace {

// The longest line that mail allows.
constexpr size_t kLongestName = 998;

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// Blanks before the colon are obsolete, and accepted by readers.
bool StartsWithField(std::string_view content) {
  const size_t colon = content.substr(0, kLongestName).find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  std::string_view name = content.substr(0, colon);
  while (!name.empty() && IsBlank(name.back())) name.remove_suffix(1);
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) { return c > ' '; });
}

bool HasEmptyLine(std::string_view content) {
  for (size_t at = content.find('\n'); at != std::string_view::npos;
       at = content.find('\n', at + 1)) {
    const size_t next = content.find_first_not_of(" \t\r", at + 1);
    if (next == std::string_view::npos || content[next] == '\n') return true;
  }
  return false;
}

}  // namespace

bool StartsLikeMessage(std::string_view content) noexcept {
  return StartsWithField(content) && HasEmptyLine(content);
}

}  // namespace vsapi::clamav
