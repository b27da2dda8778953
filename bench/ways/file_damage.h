// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a store when a file-level scanner does to its files what such scanners do with
// files that they find something in.
//
// Thread safety: one thread.
#pragma once

#include <filesystem>

#include "way_records.h"

namespace store_sim::ways {

// Tries each on a copy of `store`, whose host was killed, and really opens it then.
void RecordFileDamage(const std::filesystem::path& store, Records& records);

}  // namespace store_sim::ways
