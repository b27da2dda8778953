// SPDX-License-Identifier: Apache-2.0
//
// Rows of an MDB as values: which columns a statement selects for each, and who reads them.
//
// Thread safety: that of the Database.
#pragma once

#include <optional>
#include <vector>

#include "database.h"
#include "mdb_rows.h"

#define STORE_SIM_STAMP_COLUMNS                                                       \
  "stamp_vendor, stamp_version, stamp_definitions, stamp_generation, stamp_verdict, " \
  "stamp_finding, stamp_time_ns, stamp_action, stamp_since"
#define STORE_SIM_MARK_COLUMNS \
  STORE_SIM_STAMP_COLUMNS ", attempt_count, attempt_not_before_ns, attempt_definitions"

#define STORE_SIM_PART_COLUMNS \
  "ordinal, path, kind, name, content_type, digest, size, " STORE_SIM_MARK_COLUMNS

namespace store_sim {

// Each reads the columns of its name, in turn.
Stamp ReadStampColumns(Statement& row, int32_t scope);
ContentMark ReadMarkColumns(Statement& row);
StoredPart ReadPartColumns(Statement& row);

// All but its parts.
std::optional<StoredMessage> ReadMessage(Database& reader, int64_t number);
// With the stamp of an item alone before that of its content.
std::vector<StoredPart> ReadParts(Database& reader, int64_t message);
std::optional<Stamp> ReadItemStamp(Database& reader, const ItemPlace& item);

// By mailbox and path.
std::vector<Placement> ReadPlacements(Database& reader, int64_t message);
// The oldest first.
std::vector<PastOutcome> ReadOutcomes(Database& reader, int64_t message);

}  // namespace store_sim
