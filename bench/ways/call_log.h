// SPDX-License-Identifier: Apache-2.0
//
// The file in which counted_clamav leaves a line for each scan: "DIGEST LEVEL SIZE CLEAN".
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <filesystem>

namespace store_sim::ways {

// Names the file to the DLL, which makes none.
inline constexpr char kCallLogVariable[] = "OPENVSAPI_WAYS_CALLS";

struct CallTally {
  uint64_t calls = 0;
  uint64_t bytes = 0;
  uint64_t contents = 0;  // different ones
  // Of one content by the same definitions, as long as it is clean: what is not leaves the store,
  // and is new when it comes again.
  uint64_t most_of_one = 0;
};

CallTally ReadCallLog(const std::filesystem::path& file);

}  // namespace store_sim::ways
