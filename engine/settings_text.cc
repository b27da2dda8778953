// SPDX-License-Identifier: Apache-2.0
#include "settings_text.h"

#include <algorithm>
#include <stdexcept>

#include "registry_value.h"

namespace vsapi::engine {
namespace {

constexpr char kSettingsPageHead[] = R"(<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Made from engine/settings_table.cc by `cmake --build build/release --target docs`. -->
# The settings

From the `.reg` file that the host names (Windows Registry Editor 5.00 text, UTF-8 or UTF-16LE); values that the host gives itself rule
over it. Read at start, when the file changes, every 60 s, and by `vsapi_reload`. What is absent has its default; a wrong value counts as
absent, a name that nobody knows is left alone, and both are event 1002. A malformed file keeps the last good settings (event 1003), and
so does a wrong value of `Enabled`.
)";

struct Section {
  const char* key;
  const char* title;
};
constexpr Section kSections[] = {
    {kVirusScanKey,
     "`HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\"
     "VirusScan`"},
    {kTransportKey,
     "`HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Exchange\\TransportAVAPI` (a host "
     "says `TransportAVAPI\\Enabled`)"},
    {kStoresKey,
     "For one MDB: `HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\"
     "MSExchangeIS\\SERVER\\Private-MDB` (or `Public-MDB`, or `MDB`; SERVER is not "
     "looked at)"},
};

constexpr char kFileHead[] =
    "Windows Registry Editor Version 5.00\n\n"
    "; How this store is scanned. Read at start, when the file changes, and every 60 seconds. A\n"
    "; line that begins with ; is a comment, and shows the default.\n";

std::string Code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

std::string DefaultText(const SettingRow& row) {
  if (row.of_mdb != nullptr) return "as for all";
  std::string text = DefaultOf(row, "1.0");
  if (row.since_profile != nullptr)
    text += "; from profile " + std::string(row.since_profile) + " on " +
            std::to_string(row.otherwise_there);
  return text;
}

std::string MarkdownRow(const SettingRow& row) {
  return "| " + Code(row.name) + " | " + TypeOf(row) + " | " + DefaultText(row) + " | " +
         RangeOf(row) + " | " + row.since + " | " + row.effect + " | " + row.source + " |\n";
}

// Without the marks of Markdown, in lines that begin with "; ".
std::string Comment(std::string text) {
  std::erase_if(text, [](char c) { return c == '*' || c == '`'; });
  constexpr size_t kWidth = 96;
  std::string out;
  while (text.size() > kWidth) {
    const size_t space = text.rfind(' ', kWidth);
    if (space == std::string::npos) break;
    out += "; " + text.substr(0, space) + "\n";
    text.erase(0, space + 1);
  }
  return out + "; " + text + "\n";
}

std::string About(const SettingRow& row) {
  std::string about = std::string(row.effect) + ".";
  const std::string range = RangeOf(row);
  const std::string gap = range.empty() || *row.unit == '\0' ? "" : " ";
  if (!range.empty() || *row.unit != '\0') about += " (" + range + gap + row.unit + ")";
  return Comment(about);
}

SettingValue DefaultValue(const SettingRow& row) {
  SettingValue value{.key = row.key, .name = row.name, .text = row.text_otherwise};
  value.is_number = row.text == nullptr;
  value.number = NumberDefault(row, Settings().profile);
  return value;
}

std::string Line(const SettingValue& value) {
  return Quote(value.name) + "=" + RegistryData(value) + "\n";
}

std::string FileEntry(const SettingRow& row, const std::vector<SettingValue>& given) {
  for (const SettingValue& value : given)
    if (RowOf(value.key, value.name) == &row) return "\n" + About(row) + Line(value);
  return "\n" + About(row) + ";" + Line(DefaultValue(row));
}

SettingValue Checked(const std::pair<std::string, std::string>& given) {
  std::string problem;
  const auto value = ParseSetting(given.first, given.second, "", problem);
  if (!value) throw std::invalid_argument(problem);
  return *value;
}

}  // namespace

std::string TypeOf(const SettingRow& row) {
  if (row.text != nullptr) return "sz";
  return *row.unit == '\0' ? "dword" : std::string("dword, ") + row.unit;
}

std::string RangeOf(const SettingRow& row) {
  std::string range = row.choices;
  if (row.text == nullptr && row.max == 1) range = "0|1";
  for (size_t at = 0; (at = range.find('|', at)) != std::string::npos; at += 2)
    range.replace(at, 1, ", ");
  const bool is_bounded =
      row.text == nullptr && row.max > 1 && (row.min > 0 || row.max < UINT32_MAX);
  return is_bounded ? std::to_string(row.min) + " to " + std::to_string(row.max) : range;
}

std::string SettingsMarkdown() {
  std::string text = kSettingsPageHead;
  for (const Section& section : kSections) {
    text += std::string("\n## ") + section.title +
            "\n\n| name | type | default | range | VSAPI | effect | source |\n"
            "|---|---|---|---|---|---|---|\n";
    for (const SettingRow& row : SettingRows())
      if (std::string_view(row.key) == section.key) text += MarkdownRow(row);
  }
  return text;
}

std::string DefaultRegistryFile(const std::vector<std::pair<std::string, std::string>>& given) {
  std::vector<SettingValue> values;
  std::transform(given.begin(), given.end(), std::back_inserter(values), Checked);
  std::string text = kFileHead;
  for (const Section& section : {kSections[0], kSections[1]}) {
    text += std::string("\n[HKEY_LOCAL_MACHINE\\") + section.key + "]\n";
    for (const SettingRow& row : SettingRows())
      if (std::string_view(row.key) == section.key) text += FileEntry(row, values);
  }
  text += "\n; One MDB may differ, here one of the name NAME.\n;[HKEY_LOCAL_MACHINE\\" +
          std::string(kStoresKey) + "\\Local\\Private-NAME]\n";
  for (const SettingRow& row : SettingRows())
    if (row.of_mdb != nullptr) text += FileEntry(row, {});
  return text;
}

}  // namespace vsapi::engine
