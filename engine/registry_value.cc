// SPDX-License-Identifier: Apache-2.0
#include "registry_value.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "registry_text.h"
#include "text.h"

namespace vsapi::engine {
namespace {

using Wrong = std::optional<std::string>;

constexpr char kNotUtf8[] = "the text is not UTF-8: save the file as UTF-8 or as Unicode (UTF-16)";

// Only a comment may follow.
bool Ends(std::string_view rest, std::string& comment) {
  comment = TrimBlanks(rest);
  return comment.empty() || comment[0] == ';';
}

// Two-digit bytes with commas between them, or nothing.
bool ParseBytes(std::string_view text, std::string& bytes) {
  text = TrimBlanks(text);
  for (bool more = !text.empty(); more;) {
    uint8_t byte = 0;
    const char* end = text.data() + std::min<size_t>(text.size(), 3);
    const auto [stop, error] = std::from_chars(text.data(), end, byte, 16);
    if (error != std::errc()) return false;
    bytes += static_cast<char>(byte);
    text = TrimBlanks(text.substr(static_cast<size_t>(stop - text.data())));
    more = !text.empty();
    if (more && text[0] != ',') return false;
    if (more) text = TrimBlanks(text.substr(1));
  }
  return true;
}

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<uint8_t>(bytes[i]);
  return number;
}

Wrong TakeNumber(std::string_view bytes, size_t size, std::string_view type, SettingValue& value) {
  if (bytes.size() != size)
    return std::string(type) + " must be followed by " + std::to_string(size) + " bytes";
  value.is_number = true;
  value.number = LittleEndian(bytes);
  return std::nullopt;
}

// Zero or more UTF-16 units, the last of them a zero that is no part of the text.
Wrong TakeUtf16(std::string_view bytes, SettingValue& value) {
  if (bytes.size() % 2 != 0) return "hex(2): must be followed by whole UTF-16 units";
  value.text = FromUtf16(bytes);
  if (value.text.ends_with('\0')) value.text.pop_back();
  if (value.text.find('\0') != std::string::npos) return "hex(2): has a zero inside of its text";
  return std::nullopt;
}

// "hex:" or "hex(2):"
bool IsHexType(std::string_view type) {
  if (strncasecmp(type.data(), "hex", 3) != 0) return false;
  type = type.substr(3, type.size() - 4);
  return type.empty() || (type.size() >= 3 && type.front() == '(' && type.back() == ')' &&
                          type.find_first_not_of("0123456789abcdefABCDEF", 1) == type.size() - 1);
}

Wrong Hex(std::string_view type, std::string_view rest, SettingValue& value, std::string& comment) {
  const size_t end = std::min(rest.find(';'), rest.size());
  std::string bytes;
  if (!ParseBytes(rest.substr(0, end), bytes))
    return std::string(type) + " must be followed by bytes of two hexadecimal digits each";
  comment = rest.substr(end);
  if (type == "hex(b):") return TakeNumber(bytes, 8, type, value);
  if (type == "hex(4):") return TakeNumber(bytes, 4, type, value);
  if (type == "hex(2):" || type == "hex(1):") return TakeUtf16(bytes, value);
  value.is_other = true;
  return std::nullopt;
}

Wrong Dword(std::string_view rest, SettingValue& value, std::string& comment) {
  const std::string_view digits = TrimBlanks(rest);
  const size_t size = std::min(digits.find_first_of(" \t;"), digits.size());
  const char* end = digits.data() + size;
  const auto [stop, error] = std::from_chars(digits.data(), end, value.number, 16);
  value.is_number = true;
  if (error != std::errc() || stop != end || size > 8 || !Ends(digits.substr(size), comment))
    return "dword: must be followed by 1 to 8 hexadecimal digits";
  return std::nullopt;
}

Wrong Text(std::string_view rest, SettingValue& value, std::string& comment) {
  if (!Unquote(rest, value.text) || !Ends(rest, comment)) return "the text has no closing \"";
  if (!IsUtf8(value.text)) return kNotUtf8;
  return std::nullopt;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace

std::string_view TrimBlanks(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::optional<std::string> ParseRegistryData(std::string_view data, SettingValue& value,
                                             std::string& comment) {
  if (data.empty()) return "there is no value after =";
  if (data[0] == '"') return Text(data.substr(1), value, comment);
  const size_t size = data.find(':') + 1;  // 0 if there is none
  const std::string type = Lower(data.substr(0, size));
  if (type == "dword:") return Dword(data.substr(size), value, comment);
  if (size >= 4 && IsHexType(type)) return Hex(type, data.substr(size), value, comment);
  return "the value must be \"text\", dword:, hex: or -";
}

std::string RegistryData(const SettingValue& value) {
  if (!value.is_number) return Quote(value.text);
  char text[24];
  std::snprintf(text, sizeof text, "dword:%08llx", static_cast<unsigned long long>(value.number));
  return text;
}

bool Unquote(std::string_view& text, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return true;
    }
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return false;
}

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace vsapi::engine
