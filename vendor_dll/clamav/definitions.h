// SPDX-License-Identifier: GPL-2.0-only
//
// Which definitions are there: the folder, its files, and the identity that the engine stamps items
// with. Reads and compares, loads nothing (clam_engine.h does). [control]
#ifndef VSAPI_VENDOR_DLL_CLAMAV_DEFINITIONS_H_
#define VSAPI_VENDOR_DLL_CLAMAV_DEFINITIONS_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "../common/definition_files.h"

namespace vsapi::clamav {

// One look at a folder. Two equal ones hold the same definitions.
struct Definitions {
  std::string folder;  // "" : none are installed, the built-in test definitions stand in
  std::vector<DefinitionFile> files;
  bool operator==(const Definitions&) const = default;
  bool installed() const { return !folder.empty(); }
};

struct DefinitionsIdentity {
  // Build time of the newest in nanoseconds since 1970: a database says it in its header, of a
  // plain file it is the time of last change. Built-in ones count as 1, so that any others are
  // newer.
  uint64_t version = 1;
  std::array<uint8_t, 32> digest{};  // SHA-256 of names and contents
};

// Looks at `given`, or at libclamav's own folder if `given` is "". A given folder that is missing
// or holds no definitions is returned with an empty list.
Definitions FindDefinitions(const std::string& given);

// Reads every file; throws Failure when one can't be read.
DefinitionsIdentity Identify(const Definitions& definitions);

// The memory that they will take once loaded, in bytes, estimated from the sizes of the files by
// what was measured (README.md, Memory).
uint64_t EstimateMemory(const Definitions& definitions);

// Few enough for the matcher that is faster with few (CL_ENGINE_AC_ONLY, see clam_engine.cc): fewer
// than 4,000 lines in the files that hold body signatures, and no database container. Hash
// signatures don't count: they cost nothing at scan time.
bool AreFew(const Definitions& definitions);

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_DEFINITIONS_H_
