// SPDX-License-Identifier: Apache-2.0
//
// Is an MDB sound? SQLite's own checks, then ours: each content is decoded and its digest taken,
// and what the tables say of each other is held against each other.
//
// Thread safety: any thread; reads the database by a connection of its own, beside a running host.
#pragma once

#include <functional>
#include <string>

#include "mdb.h"

namespace store_sim {

struct MdbCheck {
  uint64_t messages = 0;
  uint64_t contents = 0;
  uint64_t problems = 0;
};

// A line for each problem goes to `tell`.
MdbCheck CheckMdb(Mdb& mdb, const std::filesystem::path& file,
                  const std::function<void(const std::string& line)>& tell);

}  // namespace store_sim
