// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace vsapi::engine {
namespace {

// Bytes of the character at the head of `text` if it is well formed (no overlong form, no
// surrogate, nothing above U+10FFFF), else 0. `text` is not empty.
size_t CharacterSize(std::string_view text) {
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xC2 && lead < 0xE0   ? 2
                      : lead >= 0xE0 && lead < 0xF0 ? 3
                      : lead >= 0xF0 && lead < 0xF5 ? 4
                                                    : 0;
  if (size == 0 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool out_of_range = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F);
  return overlong || out_of_range ? 0 : size;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t size = CharacterSize(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

void CopyText(std::string_view from, char* to, size_t size) {
  if (from.empty()) {
    *to = '\0';
    return;
  }
  size_t n = from.size() < size ? from.size() : size - 1;
  if (n < from.size())
    while (n > 0 && (static_cast<unsigned char>(from[n]) & 0xC0) == 0x80) --n;
  std::memcpy(to, from.data(), n);
  to[n] = '\0';
}

std::string CleanLine(std::string_view text, size_t limit) {
  std::string line;
  while (!text.empty() && line.size() < limit) {
    const size_t size = CharacterSize(text);
    const bool control = size == 1 && (static_cast<uint8_t>(text[0]) < 0x20 || text[0] == 0x7F);
    if (size == 0 || control)
      line += '?';
    else if (line.size() + size <= limit)
      line += text.substr(0, size);
    else
      break;
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return line;
}

std::string TimeText(int64_t ns) {
  constexpr int64_t kSecond = 1'000'000'000;
  const std::time_t seconds = ns / kSecond - (ns % kSecond < 0 ? 1 : 0);
  std::tm utc = {};
  gmtime_r(&seconds, &utc);
  char text[64];
  const size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  const auto rest = static_cast<long long>(ns - seconds * kSecond);
  std::snprintf(text + size, sizeof text - size, ".%09lldZ", rest);
  return text;
}

std::string Hex(const unsigned char* bytes, size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * size);
  for (size_t i = 0; i < size; ++i) {
    hex += kDigits[bytes[i] >> 4];
    hex += kDigits[bytes[i] & 15];
  }
  return hex;
}

}  // namespace vsapi::engine
