// SPDX-License-Identifier: Apache-2.0
#include "registry.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "platform.h"

namespace vsapi::engine {
namespace {

constexpr size_t kFileLimit = 4 * 1024 * 1024;
constexpr std::string_view kHeader = "Windows Registry Editor Version 5.00";

void AppendUtf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

std::string FromUtf16(std::string_view bytes) {
  const auto unit = [&](size_t at) {
    return static_cast<uint32_t>(static_cast<unsigned char>(bytes[at])) |
           static_cast<uint32_t>(static_cast<unsigned char>(bytes[at + 1])) << 8;
  };
  std::string out;
  for (size_t at = 0; at + 1 < bytes.size(); at += 2) {
    const uint32_t first = unit(at);
    if (IsHighSurrogate(first) && at + 3 < bytes.size() && IsLowSurrogate(unit(at + 2))) {
      AppendUtf8(0x10000 + ((first - 0xD800) << 10) + (unit(at + 2) - 0xDC00), out);
      at += 2;
    } else {
      AppendUtf8(IsHighSurrogate(first) || IsLowSurrogate(first) ? 0xFFFD : first, out);
    }
  }
  return out;
}

std::string ToUtf8(std::string_view content) {
  if (content.starts_with("\xFF\xFE")) return FromUtf16(content.substr(2));
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
  return std::string(content);
}

bool SameName(const std::string& a, const std::string& b) {
  return strcasecmp(a.c_str(), b.c_str()) == 0;
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// Walks the lines; each function answers what is wrong with its line, or nothing.
class Parser {
 public:
  Parser(const std::string& file, std::vector<SettingValue>& values) : file_(file), values_(values) {}

  std::optional<std::string> Parse(std::string_view text) {
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      const auto wrong = Logical(text.substr(0, end));
      if (wrong) return Here() + ": " + *wrong;
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!pending_.empty()) return Here() + ": the last value ends in the middle of its data";
    if (!header_seen_) return Here() + ": the first line must be \"" + std::string(kHeader) + "\"";
    return std::nullopt;
  }

 private:
  std::string Here() const { return file_ + ":" + std::to_string(std::max(line_, 1)); }

  // A hex value may go on in the next line after a backslash.
  std::optional<std::string> Logical(std::string_view raw) {
    pending_ += Trim(raw);
    const bool is_comment = pending_.starts_with(';');
    if (!is_comment && pending_.ends_with('\\') && pending_.find("=hex") != std::string::npos) {
      pending_.pop_back();
      return std::nullopt;
    }
    const std::string line = std::move(pending_);
    pending_.clear();
    return Line(line);
  }

  std::optional<std::string> Line(std::string_view line) {
    if (line.empty() || line[0] == ';') return std::nullopt;
    if (!header_seen_) {
      header_seen_ = line == kHeader;
      if (header_seen_) return std::nullopt;
      return "the first line must be \"" + std::string(kHeader) + "\"";
    }
    if (line[0] == '[') return Key(line);
    if (line[0] == '"' || line[0] == '@') return Value(line);
    return "expected [a key], \"a name\"=value or ; a comment";
  }

  std::optional<std::string> Key(std::string_view line) {
    if (line.back() != ']') return "the key has no closing ]";
    std::string_view path = line.substr(1, line.size() - 2);
    in_key_ = !path.starts_with('-');
    const size_t slash = path.find('\\');
    const std::string_view hive = path.substr(0, slash);
    in_key_ = in_key_ && slash != std::string_view::npos && (hive == "HKEY_LOCAL_MACHINE" || hive == "HKLM");
    key_ = in_key_ ? std::string(path.substr(slash + 1)) : "";
    key_seen_ = true;
    return std::nullopt;
  }

  std::optional<std::string> Value(std::string_view line) {
    if (!key_seen_) return "a value stands before the first [key]";
    SettingValue value;
    value.key = key_;
    value.place = Here();
    std::string_view rest = line.substr(1);
    if (line[0] == '"' && !Unquote(rest, value.name)) return "the name has no closing \"";
    rest = Trim(rest);
    if (rest.empty() || rest[0] != '=') return "there must be = after the name";
    return Data(Trim(rest.substr(1)), std::move(value));
  }

  std::optional<std::string> Data(std::string_view data, SettingValue value) {
    if (data.empty()) return "there is no value after =";
    if (data == "-") {
      std::erase_if(values_, [&](const SettingValue& each) {
        return SameName(each.key, value.key) && SameName(each.name, value.name);
      });
      return std::nullopt;
    }
    if (data[0] == '"') {
      data.remove_prefix(1);
      if (!Unquote(data, value.text) || !Ends(data)) return "the text has no closing \"";
    } else if (data.starts_with("dword:")) {
      value.is_number = true;
      if (!Dword(Trim(data.substr(6)), value.number)) return "dword: must be followed by 1 to 8 hexadecimal digits";
    } else if (data.starts_with("hex(b):")) {
      value.is_number = true;
      if (!Qword(data.substr(7), value.number)) return "hex(b): must be followed by 8 bytes";
    } else if (data.starts_with("hex")) {
      return std::nullopt;
    } else {
      return "the value must be \"text\", dword:, hex: or -";
    }
    if (in_key_) values_.push_back(std::move(value));
    return std::nullopt;
  }

  static bool Ends(std::string_view rest) {
    rest = Trim(rest);
    return rest.empty() || rest[0] == ';';
  }

  // `text` begins behind the opening quote; leaves what follows the closing one.
  static bool Unquote(std::string_view& text, std::string& out) {
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

  static bool Dword(std::string_view digits, uint64_t& number) {
    const size_t size = std::min(digits.find_first_of(" \t;"), digits.size());
    const char* end = digits.data() + size;
    const auto [stop, error] = std::from_chars(digits.data(), end, number, 16);
    return error == std::errc() && stop == end && size >= 1 && size <= 8 && Ends(digits.substr(size));
  }

  static bool Qword(std::string_view bytes, uint64_t& number) {
    number = 0;
    for (int i = 0; i < 8; ++i) {
      bytes = Trim(bytes);
      uint8_t byte = 0;
      const auto [stop, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), byte, 16);
      if (error != std::errc()) return false;
      number |= static_cast<uint64_t>(byte) << (8 * i);
      bytes.remove_prefix(static_cast<size_t>(stop - bytes.data()));
      if (i < 7 && (bytes.empty() || bytes[0] != ',')) return false;
      if (i < 7) bytes.remove_prefix(1);
    }
    return Ends(bytes);
  }

  const std::string& file_;
  std::vector<SettingValue>& values_;
  int line_ = 0;
  bool header_seen_ = false;
  bool key_seen_ = false;
  bool in_key_ = false;
  std::string key_;
  std::string pending_;
};

}  // namespace

bool ParseRegistry(std::string_view content, const std::string& file,
                   std::vector<SettingValue>& values, std::string& problem) {
  const auto wrong = Parser(file, values).Parse(ToUtf8(content));
  if (wrong) problem = *wrong;
  return !wrong;
}

bool ReadRegistry(const std::string& path, std::vector<SettingValue>& values, std::string& problem) {
  platform::Failure failure;
  const auto content = platform::ReadFile(path, kFileLimit, failure);
  if (!content) {
    problem = failure.text;
    return false;
  }
  return ParseRegistry(*content, path, values, problem);
}

}  // namespace vsapi::engine
