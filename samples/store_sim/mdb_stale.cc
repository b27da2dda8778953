// SPDX-License-Identifier: Apache-2.0
//
// The third that finds what is to be judged anew. Whether a stamp is current depends on its vendor,
// verdict, version and definitions alone, so the question is asked once for each kind of stamp that
// there is: few, and stepped through by an index. Current stamps are thus never read one by one.
#include <algorithm>
#include <cstring>

#include "mdb.h"
#include "mdb_reader.h"

namespace store_sim {
namespace {

// Stamps that are all current or all stale; `stamped` false: what has none.
struct StampKind {
  bool stamped = true;
  std::string vendor = {};
  int64_t verdict = 0;
  int64_t version = 0;
  std::string definitions = {};
};

#define STORE_SIM_KIND_COLUMNS "stamp_vendor, stamp_verdict, stamp_version, stamp_definitions"
#define STORE_SIM_NEXT_KIND(table)                                                  \
  "SELECT " STORE_SIM_KIND_COLUMNS " FROM " table " WHERE (" STORE_SIM_KIND_COLUMNS \
  ")"                                                                               \
  " > (?, ?, ?, ?) ORDER BY " STORE_SIM_KIND_COLUMNS " LIMIT 1"

constexpr char kNextKindOfContents[] = STORE_SIM_NEXT_KIND("contents");
constexpr char kNextKindOfItems[] = STORE_SIM_NEXT_KIND("item_stamps");

// Items without a stamp of their own, by content.
constexpr char kItemsOfContents[] =
    "SELECT contents.id, parts.message, parts.ordinal, parts.kind, digest, size "
    "FROM contents INDEXED BY contents_by_stamp CROSS JOIN parts ON parts.content = contents.id "
    "LEFT JOIN item_stamps ON item_stamps.message = parts.message "
    "AND item_stamps.ordinal = parts.ordinal "
    "WHERE contents.stamp_vendor IS ?1 AND contents.stamp_verdict IS ?2 "
    "AND contents.stamp_version IS ?3 AND contents.stamp_definitions IS ?4 "
    "AND contents.id >= ?5 "
    "AND (contents.id > ?5 OR (parts.message, parts.ordinal) > (?6, ?7)) "
    "AND coalesce(attempt_not_before_ns, 0) <= ?8 AND item_stamps.message IS NULL "
    "ORDER BY contents.id, parts.message, parts.ordinal LIMIT ?9";

// Items with a stamp of their own.
constexpr char kItemsOfTheirOwn[] =
    "SELECT 0, item_stamps.message, item_stamps.ordinal, parts.kind, digest, size "
    "FROM item_stamps INDEXED BY item_stamps_by_stamp "
    "CROSS JOIN parts ON parts.message = item_stamps.message "
    "AND parts.ordinal = item_stamps.ordinal CROSS JOIN contents ON contents.id = parts.content "
    "WHERE item_stamps.stamp_vendor IS ?1 AND item_stamps.stamp_verdict IS ?2 "
    "AND item_stamps.stamp_version IS ?3 AND item_stamps.stamp_definitions IS ?4 "
    "AND ?5 = 0 AND (item_stamps.message, item_stamps.ordinal) > (?6, ?7) "
    "AND coalesce(attempt_not_before_ns, 0) <= ?8 "
    "ORDER BY item_stamps.message, item_stamps.ordinal LIMIT ?9";

// Before all kinds that there are.
StampKind NoKind() { return {true, "", INT64_MIN, INT64_MIN, ""}; }

std::optional<StampKind> NextKind(Database& reader, const char* sql, const StampKind& after) {
  Statement row = reader.Prepare(sql);
  row.Bind(after.vendor).Bind(after.verdict).Bind(after.version).BindBlob(after.definitions);
  if (!row.Step()) return std::nullopt;
  StampKind kind;
  kind.vendor = row.Text();
  kind.verdict = row.Number();
  kind.version = row.Number();
  kind.definitions = row.Blob();
  return kind;
}

Stamp StampOf(const StampKind& kind) {
  Stamp stamp;
  stamp.vendor = kind.vendor;
  stamp.verdict = static_cast<int32_t>(kind.verdict);
  stamp.version = static_cast<uint64_t>(kind.version);
  const size_t size = std::min(kind.definitions.size(), stamp.definitions.size());
  std::memcpy(stamp.definitions.data(), kind.definitions.data(), size);
  return stamp;
}

std::vector<StampKind> StaleKinds(Database& reader, const char* sql,
                                  const Mdb::IsCurrent& is_current) {
  std::vector<StampKind> kinds;
  for (auto kind = NextKind(reader, sql, NoKind()); kind; kind = NextKind(reader, sql, *kind))
    if (!is_current(StampOf(*kind))) kinds.push_back(*kind);
  return kinds;
}

void BindKind(Statement& rows, const StampKind& kind) {
  if (kind.stamped) {
    rows.Bind(kind.vendor).Bind(kind.verdict).Bind(kind.version).BindBlob(kind.definitions);
  } else {
    rows.BindNull().BindNull().BindNull().BindNull();
  }
}

struct Found {
  StalePlace place;
  StaleItem item;
};

void FindItems(Database& reader, const char* sql, const StampKind& kind, const StalePlace& after,
               int64_t now_ns, size_t room, std::vector<Found>& found) {
  Statement rows = reader.Prepare(sql);
  BindKind(rows, kind);
  rows.Bind(after.content).Bind(after.item.message).Bind(after.item.ordinal).Bind(now_ns);
  rows.Bind(static_cast<int64_t>(room));
  while (rows.Step()) {
    Found& each = found.emplace_back();
    each.place.own_stamps = after.own_stamps;
    each.place.content = rows.Number();
    each.place.item.message = rows.Number();
    each.place.item.ordinal = rows.Number();
    each.item.place = each.place.item;
    each.item.kind = static_cast<PartKind>(rows.Number());
    each.item.content.digest = ToDigest(rows.Blob());
    each.item.content.size = static_cast<uint64_t>(rows.Number());
  }
}

auto OrderOf(const Found& found) {
  return std::tuple(found.place.content, found.place.item.message, found.place.item.ordinal);
}

// The first of all kinds that are stale, from `at` on, which is moved to the last of them.
std::vector<StaleItem> FindStale(Database& reader, const Mdb::IsCurrent& is_current, int64_t now_ns,
                                 StalePlace& at, size_t room) {
  auto kinds =
      StaleKinds(reader, at.own_stamps ? kNextKindOfItems : kNextKindOfContents, is_current);
  if (!at.own_stamps) kinds.push_back({.stamped = false});
  std::vector<Found> found;
  for (const StampKind& kind : kinds)
    FindItems(reader, at.own_stamps ? kItemsOfTheirOwn : kItemsOfContents, kind, at, now_ns, room,
              found);
  std::sort(found.begin(), found.end(),
            [](const Found& a, const Found& b) { return OrderOf(a) < OrderOf(b); });
  found.resize(std::min(found.size(), room));
  std::vector<StaleItem> items;
  for (const Found& each : found) items.push_back(each.item);
  if (!found.empty()) at = found.back().place;
  return items;
}

}  // namespace

std::vector<StaleItem> Mdb::NextStale(const IsCurrent& is_current, int64_t now_ns, StalePlace& at,
                                      size_t room) {
  const Reader reader(*this);
  const Transaction snapshot(*reader, Access::kRead);
  auto items = FindStale(*reader, is_current, now_ns, at, room);
  if (!items.empty() || at.own_stamps) return items;
  at = {.own_stamps = true};
  return FindStale(*reader, is_current, now_ns, at, room);
}

uint64_t Mdb::Mailboxes() {
  const Reader reader(*this);
  return static_cast<uint64_t>(reader->Number("SELECT count(*) FROM mailboxes"));
}

uint64_t Mdb::Folders() {
  const Reader reader(*this);
  return static_cast<uint64_t>(reader->Number("SELECT count(*) FROM folders"));
}

}  // namespace store_sim
