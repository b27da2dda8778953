// SPDX-License-Identifier: Apache-2.0
//
// The third that finds what is to be judged anew. Whether a stamp is current depends on its vendor,
// verdict, version and definitions alone, and on since when it counts, so the question is asked
// once for each kind of stamp that there is: few, and counted in stamp_counts. Current stamps are
// thus never read one by one. Where a whole pass has found nothing stale, each folder keeps under
// which level, and that alone is read.
#include <algorithm>
#include <cstring>
#include <set>

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
  int64_t since = 0;
};

// Those there are.
constexpr char kKinds[] = "SELECT vendor, verdict, version, definitions, since FROM stamp_counts";

// What of a message is wanted: see StaleWanted. As a macro, for it stands within two literals.
#define STORE_SIM_IS_WANTED                                                                  \
  "AND (coalesce(attempt_not_before_ns, 0) <= ?10 OR attempt_definitions IS NOT ?14) "       \
  "AND (?12 = 0 OR EXISTS (SELECT 1 FROM parts others WHERE others.message = parts.message " \
  "AND others.kind = ?12)) "                                                                 \
  "AND (?13 = 0 OR (SELECT received_ns FROM messages WHERE id = parts.message) >= ?13) "

// Of contents and of items alike: those of one kind.
#define STORE_SIM_IS_OF_KIND(row)                                    \
  row ".stamp_vendor IS ?1 AND " row ".stamp_verdict IS ?2 AND " row \
      ".stamp_version IS ?3 AND " row ".stamp_definitions IS ?4 AND " row ".stamp_since IS ?5 "

// Items without a stamp of their own, by content. The index gives them in this order.
constexpr char kItemsOfContents[] =
    "SELECT contents.risk, contents.id, parts.message, parts.ordinal, parts.kind, digest, size "
    "FROM contents INDEXED BY contents_by_stamp CROSS JOIN parts ON parts.content = contents.id "
    "LEFT JOIN item_stamps ON item_stamps.message = parts.message "
    "AND item_stamps.ordinal = parts.ordinal "
    "WHERE " STORE_SIM_IS_OF_KIND("contents")
    "AND (contents.risk, contents.id) <= (?6, ?7) AND ((contents.risk, contents.id) < (?6, ?7) "
    "OR (parts.message, parts.ordinal) > (?8, ?9)) "
    "AND item_stamps.message IS NULL " STORE_SIM_IS_WANTED
    "ORDER BY contents.risk DESC, contents.id DESC, parts.message, parts.ordinal LIMIT ?11";

// Items with a stamp of their own.
constexpr char kItemsOfTheirOwn[] =
    "SELECT 0, 0, item_stamps.message, item_stamps.ordinal, parts.kind, digest, size "
    "FROM item_stamps INDEXED BY item_stamps_by_stamp "
    "CROSS JOIN parts ON parts.message = item_stamps.message "
    "AND parts.ordinal = item_stamps.ordinal CROSS JOIN contents ON contents.id = parts.content "
    "WHERE " STORE_SIM_IS_OF_KIND("item_stamps")
    "AND (item_stamps.message, item_stamps.ordinal) > (?8, ?9) " STORE_SIM_IS_WANTED
    "ORDER BY item_stamps.message, item_stamps.ordinal LIMIT ?11";

Stamp StampOf(const StampKind& kind) {
  Stamp stamp;
  stamp.vendor = kind.vendor;
  stamp.verdict = static_cast<int32_t>(kind.verdict);
  stamp.version = static_cast<uint64_t>(kind.version);
  stamp.generation = static_cast<uint64_t>(kind.since);
  const size_t size = std::min(kind.definitions.size(), stamp.definitions.size());
  std::memcpy(stamp.definitions.data(), kind.definitions.data(), size);
  return stamp;
}

std::vector<StampKind> StaleKinds(Database& reader, const IsCurrent& is_current) {
  std::vector<StampKind> kinds;
  Statement rows = reader.Prepare(kKinds);
  while (rows.Step()) {
    StampKind kind;
    kind.vendor = rows.Text();
    kind.verdict = rows.Number();
    kind.stamped = kind.verdict != VSAPI_VERDICT_NONE;
    kind.version = rows.Number();
    kind.definitions = rows.Blob();
    kind.since = rows.Number();
    if (!kind.stamped || !is_current(StampOf(kind))) kinds.push_back(std::move(kind));
  }
  return kinds;
}

void BindKind(Statement& rows, const StampKind& kind) {
  if (kind.stamped) {
    rows.Bind(kind.vendor).Bind(kind.verdict).Bind(kind.version).BindBlob(kind.definitions);
    rows.Bind(kind.since);
  } else {
    rows.BindNull().BindNull().BindNull().BindNull().BindNull();
  }
}

struct Found {
  StalePlace place;
  StaleItem item;
};

void BindWanted(Statement& rows, const StaleWanted& wanted) {
  rows.Bind(wanted.now_ns).Bind(static_cast<int64_t>(wanted.room));
  rows.Bind(wanted.with_attachments ? static_cast<int64_t>(PartKind::kAttachment) : 0);
  rows.Bind(wanted.received_since_ns).BindBlob(wanted.definitions);
}

