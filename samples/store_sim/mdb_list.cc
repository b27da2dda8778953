// SPDX-License-Identifier: Apache-2.0
//
// The part of an MDB that tells what there is: messages, folders, the quarantine, as lists.
#include "mdb.h"
#include "mdb_columns.h"
#include "mdb_reader.h"

namespace store_sim {
namespace {

// By how much a verdict tells against a message.
int Weight(int32_t verdict) {
  switch (verdict) {
    case VSAPI_VERDICT_NONE:
      return 0;
    case VSAPI_VERDICT_CLEAN:
    case VSAPI_VERDICT_CLEAN_PERMANENT:
      return 1;
    case VSAPI_VERDICT_CLEANED:
    case VSAPI_VERDICT_ENCRYPTED:
    case VSAPI_VERDICT_UNSUPPORTED:
      return 2;
    case VSAPI_VERDICT_INFECTED:
    case VSAPI_VERDICT_DELETE_MESSAGE:
      return 4;
    default:
      return 3;
  }
}

void SummarizeParts(Database& reader, MessageSummary& message) {
  for (const StoredPart& part : ReadParts(reader, message.number)) {
    ++message.parts;
    message.parts_unscanned += !part.mark.stamp;
    if (part.mark.stamp && Weight(part.mark.stamp->verdict) > Weight(message.worst.verdict)) {
      message.worst = *part.mark.stamp;
    }
  }
}

void SummarizePlaces(Database& reader, MessageSummary& message) {
  const auto places = ReadPlacements(reader, message.number);
  message.places = places.size();
  if (!places.empty()) message.place = places.front();
}

#define STORE_SIM_SUMMARY_COLUMNS \
  "id, size, received_ns, date_ns, sender, subject, unclean_reason, covered"
MessageSummary ReadSummary(Database& reader, Statement& row) {
  MessageSummary message;
  message.number = row.Number();
  message.size = static_cast<uint64_t>(row.Number());
  message.received_ns = row.Number();
  message.date_ns = row.Number();
  message.sender = row.Text();
  message.subject = row.Text();
  message.unclean_reason = row.Text();
  message.covered = row.Number() != 0;
  SummarizePlaces(reader, message);
  SummarizeParts(reader, message);
  auto outcomes = ReadOutcomes(reader, message.number);
  if (!outcomes.empty()) message.outcome = std::move(outcomes.back());
  return message;
}

// After the message ?1, in the mailbox ?2 and folder ?3, which may be ''; no more than ?4.
#define STORE_SIM_LISTED                                                          \
  "FROM messages WHERE id > ?1 AND id NOT IN (SELECT message FROM quarantine) "   \
  "AND (?2 || ?3 = '' OR EXISTS (SELECT 1 FROM placements "                       \
  "JOIN folders ON folders.id = folder JOIN mailboxes ON mailboxes.id = mailbox " \
  "WHERE message = messages.id AND ?2 IN ('', name) AND ?3 IN ('', path))) "      \
  "ORDER BY id LIMIT ?4"

void BindListed(Statement& rows, int64_t after, const Placement& place, size_t limit) {
  rows.Bind(after).Bind(place.mailbox).Bind(place.folder).Bind(static_cast<int64_t>(limit));
}

}  // namespace

std::vector<MessageSummary> Mdb::List(int64_t after, size_t limit, const Placement& place) {
  const Reader reader(*this);
  const Transaction snapshot(*reader, Access::kRead);
  Statement rows = reader->Prepare("SELECT " STORE_SIM_SUMMARY_COLUMNS " " STORE_SIM_LISTED);
  BindListed(rows, after, place, limit);
  std::vector<MessageSummary> messages;
  while (rows.Step()) messages.push_back(ReadSummary(*reader, rows));
  return messages;
}

std::vector<int64_t> Mdb::Numbers(int64_t after, size_t limit, const Placement& place) {
  const Reader reader(*this);
  Statement rows = reader->Prepare("SELECT id " STORE_SIM_LISTED);
  BindListed(rows, after, place, limit);
  std::vector<int64_t> numbers;
  while (rows.Step()) numbers.push_back(rows.Number());
  return numbers;
}

std::vector<QuarantinedMessage> Mdb::Quarantined() {
  const Reader reader(*this);
  const Transaction snapshot(*reader, Access::kRead);
  Statement rows = reader->Prepare("SELECT " STORE_SIM_SUMMARY_COLUMNS
                                   ", time_ns, stands_in FROM quarantine "
                                   "JOIN messages ON id = message ORDER BY id");
  std::vector<QuarantinedMessage> all;
  while (rows.Step()) {
    QuarantinedMessage& each = all.emplace_back();
    each.message = ReadSummary(*reader, rows);
    each.time_ns = rows.Number();
    if (!rows.IsNull()) each.stands_in = rows.Number();
  }
  return all;
}

std::vector<FolderSummary> Mdb::Folders() {
  const Reader reader(*this);
  Statement rows = reader->Prepare(
      "SELECT name, path, swept_vendor, swept_version, (SELECT count(*) FROM placements "
      "WHERE folder = folders.id AND message NOT IN (SELECT message FROM quarantine)) "
      "FROM folders JOIN mailboxes ON mailboxes.id = mailbox ORDER BY name, path");
  std::vector<FolderSummary> folders;
  while (rows.Step()) {
    FolderSummary& folder = folders.emplace_back();
    folder.place.mailbox = rows.Text();
    folder.place.folder = rows.Text();
    folder.swept_vendor = rows.Text();
    folder.swept_version = static_cast<uint64_t>(rows.Number());
    folder.messages = static_cast<uint64_t>(rows.Number());
  }
  return folders;
}

MdbTotals Mdb::Totals() {
  const Reader reader(*this);
  MdbTotals totals;
  Statement messages = reader->Prepare(
      "SELECT count(*), coalesce(sum(size), 0) FROM messages "
      "WHERE id NOT IN (SELECT message FROM quarantine)");
  messages.Step();
  totals.messages = static_cast<uint64_t>(messages.Number());
  totals.bytes = static_cast<uint64_t>(messages.Number());
  totals.quarantined = static_cast<uint64_t>(reader->Number("SELECT count(*) FROM quarantine"));
  totals.contents = static_cast<uint64_t>(reader->Number("SELECT count(*) FROM contents"));
  return totals;
}

}  // namespace store_sim
