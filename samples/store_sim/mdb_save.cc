// SPDX-License-Identifier: Apache-2.0
//
// What an owner changes in a message: another content for a part, an attachment that was edited.
#include "error.h"
#include "importer.h"
#include "mdb.h"
#include "mdb_outcomes.h"
#include "mdb_record.h"
#include "mdb_rewrite.h"
#include "mdb_writing.h"
#include "message_edit.h"
#include "times.h"

namespace store_sim {
namespace {

// Of mailbox ?2.
#define STORE_SIM_OF_MAILBOX                                                  \
  "(SELECT folders.id FROM folders JOIN mailboxes ON mailboxes.id = mailbox " \
  "WHERE name = ?2)"

[[noreturn]] void FailUnchanged(int64_t message, const std::string& why) {
  throw Error("message " + std::to_string(message) + ": " + why + "; it stays as it is");
}

// The whole message with the new content.
std::string Edited(Database& writer, const ItemPlace& item, const std::string& content) {
  const std::string raw = ReadWhole(writer, item.message);
  const TakenApart apart = TakeApart(raw);
  const auto index = static_cast<size_t>(item.ordinal);
  if (index >= apart.parts.size()) FailUnchanged(item.message, "has no such part");
  auto edited = WithPartReplaced(raw, apart, index, {content});
  if (!edited) FailUnchanged(item.message, "that part can't be put in exactly");
  return *std::move(edited);
}

void CheckIsWhatItWas(Database& writer, const ItemPlace& item, const Digest& was) {
  Statement row = writer.Prepare(
      "SELECT 1 FROM parts JOIN contents ON contents.id = content "
      "WHERE parts.message = ? AND ordinal = ? AND digest = ?");
  if (!row.Bind(item.message).Bind(item.ordinal).BindBlob(was).Step())
    FailUnchanged(item.message, "has changed meanwhile; look at it again");
}

// What its readers would get back from quarantine knows nothing of a change.
void CheckStandsInForNone(Database& writer, int64_t message) {
  if (writer.Prepare("SELECT 1 FROM quarantine WHERE stands_in = ?").Bind(message).Step())
    FailUnchanged(message, "stands in for one that is in quarantine");
}

bool StandsOnlyIn(Database& writer, int64_t message, const std::string& mailbox) {
  Statement elsewhere = writer.Prepare(
      "SELECT 1 FROM placements WHERE message = ?1 AND folder NOT IN " STORE_SIM_OF_MAILBOX);
  return !elsewhere.Bind(message).Bind(mailbox).Step();
}

// In that mailbox the one message takes the place of the other.
void GiveUpPlaces(Database& writer, int64_t message, const std::string& mailbox, int64_t to) {
  writer
      .Prepare(
          "INSERT OR IGNORE INTO placements SELECT folder, ?3 FROM placements "
          "WHERE message = ?1 AND folder IN " STORE_SIM_OF_MAILBOX)
      .Bind(message)
      .Bind(mailbox)
      .Bind(to)
      .Run();
  writer.Prepare("DELETE FROM placements WHERE message = ?1 AND folder IN " STORE_SIM_OF_MAILBOX)
      .Bind(message)
      .Bind(mailbox)
      .Run();
  if (writer.Prepare("SELECT 1 FROM placements WHERE message = ?").Bind(message).Step()) return;
  RemoveMessage(writer, message);
}

int64_t InsertEdited(Database& writer, int64_t message, const std::string& edited,
                     std::vector<NewItem>& new_items) {
  IncomingMessage incoming = Prepare(edited, ReceivedAt(writer, message));
  incoming.came_in = ReadArrival(writer, message);
  const int64_t number = InsertMessage(writer, incoming, &new_items);
  CopyItemStamps(writer, message, number);
  return number;
}

}  // namespace

int64_t Mdb::SavePart(const ItemPlace& item, const Digest& was, const std::string& mailbox,
                      const std::string& content, std::vector<NewItem>& new_items,
                      const IsCurrent& is_current) {
  const std::lock_guard lock(writer_mutex_);
  Database& writer = WriterLocked();
  writer.Run("PRAGMA synchronous = FULL");
  Transaction transaction(writer);
  writer.Run("PRAGMA defer_foreign_keys = ON");
  CheckIsWhatItWas(writer, item, was);
  CheckStandsInForNone(writer, item.message);
  const std::string edited = Edited(writer, item, content);
  const auto known = FindStored(writer, Sha256(edited));
  int64_t number = item.message;
  if (!known && StandsOnlyIn(writer, item.message, mailbox)) {
    GiveBytes(writer, item.message, edited, &new_items);
  } else {
    if (known) EndQuarantine(writer, *known);
    number = known ? *known : InsertEdited(writer, item.message, edited, new_items);
    if (number != item.message) GiveUpPlaces(writer, item.message, mailbox, number);
  }
  RecordKnown(writer, number, NowNs());
  if (is_current) CarryOutRemembered(writer, name_, number, is_current, &new_items);
  transaction.Commit();
  return number;
}

}  // namespace store_sim
