// SPDX-License-Identifier: Apache-2.0
#include "registry_lines.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "registry_value.h"
#include "settings_table.h"

namespace vsapi::engine {
namespace {

constexpr std::string_view kHeader = "Windows Registry Editor Version 5.00";

// Each function answers what is wrong with its line, or nothing.
class Parser {
 public:
  Parser(const std::string& file, std::vector<RegistryEntry>& entries)
      : file_(file), entries_(entries) {}

  std::optional<std::string> Parse(std::string_view text) {
    for (const std::string_view line : LinesOf(text)) {
      if (const auto wrong = Logical(line)) return At(line_) + ": " + *wrong;
      ++line_;
    }
    const std::string last = At(line_ == 0 ? 0 : line_ - 1);
    if (!pending_.empty()) return last + ": the last value ends in the middle of its data";
    if (!header_seen_) return last + ": the first line must be \"" + std::string(kHeader) + "\"";
    return std::nullopt;
  }

 private:
  std::string At(size_t line) const { return file_ + ":" + std::to_string(line + 1); }

  // A hex value may go on in the next line after a backslash.
  std::optional<std::string> Logical(std::string_view raw) {
    if (raw.ends_with('\n')) raw.remove_suffix(1);
    if (pending_.empty()) first_line_ = line_;
    pending_ += TrimBlanks(raw);
    const bool is_comment = pending_.starts_with(';');
    if (!is_comment && pending_.ends_with('\\') && pending_.find("=hex") != std::string::npos) {
      pending_.pop_back();
      return std::nullopt;
    }
    const std::string line = std::exchange(pending_, {});
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
    if (line.back() != ']' || line.size() < 2) return "the key has no closing ]";
    std::string_view path = line.substr(1, line.size() - 2);
    const bool is_deleted = path.starts_with('-');
    if (is_deleted) path.remove_prefix(1);
    const size_t slash = path.find('\\');
    const std::string_view hive = path.substr(0, slash);
    const bool is_ours = slash != std::string_view::npos &&
                         (SameName(hive, "HKEY_LOCAL_MACHINE") || SameName(hive, "HKLM"));
    key_ = is_ours ? std::string(path.substr(slash + 1)) : "";
    key_seen_ = true;
    Add({.kind = is_deleted ? RegistryEntry::Kind::kDeletedKey : RegistryEntry::Kind::kKey});
    if (is_deleted) key_.clear();
    return std::nullopt;
  }

  std::optional<std::string> Value(std::string_view line) {
    if (!key_seen_) return "a value stands before the first [key]";
    RegistryEntry entry;
    SettingValue& value = entry.value;
    value.key = key_;
    value.place = At(first_line_);
    std::string_view rest = line.substr(1);
    if (line[0] == '"' && !Unquote(rest, value.name)) return "the name has no closing \"";
    rest = TrimBlanks(rest);
    if (rest.empty() || rest[0] != '=') return "there must be = after the name";
    rest = TrimBlanks(rest.substr(1));
    const bool is_deleted = rest.starts_with('-') && Deletes(rest.substr(1), entry.comment);
    entry.kind = is_deleted ? RegistryEntry::Kind::kDeletedValue : RegistryEntry::Kind::kValue;
    const auto wrong = is_deleted ? std::nullopt : ParseRegistryData(rest, value, entry.comment);
    if (!wrong) Add(std::move(entry));
    return wrong;
  }

  static bool Deletes(std::string_view rest, std::string& comment) {
    comment = TrimBlanks(rest);
    return comment.empty() || comment[0] == ';';
  }

  void Add(RegistryEntry entry) {
    entry.first_line = first_line_;
    entry.last_line = line_;
    entry.key = key_;
    entries_.push_back(std::move(entry));
  }

  const std::string& file_;
  std::vector<RegistryEntry>& entries_;
  size_t line_ = 0;
  size_t first_line_ = 0;  // of a value that goes on
  bool header_seen_ = false;
  bool key_seen_ = false;
  std::string key_;
  std::string pending_;
};

}  // namespace

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

bool ParseRegistryLines(std::string_view utf8, const std::string& file,
                        std::vector<RegistryEntry>& entries, std::string& problem) {
  const auto wrong = Parser(file, entries).Parse(utf8);
  if (wrong) problem = *wrong;
  return !wrong;
}

}  // namespace vsapi::engine
