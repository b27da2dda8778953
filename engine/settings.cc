// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <set>
#include <utility>

#include "settings_table.h"

namespace vsapi::engine {
namespace {

std::string Quoted(const std::string& text) { return "\"" + text + "\""; }

bool Belongs(const SettingValue& value, const SettingRow& row) {
  return SameName(value.name, row.name) && SameName(value.key, row.key);
}

// The last one rules.
const SettingValue* FindValue(std::span<const SettingValue> values, const SettingRow& row) {
  const auto found = std::find_if(values.rbegin(), values.rend(),
                                  [&](const SettingValue& value) { return Belongs(value, row); });
  return found == values.rend() ? nullptr : &*found;
}

// Is it a wrong value, and so to be told of?
bool IsWrong(const SettingRow& row, const SettingValue& value, std::vector<std::string>& problems) {
  const auto wrong = WrongWith(row, value);
  if (wrong)
    problems.push_back(value.place + ": " + NameOf(row) + ": " + *wrong + "; the default is used");
  return wrong.has_value();
}

void Take(const SettingRow& row, std::span<const SettingValue> values, Settings& settings,
          std::vector<std::string>& problems) {
  const SettingValue* value = FindValue(values, row);
  if (value == nullptr || IsWrong(row, *value, problems)) return;
  if (row.text != nullptr)
    settings.*row.text = value->text;
  else
    settings.*row.number = value->number;
}

void TakeDefaults(std::string_view profile, Settings& settings) {
  for (const SettingRow& row : SettingRows())
    if (row.number != nullptr) settings.*row.number = NumberDefault(row, profile);
}

MdbSettings& SettingsOf(const std::string& mdb, Settings& settings) {
  for (MdbSettings& each : settings.mdbs)
    if (SameName(each.mdb, mdb)) return each;
  settings.mdbs.push_back({.mdb = mdb});
  return settings.mdbs.back();
}

void TakeForMdbs(std::span<const SettingValue> values, Settings& settings,
                 std::vector<std::string>& problems) {
  for (const SettingValue& value : values) {
    const SettingRow* row = RowOf(value.key, value.name);
    if (row == nullptr || row->of_mdb == nullptr || IsWrong(*row, value, problems)) continue;
    SettingsOf(*MdbOfKey(value.key), settings).*row->of_mdb = value.number;
  }
}

// How many letters to insert, take out or change (Levenshtein), whatever their case.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t change = diagonal + (SameName(a.substr(i, 1), b.substr(j, 1)) ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({row[j] + 1, row[j + 1] + 1, change}));
    }
  }
  return row.back();
}

// "; did you mean ...?", unless nothing is near.
std::string NearestTo(const std::string& name, auto is_candidate) {
  const SettingRow* nearest = nullptr;
  size_t least = name.size() / 3 + 2;
  for (const SettingRow& row : SettingRows())
    if (const size_t distance = Distance(name, row.name); distance < least && is_candidate(row)) {
      least = distance;
      nearest = &row;
    }
  return nearest == nullptr ? "" : "; did you mean " + NameOf(*nearest) + "?";
}

// A server's own values stand beside those for an MDB: there, only what looks like ours counts.
bool IsUnknown(const SettingValue& value) {
  if (value.name.empty() || RowOf(value.key, value.name) != nullptr) return false;
  if (MdbOfKey(value.key)) return SameName(std::string_view(value.name).substr(0, 9), "VirusScan");
  return SameName(value.key, kVirusScanKey) || SameName(value.key, kTransportKey);
}

void TellUnknown(const SettingValue& value, std::vector<std::string>& problems) {
  if (!IsUnknown(value)) return;
  const bool is_for_mdb = MdbOfKey(value.key).has_value();
  problems.push_back(value.place + ": there is no setting " + Quoted(value.name) +
                     "; it is left alone" + NearestTo(value.name, [&](const SettingRow& row) {
                       return is_for_mdb ? row.of_mdb != nullptr : SameName(row.key, value.key);
                     }));
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

std::string ValueForMdb(const SettingRow& row, const Settings& settings, const std::string& mdb) {
  for (const MdbSettings& each : settings.mdbs)
    if (SameName(each.mdb, mdb) && each.*row.of_mdb) return std::to_string(*(each.*row.of_mdb));
  return "as for all";
}

void AddDifferencesOf(const std::string& mdb, const Settings& before, const Settings& after,
                      std::vector<std::string>& found) {
  for (const SettingRow& row : SettingRows()) {
    if (row.of_mdb == nullptr) continue;
    const std::string was = ValueForMdb(row, before, mdb), is = ValueForMdb(row, after, mdb);
    if (was != is) found.push_back(NameOf(row) + " of " + mdb + " was " + was + ", is " + is);
  }
}

}  // namespace

Settings::Settings() {
  for (const SettingRow& row : SettingRows())
    if (row.text != nullptr) this->*row.text = row.text_otherwise;
  TakeDefaults(profile, *this);
}

PolicySettings Settings::Policy() const {
  PolicySettings policy;
  if (infected_action == "quarantine") policy.infected = InfectedAction::kQuarantine;
  if (infected_action == "delete-part") policy.infected = InfectedAction::kDeletePart;
  policy.delete_message = enable_scan_deletion != 0 && (profile == "2.5" || profile == "2.6");
  return policy;
}

InfectedMessage Settings::ForInfectedMessages() const {
  if (transport_infected_action == "quarantine") return InfectedMessage::kQuarantine;
  if (transport_infected_action == "replace-part") return InfectedMessage::kReplacePart;
  return InfectedMessage::kReject;
}

