// SPDX-License-Identifier: Apache-2.0
#include "mdb_columns.h"

namespace store_sim {
namespace {

// The stamp of an item goes before that of its content. Both lists go by ordinal.
void PutItemStamps(Database& reader, int64_t number, std::vector<StoredPart>& parts) {
  Statement rows = reader.Prepare("SELECT ordinal, " STORE_SIM_STAMP_COLUMNS
                                  " FROM item_stamps WHERE message = ? ORDER BY ordinal");
  rows.Bind(number);
  auto part = parts.begin();
  while (rows.Step()) {
    const int64_t ordinal = rows.Number();
    while (part != parts.end() && part->ordinal < ordinal) ++part;
    if (part == parts.end()) return;
    if (part->ordinal == ordinal) part->mark.stamp = ReadStampColumns(rows, VSAPI_SCOPE_ITEM);
  }
}

}  // namespace

// Reads STORE_SIM_STAMP_COLUMNS.
Stamp ReadStampColumns(Statement& row, int32_t scope) {
  Stamp stamp;
  stamp.vendor = row.Text();
  stamp.version = static_cast<uint64_t>(row.Number());
  stamp.definitions = ToDigest(row.Blob());
  stamp.generation = static_cast<uint64_t>(row.Number());
  stamp.verdict = static_cast<int32_t>(row.Number());
  stamp.finding = row.Text();
  stamp.time_ns = row.Number();
  stamp.action = static_cast<int32_t>(row.Number());
  stamp.since = static_cast<uint64_t>(row.Number());
  stamp.scope = scope;
  return stamp;
}

// Reads STORE_SIM_MARK_COLUMNS.
ContentMark ReadMarkColumns(Statement& row) {
  ContentMark mark;
  const bool stamped = !row.IsNull();
  Stamp stamp = ReadStampColumns(row, VSAPI_SCOPE_CONTENT);
  const bool attempted = !row.IsNull();
  Attempt attempt;
  attempt.count = static_cast<uint32_t>(row.Number());
  attempt.not_before_ns = row.Number();
  attempt.definitions = ToDigest(row.Blob());
  if (stamped) mark.stamp = std::move(stamp);
  if (attempted) mark.attempt = attempt;
  return mark;
}

// Reads STORE_SIM_PART_COLUMNS.
StoredPart ReadPartColumns(Statement& row) {
  StoredPart part;
  part.ordinal = row.Number();
  part.path = row.Text();
  part.kind = static_cast<PartKind>(row.Number());
  part.name = row.Text();
  part.content_type = row.Text();
  part.content = ToDigest(row.Blob());
  part.size = static_cast<uint64_t>(row.Number());
  part.mark = ReadMarkColumns(row);
  return part;
}

std::vector<StoredPart> ReadParts(Database& reader, int64_t number) {
  Statement rows =
      reader.Prepare("SELECT " STORE_SIM_PART_COLUMNS
                     " FROM parts JOIN contents ON contents.id = content WHERE parts.message = ? "
                     "ORDER BY ordinal");
  rows.Bind(number);
  std::vector<StoredPart> parts;
  while (rows.Step()) parts.push_back(ReadPartColumns(rows));
  PutItemStamps(reader, number, parts);
  return parts;
}

std::optional<Stamp> ReadItemStamp(Database& reader, const ItemPlace& item) {
  Statement row = reader.Prepare("SELECT " STORE_SIM_STAMP_COLUMNS
                                 " FROM item_stamps WHERE message = ? AND ordinal = ?");
  if (!row.Bind(item.message).Bind(item.ordinal).Step()) return std::nullopt;
  return ReadStampColumns(row, VSAPI_SCOPE_ITEM);
}

std::vector<Placement> ReadPlacements(Database& reader, int64_t number) {
  Statement rows = reader.Prepare(
      "SELECT name, path FROM placements JOIN folders ON folders.id = folder "
      "JOIN mailboxes ON mailboxes.id = mailbox WHERE message = ? ORDER BY name, path");
  rows.Bind(number);
  std::vector<Placement> placements;
  while (rows.Step()) {
    std::string mailbox = rows.Text();
    placements.push_back({std::move(mailbox), rows.Text()});
  }
  return placements;
}

std::vector<PastOutcome> ReadOutcomes(Database& reader, int64_t message) {
  Statement rows = reader.Prepare(
      "SELECT path, name, action, vendor, verdict, finding, time_ns FROM outcomes "
      "WHERE message = ? ORDER BY id");
  rows.Bind(message);
  std::vector<PastOutcome> outcomes;
  while (rows.Step()) {
    PastOutcome& outcome = outcomes.emplace_back();
    outcome.path = rows.Text();
    outcome.name = rows.Text();
    outcome.action = static_cast<int32_t>(rows.Number());
    outcome.vendor = rows.Text();
    outcome.verdict = static_cast<int32_t>(rows.Number());
    outcome.finding = rows.Text();
    outcome.time_ns = rows.Number();
  }
  return outcomes;
}

}  // namespace store_sim
