// SPDX-License-Identifier: Apache-2.0
//
// The table of the settings as text: settings.md for readers, and the .reg file of a new store.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "settings_table.h"

namespace vsapi::engine {

std::string SettingsMarkdown();

// A .reg file that explains each setting: those of `given` (name, value) are set, the others stand
// as comments with their defaults. Each of `given` must be one that ParseSetting takes.
std::string DefaultRegistryFile(const std::vector<std::pair<std::string, std::string>>& given);

// "dword, s", "sz".
std::string TypeOf(const SettingRow& row);
// "1 to 86400", "a, b", or "".
std::string RangeOf(const SettingRow& row);

}  // namespace vsapi::engine
