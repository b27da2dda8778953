// SPDX-License-Identifier: Apache-2.0
#include "mdb_outcomes.h"

#include "error.h"
#include "importer.h"
#include "mdb_columns.h"
#include "mdb_record.h"
#include "mdb_rewrite.h"
#include "mdb_writing.h"
#include "message_edit.h"
#include "notice.h"
#include "times.h"

namespace store_sim {
namespace {

// ---- Which items --------------------------------------------------------------------------------

bool IsQuarantined(Database& writer, int64_t message) {
  return writer.Prepare("SELECT 1 FROM quarantine WHERE message = ?").Bind(message).Step();
}

// The first place from `from` on where clients find the content, and its verdict is what counts.
std::optional<ItemPlace> NextItem(Database& writer, const Digest& content, const ItemPlace& from) {
  Statement row = writer.Prepare(
      "SELECT parts.message, ordinal FROM parts JOIN contents ON contents.id = content "
      "WHERE digest = ? AND (parts.message, ordinal) >= (?, ?) "
      "AND parts.message NOT IN (SELECT message FROM quarantine) "
      "AND NOT EXISTS (SELECT 1 FROM item_stamps AS own WHERE own.message = parts.message "
      "AND own.ordinal = parts.ordinal) "
      "ORDER BY parts.message, ordinal LIMIT 1");
  row.BindBlob(content).Bind(from.message).Bind(from.ordinal);
  if (!row.Step()) return std::nullopt;
  const int64_t message = row.Number();
  return ItemPlace{message, row.Number()};
}

// ---- One message --------------------------------------------------------------------------------

// For each part that is changed the message is taken apart, and all its parts are written, anew: so
// many changes, and so many parts written by them, are borne.
constexpr int64_t kMostChanged = 64;
constexpr int64_t kMostWritten = 16'384;

// How often it was changed, with the changes that this one makes.
int64_t ChangesOf(Database& writer, int64_t message, const MarkChange& change) {
  Statement before = writer.Prepare("SELECT count(*) FROM outcomes WHERE message = ?");
  before.Bind(message).Step();
  if (change.mark.stamp->scope == VSAPI_SCOPE_ITEM) return before.Number() + 1;
  Statement now = writer.Prepare(
      "SELECT count(*) FROM parts JOIN contents ON contents.id = content "
      "WHERE parts.message = ? AND digest = ?");
  now.Bind(message).BindBlob(change.content).Step();
  return before.Number() + now.Number();
}

// Then it is changed as a whole. A single part never is too many.
bool HasTooManyToChange(int64_t changes, size_t parts) {
  const int64_t written = changes * static_cast<int64_t>(parts);
  return changes > 1 && (changes > kMostChanged || written > kMostWritten);
}

struct Loaded {
  std::string raw;
  TakenApart apart;
};

Loaded Load(Database& writer, int64_t message) {
  Loaded loaded{ReadWhole(writer, message), {}};
  loaded.apart = TakeApart(loaded.raw);
  return loaded;
}

bool LeavesNotice(int32_t action, const Part& part) {
  if (action == VSAPI_ACTION_DELETE_PART) return part.kind == PartKind::kWhole;
  return action == VSAPI_ACTION_REPLACE_BY_NOTICE || action == VSAPI_ACTION_QUARANTINE;
}

// What stands for a message that is changed as a whole.
Part WholeOf(const TakenApart& apart) {
  const Part& first = apart.parts.front();
  if (first.kind == PartKind::kWhole) return first;
  Part whole;
  whole.kind = PartKind::kWhole;
  whole.path = "0";
  return whole;
}

// The message as it shall be; none: it can't be made so.
std::optional<std::string> Edited(const Loaded& loaded, size_t index, const std::string& notice,
                                  const MarkChange& change) {
  const int32_t action = change.mark.stamp->action;
  const Part& part = loaded.apart.parts.at(index);
  if (action == VSAPI_ACTION_REPLACE)
    return WithPartReplaced(loaded.raw, loaded.apart, index, {change.replacement});
  if (!LeavesNotice(action, part)) return WithPartRemoved(loaded.raw, loaded.apart, index);
  if (part.kind == PartKind::kWhole) return MessageWithText(loaded.apart.details, notice);
  return WithPartReplaced(loaded.raw, loaded.apart, index,
                          {notice, "text/plain", NoticeName(part.kind, part.name)});
}

// The store's own words: no vendor need judge them, least of all one that blocks by name.
void StampNotice(Database& writer, const std::string& notice, Stamp stamp) {
  stamp.verdict = VSAPI_VERDICT_CLEAN_PERMANENT;
  stamp.finding.clear();
  stamp.action = VSAPI_ACTION_STAMP;
  StampContent(writer, Sha256(notice), stamp);
}

bool HasStandIn(Database& writer, int64_t message) {
  return writer.Prepare("SELECT 1 FROM quarantine WHERE stands_in = ?").Bind(message).Step();
}

// The message keeps its bytes under a new number, and `edited` stands in for it under the old one.
void PutAway(Database& writer, int64_t message, const std::string& edited, int64_t now_ns) {
  IncomingMessage stand_in = Prepare(edited, ReceivedAt(writer, message));
  stand_in.came_in = ReadArrival(writer, message);
  const int64_t number = InsertMessage(writer, stand_in, nullptr);
  CopyItemStamps(writer, message, number);
  writer.Prepare("INSERT INTO placements SELECT folder, ? FROM placements WHERE message = ?")
      .Bind(number)
      .Bind(message)
      .Run();
  SwapNumbers(writer, message, number);
  writer.Prepare("INSERT INTO quarantine (message, stands_in, time_ns) VALUES (?, ?, ?)")
      .Bind(number)
      .Bind(message)
      .Bind(now_ns)
      .Run();
}

void Remember(Database& writer, int64_t message, const Part& part, const Stamp& stamp) {
  writer
      .Prepare(
          "INSERT INTO outcomes (message, path, name, action, vendor, verdict, finding, time_ns) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .Bind(message)
      .Bind(part.path)
      .Bind(part.name)
      .Bind(stamp.action)
      .Bind(stamp.vendor)
      .Bind(stamp.verdict)
      .Bind(stamp.finding)
      .Bind(stamp.time_ns)
      .Run();
}

// A verdict on a whole message does not tell which part of it is meant: nobody throws away the
// rest.
bool IsKept(int32_t action, const Part& part) {
  return action == VSAPI_ACTION_QUARANTINE || part.kind == PartKind::kWhole;
}

// False: it can't be done.
bool ChangeItem(Database& writer, const std::string& mdb, const ItemPlace& item,
                const MarkChange& change) {
  const Stamp& stamp = *change.mark.stamp;
  const Loaded loaded = Load(writer, item.message);
  const Part& found = loaded.apart.parts.at(static_cast<size_t>(item.ordinal));
  const bool is_whole =
      HasTooManyToChange(ChangesOf(writer, item.message, change), loaded.apart.parts.size());
  const Part part = is_whole ? WholeOf(loaded.apart) : found;
  if (stamp.action == VSAPI_ACTION_DELETE_MESSAGE) {
    RecordDeparture(writer, item.message, stamp.time_ns);
    RemoveMessage(writer, item.message);
  } else {
    const std::string notice = NoticeText(
        {mdb + "/" + std::to_string(item.message), part.kind, part.path, part.name}, stamp);
    const auto edited = is_whole
                            ? std::optional(MessageWithText(loaded.apart.details, notice))
                            : Edited(loaded, static_cast<size_t>(item.ordinal), notice, change);
    if (!edited || FindStored(writer, Sha256(*edited))) return false;
    const bool away = IsKept(stamp.action, part) && !HasStandIn(writer, item.message);
    away ? PutAway(writer, item.message, *edited, stamp.time_ns)
         : GiveBytes(writer, item.message, *edited);
    if (is_whole || LeavesNotice(stamp.action, part)) StampNotice(writer, notice, stamp);
  }
  Remember(writer, item.message, part, stamp);
  return true;
}

// ---- What is known already ----------------------------------------------------------------------

// The stamp of what was cleaned says so too, and is fine.
bool IsAgainst(const Stamp& stamp) {
  return ChangesMessages(stamp.action) && stamp.action != VSAPI_ACTION_REPLACE;
}

std::optional<MarkChange> NextRemembered(Database& writer, const ItemPlace& from,
                                         const IsCurrent& is_current) {
  for (const StoredPart& part : ReadParts(writer, from.message)) {
    const auto& stamp = part.mark.stamp;
    if (part.ordinal >= from.ordinal && stamp && IsAgainst(*stamp) && is_current(*stamp))
      return MarkChange{part.content, {stamp, {}}, ItemPlace{from.message, part.ordinal}};
  }
  return std::nullopt;
}

// It changes as if it were found now.
bool CarryOutOnArrival(Database& writer, const std::string& mdb, MarkChange change) {
  writer.Run("PRAGMA defer_foreign_keys = ON");
  change.mark.stamp->time_ns = NowNs();
  return ChangeItem(writer, mdb, *change.item, change);
}

// In the place of those that the message had when it came.
void ReplaceNewItems(Database& writer, int64_t message, std::vector<NewItem>& new_items) {
  std::erase_if(new_items, [&](const NewItem& item) { return item.place.message == message; });
  for (const StoredPart& part : ReadParts(writer, message))
    if (!part.mark.stamp)
      new_items.push_back({{message, part.ordinal}, part.kind, {part.content, part.size}});
}

}  // namespace

bool CarryOutRemembered(Database& writer, const std::string& mdb, int64_t message,
                        const IsCurrent& is_current, std::vector<NewItem>* new_items) {
  bool any = false;
  ItemPlace from{message, 0};
  while (const auto known = NextRemembered(writer, from, is_current)) {
    from = *known->item;
    const bool done = CarryOutOnArrival(writer, mdb, *known);
    any |= done;
    if (!done) ++from.ordinal;
  }
  if (any && new_items) ReplaceNewItems(writer, message, *new_items);
  return any;
}

bool ChangesMessages(int32_t action) {
  switch (action) {
    case VSAPI_ACTION_REPLACE_BY_NOTICE:
    case VSAPI_ACTION_REPLACE:
    case VSAPI_ACTION_QUARANTINE:
    case VSAPI_ACTION_DELETE_PART:
    case VSAPI_ACTION_DELETE_MESSAGE:
      return true;
    default:
      return false;
  }
}

void CarryOut(Database& writer, const std::string& mdb, const MarkChange& change) {
  const Stamp& stamp = *change.mark.stamp;
  const ItemPlace& asked = change.item.value();
  if (IsQuarantined(writer, asked.message)) {
    if (stamp.action != VSAPI_ACTION_REPLACE) return;
    throw Error("message " + std::to_string(asked.message) +
                " is in quarantine, and stays as it is");
  }
  writer.Run("PRAGMA defer_foreign_keys = ON");
  const bool done = ChangeItem(writer, mdb, asked, change);
  if (!done && stamp.action == VSAPI_ACTION_REPLACE)
    throw Error("what was cleaned can't be put into message " + std::to_string(asked.message));
  if (stamp.scope == VSAPI_SCOPE_ITEM) return;
  ItemPlace from;
  while (const auto item = NextItem(writer, change.content, from)) {
    from = *item;
    const bool is_tried = !done && item->message == asked.message && item->ordinal == asked.ordinal;
    if (is_tried || !ChangeItem(writer, mdb, *item, change)) ++from.ordinal;
  }
}

}  // namespace store_sim
