// SPDX-License-Identifier: Apache-2.0
//
// Reads the settings file: "Windows Registry Editor Version 5.00" text as `reg export` writes it,
// in UTF-8 or UTF-16LE. Values under HKEY_LOCAL_MACHINE of type dword, string, hex(b) (qword) and
// deletions ("name"=-) are understood; other types are skipped, since they belong to somebody else.
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

}  // namespace vsapi::engine
