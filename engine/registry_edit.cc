// SPDX-License-Identifier: Apache-2.0
#include "registry_edit.h"

#include <algorithm>
#include <vector>

#include "platform.h"
#include "registry.h"
#include "registry_lines.h"
#include "registry_text.h"
#include "registry_value.h"
#include "settings_table.h"

namespace vsapi::engine {
namespace {

using Kind = RegistryEntry::Kind;

struct Document {
  std::vector<std::string> lines;  // with their line ends
  std::vector<RegistryEntry> entries;
  std::string line_end;
};

// Two keys for one MDB are one.
bool IsSameKey(const std::string& a, const std::string& b) {
  const auto mdb = MdbOfKey(a), other = MdbOfKey(b);
  return mdb && other ? SameName(*mdb, *other) : SameName(a, b);
}

Document DocumentOf(const std::string& utf8, std::vector<RegistryEntry> entries) {
  Document document;
  for (const std::string_view line : LinesOf(utf8)) document.lines.emplace_back(line);
  document.line_end = document.lines.front().ends_with("\r\n") ? "\r\n" : "\n";
  if (!document.lines.back().ends_with('\n')) document.lines.back() += document.line_end;
  document.entries = std::move(entries);
  return document;
}

struct Place {
  const RegistryEntry* value = nullptr;  // to be replaced
  size_t behind = 0;                     // line from 0; there is none above the header
};

// What a deleted key took with it is no place any more.
Place Find(const Document& document, const SettingValue& value) {
  Place place;
  for (const RegistryEntry& entry : document.entries) {
    if (entry.kind == Kind::kDeletedKey && IsWithinKey(value.key, entry.key) && !entry.key.empty())
      place = {};
    if (entry.kind == Kind::kDeletedKey || !IsSameKey(entry.key, value.key)) continue;
    place.behind = entry.last_line;
    if (entry.kind != Kind::kKey && SameName(entry.value.name, value.name)) place.value = &entry;
  }
  return place;
}

std::string LineOf(const Document& document, const SettingValue& value, const std::string& name,
                   const std::string& comment) {
  return Quote(name) + "=" + RegistryData(value) + (comment.empty() ? "" : " " + comment) +
         document.line_end;
}

void Replace(Document& document, const RegistryEntry& old, const SettingValue& value) {
  auto& lines = document.lines;
  const auto first = lines.begin() + static_cast<ptrdiff_t>(old.first_line);
  *first = LineOf(document, value, old.value.name, old.comment);
  lines.erase(first + 1, lines.begin() + static_cast<ptrdiff_t>(old.last_line) + 1);
}

void Append(Document& document, const SettingValue& value) {
  auto& lines = document.lines;
  lines.push_back(document.line_end);
  lines.push_back("[HKEY_LOCAL_MACHINE\\" + value.key + "]" + document.line_end);
  lines.push_back(LineOf(document, value, value.name, ""));
}

// The line that shows the value as a comment, as a new store's file does, in the section that
// `place` is in; else the last one of its values.
size_t LineBefore(const Document& document, const Place& place, const SettingValue& value) {
  size_t begin = 0, end = document.lines.size();
  for (const RegistryEntry& entry : document.entries) {
    if (entry.kind != Kind::kKey && entry.kind != Kind::kDeletedKey) continue;
    if (entry.first_line > place.behind) {
      end = entry.first_line;
      break;
    }
    begin = entry.first_line + 1;
  }
  const std::string shown = ";" + Quote(value.name) + "=";
  for (size_t line = begin; line < end; ++line)
    if (SameName(std::string_view(document.lines[line]).substr(0, shown.size()), shown))
      return line;
  return place.behind;
}

void Put(Document& document, const SettingValue& value) {
  const Place place = Find(document, value);
  if (place.value != nullptr) return Replace(document, *place.value, value);
  if (place.behind == 0) return Append(document, value);
  const auto before = static_cast<ptrdiff_t>(LineBefore(document, place, value));
  document.lines.insert(document.lines.begin() + before + 1,
                        LineOf(document, value, value.name, ""));
}

}  // namespace

std::optional<std::string> EditRegistry(const std::string& content, const std::string& file,
                                        const SettingValue& value, std::string& problem) {
  RegistryText text = DecodeRegistry(content);
  if (EncodeRegistry(text) != content) {
    problem = file + ": holds broken characters that would be lost; correct them in an editor";
    return std::nullopt;
  }
  if (!value.is_number && value.text.find_first_of("\r\n") != std::string::npos) {
    problem = value.name + ": a text in the settings file has one line";
    return std::nullopt;
  }
  std::vector<RegistryEntry> entries;
  if (!ParseRegistryLines(text.utf8, file, entries, problem)) return std::nullopt;
  Document document = DocumentOf(text.utf8, std::move(entries));
  Put(document, value);
  text.utf8.clear();
  for (const std::string& line : document.lines) text.utf8 += line;
  return EncodeRegistry(text);
}

bool WriteSetting(const std::string& path, const SettingValue& value, std::string& problem) {
  platform::Failure failure;
  const bool written = platform::RewriteFile(
      path, kRegistryLimit,
      [&](const std::string& content) { return EditRegistry(content, path, value, problem); },
      failure);
  if (!written && problem.empty()) problem = failure.text;
  return written;
}

}  // namespace vsapi::engine
