// SPDX-License-Identifier: Apache-2.0
//
// The record of an MDB. Openings are gathered and written in groups: together with the next
// outcomes, when there are many, or when somebody asks for that; so an opening costs its client no
// transaction, and the end of the process by force at most the group.
#include "mdb_record.h"

#include "error.h"
#include "mdb.h"
#include "mdb_reader.h"
#include "schema_record.h"
#include "times.h"

namespace store_sim {
namespace {

constexpr size_t kOpeningsInAGroup = 1024;
constexpr size_t kMostOpenings = 64 * kOpeningsInAGroup;  // that wait for a disk to have room again
// What was last opened longer ago is removed, and what was found longer ago in a message that is no
// longer there.
constexpr int64_t kKeptNs = int64_t{365} * 86400 * 1'000'000'000;

bool HasRecord(Database& database) {
  Statement row = database.Prepare(
      "SELECT count(*) FROM sqlite_master WHERE name IN ('arrivals', 'detections')");
  row.Step();
  return row.Number() == 2;
}

// Under the number by which readers know the message: that of what stands in for it.
#define STORE_SIM_DETECT                                                                           \
  "INSERT OR IGNORE INTO detections (message, ordinal, digest, path, name, verdict, finding, "     \
  "vendor, version, definitions, found_ns) SELECT coalesce((SELECT stands_in FROM quarantine "     \
  "WHERE quarantine.message = parts.message), parts.message), parts.ordinal, digest, path, name, " \
  "stamped.stamp_verdict, stamped.stamp_finding, stamped.stamp_vendor, stamped.stamp_version, "    \
  "stamped.stamp_definitions, "
#define STORE_SIM_OF_CONTENTS                                                             \
  "FROM contents AS stamped JOIN parts ON parts.content = stamped.id "                    \
  "WHERE NOT EXISTS (SELECT 1 FROM item_stamps AS own WHERE own.message = parts.message " \
  "AND own.ordinal = parts.ordinal) "
#define STORE_SIM_OF_ITEMS                                           \
  "FROM item_stamps AS stamped JOIN parts USING (message, ordinal) " \
  "JOIN contents ON contents.id = parts.content "

void RecordFoundBefore(Database& writer) {
  for (const char* sql : {STORE_SIM_DETECT "stamped.stamp_time_ns " STORE_SIM_OF_CONTENTS
                                           "AND stamped.stamp_verdict BETWEEN ? AND ?",
                          STORE_SIM_DETECT "stamped.stamp_time_ns " STORE_SIM_OF_ITEMS
                                           "WHERE stamped.stamp_verdict BETWEEN ? AND ?"}) {
    writer.Prepare(sql).Bind(VSAPI_VERDICT_CLEANED).Bind(VSAPI_VERDICT_DELETE_MESSAGE).Run();
  }
}

Opening ReadOpeningColumns(Statement& row, int64_t message) {
  Opening opening;
  opening.message = message;
  opening.user = row.Text();
  opening.client = row.Text();
  opening.first_ns = row.Number();
  opening.last_ns = row.Number();
  opening.times = static_cast<uint64_t>(row.Number());
  return opening;
}

Detection ReadDetectionColumns(Statement& row) {
  Detection detection;
  detection.place.message = row.Number();
  detection.place.ordinal = row.Number();
  detection.content = ToDigest(row.Blob());
  detection.path = row.Text();
  detection.name = row.Text();
  detection.verdict = static_cast<int32_t>(row.Number());
  detection.finding = row.Text();
  detection.vendor = row.Text();
  detection.version = static_cast<uint64_t>(row.Number());
  detection.definitions = ToDigest(row.Blob());
  detection.found_ns = row.Number();
  return detection;
}

}  // namespace

static_assert(VSAPI_VERDICT_CLEANED < VSAPI_VERDICT_INFECTED &&
              VSAPI_VERDICT_BLOCKED < VSAPI_VERDICT_DELETE_MESSAGE);
bool IsFinding(int32_t verdict) {
  return verdict >= VSAPI_VERDICT_CLEANED && verdict <= VSAPI_VERDICT_DELETE_MESSAGE;
}

void PrepareRecord(Database& writer, int64_t now_ns) {
  if (!HasRecord(writer)) {
    writer.Run(kRecordTables);
    RecordFoundBefore(writer);
  }
  ForgetOldOpenings(writer, now_ns);
  for (const char* sql :
       {"DELETE FROM detections WHERE found_ns < ? AND message NOT IN (SELECT id FROM messages)",
        "DELETE FROM departures WHERE time_ns < ?"})
    writer.Prepare(sql).Bind(now_ns - kKeptNs).Run();
}

void RecordArrival(Database& writer, int64_t message, const IncomingMessage& incoming) {
  writer.Prepare("INSERT INTO arrivals (message, how) VALUES (?, ?)")
      .Bind(message)
      .Bind(incoming.came_in)
      .Run();
}

void RecordKnown(Database& writer, int64_t message, int64_t now_ns) {
  writer
      .Prepare(STORE_SIM_DETECT "? " STORE_SIM_OF_CONTENTS
                                "AND parts.message = ? AND stamped.stamp_verdict BETWEEN ? AND ?")
      .Bind(now_ns)
      .Bind(message)
      .Bind(VSAPI_VERDICT_CLEANED)
      .Bind(VSAPI_VERDICT_DELETE_MESSAGE)
      .Run();
}

void RecordContentFound(Database& writer, const Digest& content) {
  writer.Prepare(STORE_SIM_DETECT "stamped.stamp_time_ns " STORE_SIM_OF_CONTENTS "AND digest = ?")
      .BindBlob(content)
      .Run();
}

void RecordItemFound(Database& writer, const ItemPlace& item) {
  writer
      .Prepare(STORE_SIM_DETECT "stamped.stamp_time_ns " STORE_SIM_OF_ITEMS
                                "WHERE stamped.message = ? AND stamped.ordinal = ?")
      .Bind(item.message)
      .Bind(item.ordinal)
      .Run();
}

void RecordOpening(Database& writer, const Opening& opening) {
  writer
      .Prepare(
          "INSERT INTO opened (message, user, client, first_ns, last_ns, times) "
          "VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT (message, user, client) DO UPDATE SET "
          "first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns), "
          "times = times + 1")
      .Bind(opening.message)
      .Bind(opening.user)
      .Bind(opening.client)
      .Bind(opening.first_ns)
      .Bind(opening.last_ns)
      .Run();
}

void ForgetOldOpenings(Database& writer, int64_t now_ns) {
  writer.Prepare("DELETE FROM opened WHERE last_ns < ?").Bind(now_ns - kKeptNs).Run();
}

std::string ReadArrival(Database& reader, int64_t message) {
  if (!HasRecord(reader)) return "";
  Statement row = reader.Prepare("SELECT how FROM arrivals WHERE message = ?");
  return row.Bind(message).Step() ? row.Text() : "";
}

Mdb::~Mdb() {
  try {
    WriteOpenings();
  } catch (const Error&) {
    return;  // whoever asked for that in time has been told
  }
}

void Mdb::NoteOpened(int64_t message, const std::string& user, const std::string& client,
                     int64_t time_ns) {
  bool is_group = false;
  {
    const std::lock_guard lock(openings_mutex_);
    if (openings_.size() == kMostOpenings) return;
    openings_.push_back({message, user, client, time_ns, time_ns, 1});
    is_group = openings_.size() % kOpeningsInAGroup == 0;
  }
  if (is_group) WriteOpenings();
}

void Mdb::WriteOpenings() {
  const std::lock_guard lock(writer_mutex_);
  {
    const std::lock_guard none(openings_mutex_);
    if (openings_.empty()) return;
  }
  Database& writer = WriterLocked();
  writer.Run("PRAGMA synchronous = NORMAL");
  Transaction transaction(writer);
  const size_t written = PutOpeningsLocked(writer);
  transaction.Commit();
  ForgetOpenings(written);
}

// They are forgotten only when they are committed.
size_t Mdb::PutOpeningsLocked(Database& writer) {
  std::vector<Opening> openings;
  {
    const std::lock_guard lock(openings_mutex_);
    openings = openings_;
  }
  for (const Opening& opening : openings) RecordOpening(writer, opening);
  if (!openings.empty()) ForgetOldOpenings(writer, NowNs());
  return openings.size();
}

void Mdb::ForgetOpenings(size_t written) {
  const std::lock_guard lock(openings_mutex_);
  openings_.erase(openings_.begin(), openings_.begin() + static_cast<ptrdiff_t>(written));
}

std::vector<Opening> Mdb::OpeningsOf(int64_t message) {
  const Reader reader(*this);
  if (!HasRecord(*reader)) return {};
  Statement rows = reader->Prepare(
      "SELECT user, client, first_ns, last_ns, times FROM opened WHERE message = ? "
      "ORDER BY first_ns, user, client");
  rows.Bind(message);
  std::vector<Opening> openings;
  while (rows.Step()) openings.push_back(ReadOpeningColumns(rows, message));
  return openings;
}

std::vector<Detection> Mdb::Detections() {
  const Reader reader(*this);
  if (!HasRecord(*reader)) return {};
  Statement rows = reader->Prepare(
      "SELECT message, ordinal, digest, path, name, verdict, finding, vendor, version, "
      "definitions, found_ns FROM detections ORDER BY message, ordinal, found_ns");
  std::vector<Detection> detections;
  while (rows.Step()) detections.push_back(ReadDetectionColumns(rows));
  return detections;
}

}  // namespace store_sim
