// SPDX-License-Identifier: Apache-2.0
//
// What the analyzer finds in the event file that the engine writes (setting EventFile).
//
// Thread safety: any thread.
#pragma once

#include <filesystem>

#include "analyzer.h"

namespace store_sim {

// The last megabytes of it and of the file before it; a line that is none of the engine's is passed
// over.
void ReadJournal(const std::filesystem::path& file, Facts& facts);

}  // namespace store_sim
