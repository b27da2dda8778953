// SPDX-License-Identifier: Apache-2.0
//
// The one table of all settings: what each is called, where it stands, what it may be, what it does
// and who says so. Defaults, checks, the documentation and the file of a new store come from it.
//
// Thread safety: constants and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "settings.h"

namespace vsapi::engine {

inline constexpr char kVirusScanKey[] =
    "SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\VirusScan";
inline constexpr char kTransportKey[] = "Software\\Microsoft\\Exchange\\TransportAVAPI";
// Under it, for each MDB: SERVER\Private-MDB, SERVER\Public-MDB or SERVER\MDB. One file is for one
// server, whose name is not looked at.
inline constexpr char kStoresKey[] = "SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS";

// Exactly one of `number`, `text` and `of_mdb` is set.
struct SettingRow {
  const char* name;
  const char* key = kVirusScanKey;
  uint64_t Settings::*number = nullptr;
  std::string Settings::*text = nullptr;
  std::optional<uint64_t> MdbSettings::*of_mdb = nullptr;  // absent: what holds for all

  uint64_t otherwise = 0;  // the default of a number
  uint64_t min = 0, max = UINT32_MAX;
  const char* text_otherwise = "";
  const char* choices = "";  // "a|b": what a text may be; "" anything
  // What is wrong with a text that is not its default, or null; null: nothing ever is.
  const char* (*wrong_with)(const std::string& text) = nullptr;
  // In this profile, and in those after it, the default is another one.
  const char* since_profile = nullptr;
  uint64_t otherwise_there = 0;

  const char* unit = "";
  const char* since;        // the VSAPI that it comes from, or "ours"
  const char* source = "";  // who documents it; "recalled": nobody, by memory alone
  const char* effect;
};

std::span<const SettingRow> SettingRows();

// The row of that name; outside the key VirusScan with the last part of its key before it. With
// `is_for_mdb`, among those for an MDB, "VirusScan" before the name may be left out. Or null.
const SettingRow* FindSetting(const std::string& name, bool is_for_mdb);
// "Enabled", "TransportAVAPI\Enabled".
std::string NameOf(const SettingRow& row);
// Its default in `profile`, as text.
std::string DefaultOf(const SettingRow& row, const std::string& profile);
uint64_t NumberDefault(const SettingRow& row, std::string_view profile);
// What is wrong with `value` for `row`, or nothing.
std::optional<std::string> WrongWith(const SettingRow& row, const SettingValue& value);
// Its value in `settings`, as text.
std::string ValueOf(const SettingRow& row, const Settings& settings);

// The MDB that a key is for, by its bare name: the last of two parts under kStoresKey.
std::optional<std::string> MdbOfKey(const std::string& key);
// Without Private- or Public-.
std::string_view BareMdbName(std::string_view mdb);
// The row that a value under `key` belongs to, or null.
const SettingRow* RowOf(const std::string& key, const std::string& name);

// Registry names and keys compare so.
bool SameName(std::string_view a, std::string_view b);

}  // namespace vsapi::engine
