// SPDX-License-Identifier: Apache-2.0
//
// Reads the settings file: "Windows Registry Editor Version 5.00" text as `reg export` writes it,
// in UTF-8 or UTF-16LE, top to bottom, as importing it would: a later line rules, "name"=- and
// [-key] take back. Only what is under HKEY_LOCAL_MACHINE counts.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings.h"

namespace vsapi::engine {

// All values of `content`, or false with `problem` = "file:line: what is wrong".
bool ParseRegistry(std::string_view content, const std::string& file,
                   std::vector<SettingValue>& values, std::string& problem);

// Reads and parses `path`; false with `problem` filled.
bool ReadRegistry(const std::string& path, std::vector<SettingValue>& values, std::string& problem);

// Is `key` this one, or under it?
bool IsWithinKey(const std::string& key, const std::string& parent);

inline constexpr size_t kRegistryLimit = 4 * 1024 * 1024;  // bytes of a file

}  // namespace vsapi::engine
