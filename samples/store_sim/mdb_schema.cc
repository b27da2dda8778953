// SPDX-License-Identifier: Apache-2.0
#include "mdb_schema.h"

#include "error.h"
#include "risk.h"
#include "schema.h"
#include "schema_earlier.h"

namespace store_sim {
namespace {

constexpr int64_t kOldestVersion = 2;

void SetVersion(Database& database) {
  database.Run(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
}

int64_t VersionOf(Database& database) { return database.Number("PRAGMA user_version"); }

void InsertKind(Database& database, MdbKind kind) {
  database.Prepare("INSERT INTO mdb VALUES (1, ?)").Bind(static_cast<int64_t>(kind)).Run();
}

// By the first part that has it, of the message that its bytes stand in.
void FillInRisks(Database& writer) {
  Statement rows = writer.Prepare(
      "SELECT contents.id, kind, name, content_type, received_ns FROM contents "
      "JOIN messages ON messages.id = contents.message JOIN parts ON parts.message = messages.id "
      "AND parts.ordinal = (SELECT min(ordinal) FROM parts its "
      "WHERE its.message = contents.message AND its.content = contents.id)");
  while (rows.Step()) {
    const int64_t content = rows.Number();
    const auto kind = static_cast<PartKind>(rows.Number());
    const std::string name = rows.Text();
    const std::string content_type = rows.Text();
    writer.Prepare("UPDATE contents SET risk = ? WHERE id = ?")
        .Bind(RiskOf(kind, name, content_type, rows.Number()))
        .Bind(content)
        .Run();
  }
}

}  // namespace

void CreateSchema(Database& database, MdbKind kind) {
  database.Run("PRAGMA page_size = 16384");
  database.Run("PRAGMA journal_mode = WAL");
  database.Run("PRAGMA synchronous = FULL");
  Transaction transaction(database);
  for (const char* sql :
       {kTables, kStampIndexes, kStructure, kDepartures, kCounts, kTriggers, kCountStamps})
    database.Run(sql);
  InsertKind(database, kind);
  database.Run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
  SetVersion(database);
  transaction.Commit();
}

// No quick_check here: it reads the whole file. A damaged page is reported when it is met.
void CheckIsOurs(Database& database) {
  const std::string file = database.file().string();
  if (database.Number("PRAGMA page_count") == 0) {
    throw Error(file + ": is empty, its messages are lost; restore it from a backup");
  }
  if (database.Number("PRAGMA application_id") != kApplicationId) {
    throw Error(file + ": a database, but none of store_sim; give the folder of a store");
  }
  const int64_t version = VersionOf(database);
  if (version < kOldestVersion || version > kSchemaVersion) {
    throw Error(file + ": written by another version of store_sim (schema " +
                std::to_string(version) + ", this program knows " + std::to_string(kSchemaVersion) +
                "); use that one, or import again");
  }
}

bool IsOfEarlierVersion(Database& database) { return VersionOf(database) < kSchemaVersion; }

void BringUpToDate(Database& writer) {
  Transaction transaction(writer);
  const int64_t version = VersionOf(writer);
  if (version >= kSchemaVersion) return;
  if (version < 4) {
    writer.Run(kStructure);
    writer.Run(kFromVersion3);
    InsertKind(writer, MdbKind::kPrivate);
  }
  writer.Run(kFromVersion4);
  FillInRisks(writer);
  for (const char* sql : {kStampIndexes, kDepartures, kCounts, kTriggers, kCountStamps})
    writer.Run(sql);
  writer.Run("INSERT INTO stamp_counts SELECT * FROM stamps_counted");
  SetVersion(writer);
  transaction.Commit();
}

}  // namespace store_sim
