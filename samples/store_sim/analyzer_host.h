// SPDX-License-Identifier: Apache-2.0
//
// What the running host tells the analyzer: its queue, its vendor, and how that was loaded.
//
// Thread safety: any thread.
#pragma once

#include <filesystem>

#include "analyzer.h"

namespace store_sim {

// Adds nothing where no host of this store is running.
void AskHost(const std::filesystem::path& store, Facts& facts);

}  // namespace store_sim
