// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace vsapi::engine {
namespace {

// One row per setting: exactly one of `number` and `text` is set. engine/README.md holds the same
// table for readers, with the meanings.
struct Row {
  const char* name;
  const char* key;
  uint64_t Settings::*number;
  uint64_t min, max;
  std::string Settings::*text;
  const char* choices;  // "a|b": what the text may be; "" anything
};

constexpr Row Number(const char* name, uint64_t Settings::*member, uint64_t min, uint64_t max,
                     const char* key = kVirusScanKey) {
  return {name, key, member, min, max, nullptr, ""};
}
constexpr Row Text(const char* name, std::string Settings::*member, const char* choices = "") {
  return {name, kVirusScanKey, nullptr, 0, 0, member, choices};
}

constexpr uint64_t kDword = 0xFFFFFFFF;

constexpr Row kRows[] = {
    Number("Enabled", &Settings::enabled, 0, 1),
    Text("Library", &Settings::library),
    Text("Parameters", &Settings::parameters),
    Text("Vendor", &Settings::vendor),
    Number("Version", &Settings::version, 0, kDword),
    Number("ProactiveScanning", &Settings::proactive, 0, 1),
    Number("ScanningThreads", &Settings::scanning_threads, 0, kDword),
    Number("ScanTimeout", &Settings::scan_timeout_s, 1, 86400),
    Number("ReloadNow", &Settings::reload_now, 0, 1),
    Number("EnableScanDeletion", &Settings::enable_scan_deletion, 0, 1),
    Number("Enabled", &Settings::transport_enabled, 0, 1, kTransportKey),
    Number("VendorTimeout", &Settings::vendor_timeout_s, 1, 86400),
    Number("ProactiveLimit", &Settings::proactive_limit, 1, 100000),
    Number("MaxWaiters", &Settings::max_waiters, 0, 100000),
    Number("MaxRequests", &Settings::max_requests, 1, 10000000),
    Text("InfectedAction", &Settings::infected_action, "notice|quarantine|delete-part"),
    Text("Profile", &Settings::profile, "1.0|2.0|2.5|2.6"),
};

bool SameName(const std::string& a, const char* b) { return strcasecmp(a.c_str(), b) == 0; }

bool IsOneOf(const std::string& value, std::string choices) {
  choices = "|" + choices + "|";
  return value.find('|') == std::string::npos &&
         choices.find("|" + value + "|") != std::string::npos;
}

std::string Quoted(const std::string& text) { return "\"" + text + "\""; }

// What is wrong with `value` for `row`, or nothing and it is set.
std::optional<std::string> Set(const Row& row, const SettingValue& value, Settings& settings) {
  if (row.number != nullptr) {
    if (!value.is_number) return "must be a number (dword)";
    if (value.number < row.min || value.number > row.max)
      return std::to_string(value.number) + " is not within " + std::to_string(row.min) + " to " +
             std::to_string(row.max);
    settings.*row.number = value.number;
    return std::nullopt;
  }
  if (value.is_number) return "must be a text";
  if (*row.choices != '\0' && !IsOneOf(value.text, row.choices))
    return Quoted(value.text) + " is not one of " + row.choices;
  settings.*row.text = value.text;
  return std::nullopt;
}

// With the last part of its key before it: "TransportAVAPI\\Enabled".
std::string Qualified(const Row& row) {
  const std::string key = row.key;
  return key.substr(key.rfind('\\') + 1) + "\\" + row.name;
}

std::optional<uint64_t> ParseNumber(const std::string& text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const char* begin = text.data() + (hex ? 2 : 0);
  const char* end = text.data() + text.size();
  uint64_t number = 0;
  const auto [stop, error] = std::from_chars(begin, end, number, hex ? 16 : 10);
  if (error != std::errc() || stop != end || begin == end) return std::nullopt;
  return number;
}

}  // namespace

PolicySettings Settings::Policy() const {
  PolicySettings policy;
  if (infected_action == "quarantine") policy.infected = InfectedAction::kQuarantine;
  if (infected_action == "delete-part") policy.infected = InfectedAction::kDeletePart;
  policy.delete_message = enable_scan_deletion != 0 && (profile == "2.5" || profile == "2.6");
  return policy;
}

bool Settings::ThreadsOutOfRange(unsigned cpus) const {
  if (scanning_threads == 0) return false;
  return 2 * scanning_threads < cpus + 1u || scanning_threads > 5u * cpus + 1u;
}

unsigned Settings::PoolThreads(unsigned cpus) const {
  if (scanning_threads == 0 || ThreadsOutOfRange(cpus)) return 2 * cpus + 1;
  return static_cast<unsigned>(scanning_threads);
}

Settings MakeSettings(std::span<const SettingValue> values, std::vector<std::string>& problems) {
  Settings settings;
  for (const SettingValue& value : values)
    for (const Row& row : kRows) {
      if (!SameName(value.name, row.name) || !SameName(value.key, row.key)) continue;
      if (const auto wrong = Set(row, value, settings))
        problems.push_back(value.place + ": " + row.name + ": " + *wrong + "; the default is used");
    }
  return settings;
}

bool HasWrongEnabled(std::span<const SettingValue> values, std::string& problem) {
  Settings scratch;
  const Row& enabled = kRows[0];
  for (const SettingValue& value : values) {
    if (!SameName(value.name, enabled.name) || !SameName(value.key, enabled.key)) continue;
    if (const auto wrong = Set(enabled, value, scratch)) {
      problem = value.place + ": Enabled: " + *wrong;
      return true;
    }
  }
  return false;
}

bool ApplyText(const std::string& name, const std::string& value, Settings& settings,
               std::string& problem) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& each) {
    const bool is_main = std::string_view(each.key) == kVirusScanKey;
    return SameName(name, is_main ? each.name : Qualified(each).c_str());
  });
  if (row == std::end(kRows)) {
    problem = "there is no setting " + Quoted(name);
    return false;
  }
  const std::optional<uint64_t> number = ParseNumber(value);
  SettingValue typed;
  typed.is_number = row->number != nullptr && number.has_value();
  typed.number = number.value_or(0);
  typed.text = value;
  const auto wrong = Set(*row, typed, settings);
  if (wrong) problem = "setting " + name + ": " + *wrong;
  return !wrong;
}

}  // namespace vsapi::engine
