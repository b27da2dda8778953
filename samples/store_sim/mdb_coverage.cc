// SPDX-License-Identifier: Apache-2.0
#include "mdb_coverage.h"

#include <algorithm>
#include <cstring>

#include "database.h"
#include "vsapi/host/vsapi_host.h"

namespace store_sim {
namespace {

// A few rows, whatever the MDB holds: the engine's own rule is asked about each.
constexpr char kGroups[] =
    "SELECT vendor, version, definitions, verdict, since, items FROM stamp_counts";

template <size_t N>
void Copy(const std::string& from, char (&to)[N]) {
  std::memcpy(to, from.data(), std::min(from.size(), N - 1));
}

vsapi_stamp ReadStamp(Statement& row) {
  vsapi_stamp stamp = {};
  Copy(row.Text(), stamp.vendor);
  stamp.version = static_cast<uint64_t>(row.Number());
  const std::string definitions = row.Blob();
  std::memcpy(&stamp.definitions, definitions.data(),
              std::min(definitions.size(), sizeof stamp.definitions));
  stamp.verdict = static_cast<int32_t>(row.Number());
  stamp.generation = static_cast<uint64_t>(row.Number());
  return stamp;
}

}  // namespace

vsapi::Level LevelOf(const vsapi::Status& now) {
  vsapi_level level = {};
  level.struct_size = sizeof level;
  std::memcpy(level.vendor, now.vendor, sizeof level.vendor);
  level.version = now.version;
  level.generation = now.generation;
  level.definitions = now.definitions;
  level.since_generation = now.since_generation;
  return level;
}

Coverage CoverageOf(const std::filesystem::path& mdb_file, const vsapi::Status& now) {
  const vsapi_level level = LevelOf(now);
  Database database(mdb_file, Access::kRead);
  Coverage coverage;
  for (Statement row = database.Prepare(kGroups); row.Step();) {
    const vsapi_stamp stamp = ReadStamp(row);
    const auto count = static_cast<uint64_t>(row.Number());
    coverage.items += count;
    if (now.serving != 0 && vsapi_stamp_is_current(&stamp, &level)) coverage.current += count;
  }
  return coverage;
}

}  // namespace store_sim
