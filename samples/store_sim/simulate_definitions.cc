// SPDX-License-Identifier: Apache-2.0
#include "simulate_definitions.h"

#include <array>
#include <cstdio>

#include "save_file.h"
#include "simulate_mail.h"

namespace store_sim {
namespace {

namespace fs = std::filesystem;

// A line of ClamAV's format .ndb: name, any file type, anywhere, these bytes.
std::string Signature(const std::string& name, std::string_view bytes) {
  std::string line = name + ":0:*:";
  for (const char byte : bytes) {
    std::array<char, 3> digits;
    std::snprintf(digits.data(), digits.size(), "%02x", static_cast<unsigned char>(byte));
    line += digits.data();
  }
  return line + "\n";
}

}  // namespace

SimulatedDefinitions::SimulatedDefinitions(fs::path folder)
    : folder_(fs::absolute(std::move(folder))) {
  fs::create_directories(folder_);
  const fs::path first = folder_ / "simulated.ndb";
  if (!fs::exists(first))
    SaveFile(first, Signature("Simulated.Nothing", "OpenVSAPI store_sim: in no message"));
}

bool SimulatedDefinitions::Knows(unsigned sleeper) const { return fs::exists(FileOf(sleeper)); }

std::optional<unsigned> SimulatedDefinitions::AddNext() {
  unsigned next = 0;
  while (next < kSleepers && Knows(next)) ++next;
  if (next == kSleepers) return std::nullopt;
  SaveFile(FileOf(next), Signature("Simulated.Sleeper-" + std::to_string(next), SleeperMark(next)));
  return next;
}

fs::path SimulatedDefinitions::FileOf(unsigned sleeper) const {
  return folder_ / ("sleeper-" + std::to_string(sleeper) + ".ndb");
}

}  // namespace store_sim
