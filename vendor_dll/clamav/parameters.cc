// SPDX-License-Identifier: GPL-2.0-only
#include "parameters.h"

#include "../common/key_values.h"

namespace vsapi::clamav {

Parameters ParseParameters(std::string_view text) {
  using Text = std::string_view;
  Parameters p;
  ParseKeyValues(
      text,
      {{"definitions", "an absolute path",
        [&](Text v) { return ToAbsolutePath(v, &p.definitions); }},
       {"temp", "an absolute path", [&](Text v) { return ToAbsolutePath(v, &p.temp); }},
       {"max_file_size", kSizesAllowed, [&](Text v) { return ToSize(v, &p.max_file_size); }},
       {"max_scan_size", kSizesAllowed, [&](Text v) { return ToSize(v, &p.max_scan_size); }},
       {"max_recursion", "1 to 100", [&](Text v) { return ToNumber(v, 1, 100, &p.max_recursion); }},
       {"max_files", "1 to 1000000", [&](Text v) { return ToNumber(v, 1, 1000000, &p.max_files); }},
       {"max_scan_seconds", "1 to 3600",
        [&](Text v) { return ToNumber(v, 1, 3600, &p.max_scan_seconds); }},
       {"memory_budget", kMemoryAllowed, [&](Text v) { return ToMemory(v, &p.memory_budget); }},
       {"heuristics", "on or off", [&](Text v) { return ToSwitch(v, &p.heuristics); }},
       {"pua", "on or off", [&](Text v) { return ToSwitch(v, &p.pua); }}});
  if (p.max_scan_size < p.max_file_size)
    RefuseParameters("key 'max_scan_size' can't be below max_file_size");
  return p;
}

}  // namespace vsapi::clamav