void FindItems(Database& reader, const char* sql, const StampKind& kind, const StalePlace& after,
               const StaleWanted& wanted, std::vector<Found>& found) {
  Statement rows = reader.Prepare(sql);
  BindKind(rows, kind);
  rows.Bind(after.risk).Bind(after.content).Bind(after.item.message).Bind(after.item.ordinal);
  BindWanted(rows, wanted);
  while (rows.Step()) {
    Found& each = found.emplace_back();
    each.place.own_stamps = after.own_stamps;
    each.place.risk = rows.Number();
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
  return std::tuple(-found.place.risk, -found.place.content, found.place.item.message,
                    found.place.item.ordinal);
}

// The first of all kinds that are stale, from `at` on, which is moved to the last of them.
std::vector<StaleItem> FindStale(Database& reader, const IsCurrent& is_current,
                                 const StaleWanted& wanted, StalePlace& at) {
  std::vector<Found> found;
  for (const StampKind& kind : StaleKinds(reader, is_current)) {
    if (kind.stamped && wanted.unscanned) continue;
    FindItems(reader, at.own_stamps ? kItemsOfTheirOwn : kItemsOfContents, kind, at, wanted, found);
  }
  std::sort(found.begin(), found.end(),
            [](const Found& a, const Found& b) { return OrderOf(a) < OrderOf(b); });
  found.resize(std::min(found.size(), wanted.room));
  std::vector<StaleItem> items;
  for (const Found& each : found) items.push_back(each.item);
  if (!found.empty()) at = found.back().place;
  return items;
}

}  // namespace

namespace {

// What a pass has left: items that could not be judged, or came during it.
constexpr char kFoldersOfContents[] =
    "SELECT DISTINCT folder FROM contents INDEXED BY contents_by_stamp "
    "CROSS JOIN parts ON parts.content = contents.id "
    "CROSS JOIN placements ON placements.message = parts.message "
    "LEFT JOIN item_stamps ON item_stamps.message = parts.message "
    "AND item_stamps.ordinal = parts.ordinal "
    "WHERE " STORE_SIM_IS_OF_KIND("contents") "AND item_stamps.message IS NULL";
constexpr char kFoldersOfTheirOwn[] =
    "SELECT DISTINCT folder FROM item_stamps INDEXED BY item_stamps_by_stamp "
    "CROSS JOIN placements ON placements.message = item_stamps.message "
    "WHERE " STORE_SIM_IS_OF_KIND("item_stamps");

std::set<int64_t> FoldersWithStale(Database& reader, const IsCurrent& is_current) {
  std::set<int64_t> folders;
  for (const StampKind& kind : StaleKinds(reader, is_current)) {
    for (const char* sql : {kFoldersOfContents, kFoldersOfTheirOwn}) {
      Statement rows = reader.Prepare(sql);
      BindKind(rows, kind);
      while (rows.Step()) folders.insert(rows.Number());
    }
  }
  return folders;
}

std::vector<int64_t> FoldersNotAt(Database& reader, const Level& level) {
  Statement rows = reader.Prepare(
      "SELECT id FROM folders WHERE swept_vendor IS NOT ? OR swept_version IS NOT ? "
      "OR swept_definitions IS NOT ? OR swept_since IS NOT ?");
  rows.Bind(level.vendor).Bind(static_cast<int64_t>(level.version)).BindBlob(level.definitions);
  rows.Bind(static_cast<int64_t>(level.since));
  std::vector<int64_t> folders;
  while (rows.Step()) folders.push_back(rows.Number());
  return folders;
}

void MarkFolder(Database& writer, int64_t folder, const Level& level) {
  writer
      .Prepare(
          "UPDATE folders SET swept_vendor = ?, swept_version = ?, swept_definitions = ?, "
          "swept_since = ? WHERE id = ?")
      .Bind(level.vendor)
      .Bind(static_cast<int64_t>(level.version))
      .BindBlob(level.definitions)
      .Bind(static_cast<int64_t>(level.since))
      .Bind(folder)
      .Run();
}

}  // namespace

std::vector<StaleItem> Mdb::NextStale(const IsCurrent& is_current, const StaleWanted& wanted,
                                      StalePlace& at) {
  const Reader reader(*this);
  const Transaction snapshot(*reader, Access::kRead);
  auto items = FindStale(*reader, is_current, wanted, at);
  if (!items.empty() || at.own_stamps) return items;
  at = {.own_stamps = true};
  return FindStale(*reader, is_current, wanted, at);
}

uint64_t Mdb::Mailboxes() {
  const Reader reader(*this);
  return static_cast<uint64_t>(reader->Number("SELECT count(*) FROM mailboxes"));
}

bool Mdb::IsSwept(const Level& level) {
  const Reader reader(*this);
  return FoldersNotAt(*reader, level).empty();
}

uint64_t Mdb::FinishFolders(const Level& level, const IsCurrent& is_current) {
  const std::lock_guard lock(writer_mutex_);
  Database& writer = WriterLocked();
  Transaction transaction(writer);
  const std::set<int64_t> unfinished = FoldersWithStale(writer, is_current);
  uint64_t finished = 0;
  for (const int64_t folder : FoldersNotAt(writer, level)) {
    if (unfinished.contains(folder)) continue;
    MarkFolder(writer, folder, level);
    ++finished;
  }
  transaction.Commit();
  return finished;
}

}  // namespace store_sim
