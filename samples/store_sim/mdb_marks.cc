// SPDX-License-Identifier: Apache-2.0
//
// What becomes of contents and items: the part of an MDB that writes stamps and attempts, and with
// them has done what they order.
#include <algorithm>

#include "error.h"
#include "mdb.h"
#include "mdb_outcomes.h"
#include "mdb_record.h"
#include "mdb_writing.h"

namespace store_sim {
namespace {

enum class Holds { kIt, kOther, kNothing };

Holds WhatHolds(Database& writer, const ItemPlace& item, const Digest& content) {
  Statement row = writer.Prepare(
      "SELECT contents.digest = ? FROM parts JOIN contents ON contents.id = content "
      "WHERE parts.message = ? AND ordinal = ?");
  row.BindBlob(content).Bind(item.message).Bind(item.ordinal);
  if (!row.Step()) return Holds::kNothing;
  return row.Number() != 0 ? Holds::kIt : Holds::kOther;
}

std::optional<uint64_t> GenerationOfContent(Database& writer, const Digest& content) {
  Statement row =
      writer.Prepare("SELECT coalesce(stamp_generation, 0) FROM contents WHERE digest = ?");
  if (!row.BindBlob(content).Step()) return std::nullopt;
  return static_cast<uint64_t>(row.Number());
}

uint64_t GenerationOfItem(Database& writer, const ItemPlace& item) {
  Statement row =
      writer.Prepare("SELECT stamp_generation FROM item_stamps WHERE message = ? AND ordinal = ?");
  return row.Bind(item.message).Bind(item.ordinal).Step() ? static_cast<uint64_t>(row.Number()) : 0;
}

void StampItem(Database& writer, const ItemPlace& item, const Stamp& stamp) {
  Statement insert = writer.Prepare(
      "INSERT INTO item_stamps (stamp_vendor, stamp_version, stamp_definitions, "
      "stamp_generation, stamp_verdict, stamp_finding, stamp_time_ns, stamp_action, stamp_since, "
      "message, ordinal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
      "stamp_vendor = excluded.stamp_vendor, stamp_version = excluded.stamp_version, "
      "stamp_definitions = excluded.stamp_definitions, "
      "stamp_generation = excluded.stamp_generation, stamp_verdict = excluded.stamp_verdict, "
      "stamp_finding = excluded.stamp_finding, stamp_time_ns = excluded.stamp_time_ns, "
      "stamp_action = excluded.stamp_action, stamp_since = excluded.stamp_since");
  BindStamp(insert, stamp).Bind(item.message).Bind(item.ordinal).Run();
}

void ForgetItemStamp(Database& writer, const ItemPlace& item) {
  writer.Prepare("DELETE FROM item_stamps WHERE message = ? AND ordinal = ?")
      .Bind(item.message)
      .Bind(item.ordinal)
      .Run();
}

void KeepAttempt(Database& writer, const Digest& content, const Attempt& attempt) {
  writer
      .Prepare(
          "UPDATE contents SET attempt_count = coalesce(attempt_count, 0) + ?, "
          "attempt_not_before_ns = ?, attempt_definitions = ? WHERE digest = ?")
      .Bind(attempt.count)
      .Bind(attempt.not_before_ns)
      .BindBlob(attempt.definitions)
      .BindBlob(content)
      .Run();
}

void PutOnItem(Database& writer, const ItemPlace& item, const Stamp& stamp) {
  StampItem(writer, item, stamp);
  if (IsFinding(stamp.verdict)) RecordItemFound(writer, item);
}

void PutOnContent(Database& writer, const Digest& content, const Stamp& stamp) {
  StampContent(writer, content, stamp);
  if (IsFinding(stamp.verdict)) RecordContentFound(writer, content);
}

// Of the content that is there when the outcome is carried out.
void Put(Database& writer, const MarkChange& change) {
  const Stamp& stamp = *change.mark.stamp;
  if (stamp.scope == VSAPI_SCOPE_ITEM) return PutOnItem(writer, change.item.value(), stamp);
  const bool replaced = stamp.action == VSAPI_ACTION_REPLACE;
  PutOnContent(writer, replaced ? Sha256(change.replacement) : change.content, stamp);
  if (change.item) ForgetItemStamp(writer, *change.item);
}

// The stamp first: it holds for what stays, in quarantine or where nothing can be changed. That of
// a replacement needs one.
void CarryOutStamped(Database& writer, const std::string& mdb, const MarkChange& change) {
  const bool replaces = change.mark.stamp->action == VSAPI_ACTION_REPLACE;
  if (!replaces) Put(writer, change);
  CarryOut(writer, mdb, change);
  if (replaces) Put(writer, change);
}

// All of it, or nothing.
bool CarriesOut(Database& writer, const std::string& mdb, const MarkChange& change) try {
  writer.Run("SAVEPOINT outcome");
  CarryOutStamped(writer, mdb, change);
  writer.Run("RELEASE outcome");
  return true;
} catch (const DatabaseError&) {
  throw;
} catch (const Error&) {
  writer.Run("ROLLBACK TO outcome");
  writer.Run("RELEASE outcome");
  return false;
}

MarkOutcome ApplyStamp(Database& writer, const std::string& mdb, const MarkChange& change,
                       uint64_t generation) {
  const Stamp& stamp = *change.mark.stamp;
  if (change.item) generation = std::max(generation, GenerationOfItem(writer, *change.item));
  if (stamp.generation < generation) return MarkOutcome::kOutrun;
  if (change.item && ChangesMessages(stamp.action))
    return CarriesOut(writer, mdb, change) ? MarkOutcome::kApplied : MarkOutcome::kFailed;
  Put(writer, change);
  return MarkOutcome::kApplied;
}

}  // namespace

MarkOutcome ApplyMark(Database& writer, const std::string& mdb, const MarkChange& change) {
  const auto generation = GenerationOfContent(writer, change.content);
  if (!generation) return MarkOutcome::kGone;
  if (change.item) {
    const Holds holds = WhatHolds(writer, *change.item, change.content);
    if (holds == Holds::kNothing) return MarkOutcome::kGone;
    if (holds == Holds::kOther) return MarkOutcome::kChanged;
  }
  if (change.mark.attempt) KeepAttempt(writer, change.content, *change.mark.attempt);
  return change.mark.stamp ? ApplyStamp(writer, mdb, change, *generation) : MarkOutcome::kApplied;
}

std::vector<MarkOutcome> Mdb::ApplyMarks(std::span<const MarkChange> changes,
                                         Durability durability) {
  const std::lock_guard lock(writer_mutex_);
  Database& writer = WriterLocked();
  writer.Run(durability == Durability::kDurable ? "PRAGMA synchronous = FULL"
                                                : "PRAGMA synchronous = NORMAL");
  Transaction transaction(writer);
  std::vector<MarkOutcome> outcomes;
  outcomes.reserve(changes.size());
  for (const MarkChange& change : changes) outcomes.push_back(ApplyMark(writer, name_, change));
  const size_t openings = PutOpeningsLocked(writer);
  transaction.Commit();
  ForgetOpenings(openings);
  return outcomes;
}

}  // namespace store_sim
