// SPDX-License-Identifier: Apache-2.0
//
// A .reg file line by line: which line names a key, which ones give or delete a value. What that
// comes to is registry.h's business, and changing it registry_edit.h's.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings.h"

namespace vsapi::engine {

struct RegistryEntry {
  enum class Kind { kKey, kDeletedKey, kValue, kDeletedValue } kind = Kind::kKey;
  size_t first_line = 0, last_line = 0;  // from 0
  // Its key (which stands in `value` too, where there is one) without the hive; "" outside of
  // HKEY_LOCAL_MACHINE, and behind a deleted key.
  std::string key = {};
  SettingValue value = {};
  std::string comment = {};  // behind the value, with its ;
};

// With their line ends.
std::vector<std::string_view> LinesOf(std::string_view text);

// The entries of `utf8` in their order, or false with `problem` = "file:line: what is wrong".
bool ParseRegistryLines(std::string_view utf8, const std::string& file,
                        std::vector<RegistryEntry>& entries, std::string& problem);

}  // namespace vsapi::engine
