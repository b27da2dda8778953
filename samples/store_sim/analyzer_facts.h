// SPDX-License-Identifier: Apache-2.0
//
// Collects what the analyzer's rules look at: settings, the vendor's file, the running host, the
// machine's file-level scanners.
//
// Thread safety: any thread.
#pragma once

#include <filesystem>

#include "analyzer.h"

namespace store_sim {

// `root` is where /etc and /proc are looked for.
Facts CollectFacts(const std::filesystem::path& store, const std::filesystem::path& root = "/");

}  // namespace store_sim
