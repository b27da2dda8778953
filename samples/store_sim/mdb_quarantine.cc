// SPDX-License-Identifier: Apache-2.0
//
// How a message comes out of quarantine. How it comes in is an outcome (mdb_outcomes.cc).
#include "error.h"
#include "mdb.h"
#include "mdb_rewrite.h"

namespace store_sim {
namespace {

std::optional<int64_t> StandIn(Database& writer, int64_t message) {
  Statement row = writer.Prepare("SELECT stands_in FROM quarantine WHERE message = ?");
  if (!row.Bind(message).Step()) {
    throw Error("message " + std::to_string(message) +
                " is not in quarantine; `store_sim quarantine DIR list` names those that are");
  }
  if (row.IsNull()) return std::nullopt;
  return row.Number();
}

// The message takes the number and the places of the one that stood in for it.
void TakeOver(Database& writer, int64_t message, int64_t stand_in) {
  writer.Prepare("DELETE FROM placements WHERE message = ?").Bind(message).Run();
  SwapNumbers(writer, message, stand_in);
  RemoveMessage(writer, message);
}

// Stamps of the items alone go before those of their contents, which stay for other messages.
void Forgive(Database& writer, int64_t message, int64_t now_ns) {
  writer
      .Prepare(
          "INSERT INTO item_stamps SELECT parts.message, parts.ordinal, "
          "coalesce(i.stamp_vendor, c.stamp_vendor), coalesce(i.stamp_version, c.stamp_version), "
          "coalesce(i.stamp_definitions, c.stamp_definitions), "
          "coalesce(i.stamp_generation, c.stamp_generation), ?2, '', ?3, ?4, "
          "coalesce(i.stamp_since, c.stamp_since) "
          "FROM parts JOIN contents c ON c.id = content LEFT JOIN item_stamps i "
          "ON i.message = parts.message AND i.ordinal = parts.ordinal "
          "WHERE parts.message = ?1 "
          "AND coalesce(i.stamp_verdict, c.stamp_verdict) NOT IN (?5, ?2) "
          "ON CONFLICT DO UPDATE SET stamp_verdict = excluded.stamp_verdict, "
          "stamp_finding = excluded.stamp_finding, stamp_time_ns = excluded.stamp_time_ns, "
          "stamp_action = excluded.stamp_action")
      .Bind(message)
      .Bind(VSAPI_VERDICT_CLEAN_PERMANENT)
      .Bind(now_ns)
      .Bind(VSAPI_ACTION_STAMP)
      .Bind(VSAPI_VERDICT_CLEAN)
      .Run();
}

void RememberRelease(Database& writer, int64_t message, int64_t now_ns) {
  writer
      .Prepare(
          "INSERT INTO outcomes (message, path, name, action, vendor, verdict, finding, time_ns) "
          "VALUES (?, '', '', ?, '', 0, '', ?)")
      .Bind(message)
      .Bind(kReleased)
      .Bind(now_ns)
      .Run();
}

}  // namespace

int64_t Mdb::Release(int64_t number, Verdict verdict, int64_t now_ns) {
  const std::lock_guard lock(writer_mutex_);
  Database& writer = WriterLocked();
  writer.Run("PRAGMA synchronous = FULL");
  Transaction transaction(writer);
  writer.Run("PRAGMA defer_foreign_keys = ON");
  const auto stand_in = StandIn(writer, number);
  writer.Prepare("DELETE FROM quarantine WHERE message = ?").Bind(number).Run();
  if (stand_in) TakeOver(writer, number, *stand_in);
  const int64_t now = stand_in.value_or(number);
  if (verdict == Verdict::kForgiven) Forgive(writer, now, now_ns);
  RememberRelease(writer, now, now_ns);
  transaction.Commit();
  return now;
}

}  // namespace store_sim
