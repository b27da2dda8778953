// SPDX-License-Identifier: Apache-2.0
//
// The settings file that a new store begins with: virusscan.reg, as regedit would export it.
#pragma once

#include <filesystem>

namespace store_sim {

inline constexpr char kRegistryFileName[] = "virusscan.reg";

// Writes DIR/virusscan.reg; leaves one alone that is there already.
void WriteRegistryFile(const std::filesystem::path& folder);

}  // namespace store_sim
