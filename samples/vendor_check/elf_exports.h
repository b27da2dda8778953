// SPDX-License-Identifier: Apache-2.0
//
// Which symbols a shared library shows to others, read from its file: the library is not loaded.
#pragma once

#include <string>
#include <vector>

namespace vendor_check {

// Throws std::runtime_error if the file is no ELF library of this machine's kind.
std::vector<std::string> ExportedSymbols(const std::string& path);

}  // namespace vendor_check
