// SPDX-License-Identifier: Apache-2.0
//
// Who asks for a message, by the names that commands take. All but clients are exempt: they get it
// unscanned, and are counted.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "vsapi/host/vsapi_host.h"

namespace store_sim {

struct WhoAsks {
  const char* name;
  int32_t access;
};

inline constexpr std::array<WhoAsks, 5> kAccessNames{{{"client", VSAPI_ACCESS_ON_DEMAND},
                                                      {"move", VSAPI_ACCESS_MOVE},
                                                      {"replication", VSAPI_ACCESS_REPLICATION},
                                                      {"backup", VSAPI_ACCESS_BACKUP},
                                                      {"system", VSAPI_ACCESS_SYSTEM}}};

// 0: there is none of that name.
inline int32_t AccessOf(const std::string& name) {
  for (const WhoAsks& each : kAccessNames)
    if (name == each.name) return each.access;
  return 0;
}

}  // namespace store_sim