GivenUpMessage Settings::ForGivenUpMessages() const {
  if (transport_failed_action == "reject") return GivenUpMessage::kReject;
  if (transport_failed_action == "deliver") return GivenUpMessage::kDeliver;
  return GivenUpMessage::kQuarantine;
}

unsigned Settings::ProfileNumber() const {
  return static_cast<unsigned>(10 * (profile[0] - '0') + (profile[2] - '0'));
}

bool Settings::ScansTransport() const {
  const unsigned number = ProfileNumber();
  return number == 10 || (number >= 25 && transport_enabled != 0);
}

uint64_t Settings::TransportTries() const {
  return ProfileNumber() == 10 ? send_retries : transport_retries;
}

// Twice as long each time, up to an hour.
uint64_t Settings::TransportRetryAfterMs(uint64_t tries) const {
  if (ProfileNumber() == 10) return send_retry_interval_ms;
  constexpr uint64_t kLongestMs = 3'600'000, kMostDoublings = 20;
  const uint64_t doublings = std::min(tries == 0 ? 0 : tries - 1, kMostDoublings);
  const uint64_t longest = std::max(kLongestMs, transport_retry_interval_ms);
  return std::min(transport_retry_interval_ms << doublings, longest);
}

bool Settings::ThreadsOutOfRange(unsigned cpus) const {
  if (scanning_threads == 0) return false;
  return 2 * scanning_threads < cpus + 1u || scanning_threads > 5u * cpus + 1u;
}

unsigned Settings::PoolThreads(unsigned cpus) const {
  if (scanning_threads == 0 || ThreadsOutOfRange(cpus)) return 2 * cpus + 1;
  return static_cast<unsigned>(scanning_threads);
}

bool Settings::EnabledFor(std::string_view mdb) const {
  return Own(mdb, &MdbSettings::enabled, enabled) != 0;
}

// 1.0 had none.
bool Settings::ProactiveFor(std::string_view mdb) const {
  return ProfileNumber() != 10 && EnabledFor(mdb) &&
         Own(mdb, &MdbSettings::proactive, proactive) != 0;
}

bool Settings::BackgroundFor(std::string_view mdb) const {
  return EnabledFor(mdb) && Own(mdb, &MdbSettings::background, background) != 0;
}

bool Settings::ScansKind(int32_t kind) const {
  return scan_rtf != 0 || kind != VSAPI_ITEM_RTF_BODY;
}

bool Settings::IsEnabledAnywhere() const {
  return enabled != 0 || std::any_of(mdbs.begin(), mdbs.end(), [](const MdbSettings& each) {
           return each.enabled.value_or(0) != 0;
         });
}

uint64_t Settings::Own(std::string_view mdb, std::optional<uint64_t> MdbSettings::*own,
                       uint64_t for_all) const {
  const auto found = std::find_if(mdbs.begin(), mdbs.end(), [mdb](const MdbSettings& each) {
    return SameName(each.mdb, BareMdbName(mdb));
  });
  return found == mdbs.end() ? for_all : ((*found).*own).value_or(for_all);
}

Settings MakeSettings(std::span<const SettingValue> values, std::vector<std::string>& problems) {
  Settings settings;
  std::vector<std::string> told_below;
  Take(*FindSetting("Profile", false), values, settings, told_below);
  TakeDefaults(settings.profile, settings);
  for (const SettingRow& row : SettingRows())
    if (row.of_mdb == nullptr) Take(row, values, settings, problems);
  TakeForMdbs(values, settings, problems);
  for (const SettingValue& value : values) TellUnknown(value, problems);
  return settings;
}

bool HasWrongEnabled(std::span<const SettingValue> values, std::string& problem) {
  const SettingRow& enabled = *FindSetting("Enabled", false);
  const SettingValue* value = FindValue(values, enabled);
  const auto wrong = value == nullptr ? std::nullopt : WrongWith(enabled, *value);
  if (wrong) problem = value->place + ": Enabled: " + *wrong;
  return wrong.has_value();
}

std::optional<SettingValue> ParseSetting(const std::string& name, const std::string& text,
                                         const std::string& mdb, std::string& problem) {
  const bool is_for_mdb = !mdb.empty();
  const SettingRow* row = FindSetting(name, is_for_mdb);
  if (row == nullptr) {
    problem = "there is no setting " + Quoted(name) + (is_for_mdb ? " for one MDB" : "") +
              NearestTo(name, [&](const SettingRow& each) {
                return (each.of_mdb != nullptr) == is_for_mdb;
              });
    return std::nullopt;
  }
  const std::optional<uint64_t> number = ParseNumber(text);
  SettingValue value{.key = row->key, .name = row->name, .text = text, .place = "given"};
  value.is_number = row->text == nullptr && number.has_value();
  value.number = number.value_or(0);
  if (is_for_mdb) value.key += "\\Local\\Private-" + std::string(BareMdbName(mdb));
  const auto wrong = WrongWith(*row, value);
  if (!wrong) return value;
  problem = "setting " + name + ": " + *wrong;
  return std::nullopt;
}

std::vector<std::string> Differences(const Settings& before, const Settings& after) {
  std::vector<std::string> found;
  for (const SettingRow& row : SettingRows()) {
    const std::string was = ValueOf(row, before), is = ValueOf(row, after);
    if (was == is) continue;
    const auto shown = [&](const std::string& value) {
      return row.text != nullptr ? Quoted(value) : value;
    };
    found.push_back(NameOf(row) + " was " + shown(was) + ", is " + shown(is));
  }
  std::set<std::string> mdbs;
  for (const auto* settings : {&before, &after})
    for (const MdbSettings& each : settings->mdbs) mdbs.insert(each.mdb);
  for (const std::string& mdb : mdbs) AddDifferencesOf(mdb, before, after, found);
  return found;
}

}  // namespace vsapi::engine
