// SPDX-License-Identifier: Apache-2.0
#include "mdb_coverage.h"

#include <algorithm>
#include <cstring>

#include "database.h"
#include "stamp.h"

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

vsapi::engine::Identity IdentityOf(const vsapi::Status& now) {
  vsapi::engine::Identity identity;
  identity.enabled = now.enabled != 0;
  identity.serving = now.serving != 0;
  std::memcpy(identity.vendor, now.vendor, sizeof identity.vendor);
  identity.version = now.version;
  identity.definitions = now.definitions;
  return identity;
}

}  // namespace

Coverage CoverageOf(const std::filesystem::path& mdb_file, const vsapi::Status& now) {
  const vsapi::engine::Identity identity = IdentityOf(now);
  Database database(mdb_file, Access::kRead);
  Coverage coverage;
  for (Statement row = database.Prepare(kGroups); row.Step();) {
    const vsapi_stamp stamp = ReadStamp(row);
    const auto count = static_cast<uint64_t>(row.Number());
    coverage.items += count;
    if (IsCurrent(stamp, identity)) coverage.current += count;
  }
  return coverage;
}

}  // namespace store_sim
