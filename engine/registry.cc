// SPDX-License-Identifier: Apache-2.0
#include "registry.h"

#include "platform.h"
#include "registry_lines.h"
#include "registry_text.h"
#include "settings_table.h"

namespace vsapi::engine {
namespace {

void Apply(const RegistryEntry& entry, std::vector<SettingValue>& values) {
  using enum RegistryEntry::Kind;
  if (entry.key.empty()) return;
  if (entry.kind == kValue) values.push_back(entry.value);
  std::erase_if(values, [&](const SettingValue& each) {
    if (entry.kind == kDeletedKey) return IsWithinKey(each.key, entry.key);
    return entry.kind == kDeletedValue && SameName(each.key, entry.key) &&
           SameName(each.name, entry.value.name);
  });
}

}  // namespace

bool IsWithinKey(const std::string& key, const std::string& parent) {
  return SameName(key.substr(0, parent.size()), parent) &&
         (key.size() == parent.size() || key[parent.size()] == '\\');
}

bool ParseRegistry(std::string_view content, const std::string& file,
                   std::vector<SettingValue>& values, std::string& problem) {
  std::vector<RegistryEntry> entries;
  const bool good = ParseRegistryLines(DecodeRegistry(content).utf8, file, entries, problem);
  for (const RegistryEntry& entry : entries) Apply(entry, values);
  return good;
}

bool ReadRegistry(const std::string& path, std::vector<SettingValue>& values,
                  std::string& problem) {
  platform::Failure failure;
  const auto content = platform::ReadFile(path, kRegistryLimit, failure);
  if (!content) {
    problem = failure.text;
    return false;
  }
  return ParseRegistry(*content, path, values, problem);
}

}  // namespace vsapi::engine
