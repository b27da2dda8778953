// SPDX-License-Identifier: Apache-2.0
#include "mdb_coverage.h"

#include <algorithm>
#include <cstring>

#include "database.h"
#include "vsapi/host/vsapi_host.h"

namespace store_sim {
namespace {

// A stamp of an item alone goes before that of its content. Few vendors, versions and verdicts ever
// come together, so that the engine's own rule can be asked about each group.
constexpr char kGroups[] = R"sql(
  SELECT coalesce(i.stamp_vendor, c.stamp_vendor),
         iif(i.stamp_vendor IS NULL, c.stamp_version, i.stamp_version),
         iif(i.stamp_vendor IS NULL, c.stamp_definitions, i.stamp_definitions),
         iif(i.stamp_vendor IS NULL, c.stamp_verdict, i.stamp_verdict),
         count(*)
  FROM parts p
  JOIN contents c ON c.id = p.content
  LEFT JOIN item_stamps i ON i.message = p.message AND i.ordinal = p.ordinal
  GROUP BY 1, 2, 3, 4
)sql";

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
  return stamp;
}

vsapi_level LevelOf(const vsapi::Status& now) {
  vsapi_level level = {};
  level.struct_size = sizeof level;
  std::memcpy(level.vendor, now.vendor, sizeof level.vendor);
  level.version = now.version;
  level.generation = now.generation;
  level.definitions = now.definitions;
  return level;
}

}  // namespace

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
