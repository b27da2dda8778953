// SPDX-License-Identifier: GPL-2.0-only
#include "inner_messages.h"

#include <algorithm>
#include <new>
#include <utility>

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

constexpr std::string_view kKnownField = "Received: x\r\n";

bool IsMailType(std::string_view type) { return type == "CL_TYPE_MAIL" || type == "CL_TYPE_MHTML"; }

}  // namespace

bool StartsLikeMessage(std::string_view content) noexcept {
  return StartsWithField(content) && HasEmptyLine(content);
}

bool InnerMessages::Meet(std::string_view type, std::string_view content) noexcept try {
  if (IsMailType(type) || !StartsLikeMessage(content)) return true;
  if (content.size() > room_) {
    overflowed_ = true;
    return true;
  }
  copies_.emplace_back(kKnownField).append(content);
  room_ -= content.size();
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

std::string InnerMessages::TakeNext() {
  std::string next = std::move(copies_.back());
  copies_.pop_back();
  return next;
}

void InnerMessages::Forget(size_t count) {
  while (copies_.size() > count) room_ += TakeNext().size() - kKnownField.size();
}

}  // namespace vsapi::clamav
