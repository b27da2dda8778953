// SPDX-License-Identifier: Apache-2.0
#include "parameters.h"

#include "../common/key_values.h"

namespace vsapi::yara {

Parameters ParseParameters(std::string_view text) {
  using Text = std::string_view;
  Parameters p;
  ParseKeyValues(
      text,
      {{"rules", "an absolute path", [&](Text v) { return ToAbsolutePath(v, &p.rules); }},
       {"max_size", kSizesAllowed, [&](Text v) { return ToSize(v, &p.max_size); }},
       {"memory_budget", kMemoryAllowed, [&](Text v) { return ToMemory(v, &p.memory_budget); }},
       {"strict", "on or off", [&](Text v) { return ToSwitch(v, &p.strict); }},
       {"includes", "on or off", [&](Text v) { return ToSwitch(v, &p.includes); }},
       {"properties", "on or off", [&](Text v) { return ToSwitch(v, &p.properties); }}});
  return p;
}

}  // namespace vsapi::yara
