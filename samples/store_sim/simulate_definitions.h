// SPDX-License-Identifier: Apache-2.0
//
// The folder of definitions that a simulation gives to the clamav vendor: a file that knows nothing
// of its mail, and one for each sleeper that is known. It is the memory of what is known, too.
//
// Thread safety: one thread at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace store_sim {

class SimulatedDefinitions {
 public:
  // Makes the folder and its first file where they are missing.
  explicit SimulatedDefinitions(std::filesystem::path folder);

  // For the setting Parameters.
  std::string parameters() const { return "definitions=" + folder_.string(); }

  bool Knows(unsigned sleeper) const;
  // Makes the next one known to a vendor that loads the folder from now on; none: all are.
  std::optional<unsigned> AddNext();

 private:
  std::filesystem::path FileOf(unsigned sleeper) const;

  const std::filesystem::path folder_;
};

}  // namespace store_sim
