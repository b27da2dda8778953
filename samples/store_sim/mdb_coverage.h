// SPDX-License-Identifier: Apache-2.0
//
// How much of an MDB is scanned by who scans now: its items, and those of them whose stamp is
// current.
//
// Thread safety: any thread; reads the database by a connection of its own.
#pragma once

#include <cstdint>
#include <filesystem>

#include "vsapi/host/engine.h"

namespace store_sim {

struct Coverage {
  uint64_t items = 0;
  uint64_t current = 0;
};

// What background scanning compares stamps with.
vsapi::Level LevelOf(const vsapi::Status& now);

Coverage CoverageOf(const std::filesystem::path& mdb_file, const vsapi::Status& now);

}  // namespace store_sim
