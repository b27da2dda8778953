// SPDX-License-Identifier: Apache-2.0
//
// How an MDB is opened, and how messages come into it. mdb_marks.cc writes what becomes of them,
// mdb_read.cc reads.
#include "mdb.h"

#include "error.h"
#include "mdb_outcomes.h"
#include "mdb_record.h"
#include "mdb_rewrite.h"
#include "mdb_schema.h"
#include "mdb_writing.h"
#include "times.h"

namespace store_sim {
namespace {

// After a large batch the log file beside the database shrinks again to this.
constexpr char kLogLimit[] = "PRAGMA journal_size_limit = 67108864";
// Pages in the log until it is written back: a pass comes to the same page of a large MDB again and
// again.
constexpr char kLogPages[] = "PRAGMA wal_autocheckpoint = 4096";

// With the message, so that nobody finds it without them and scans it a second time.
void PutStamps(Database& writer, const std::string& mdb, int64_t message,
               const IncomingMessage& incoming) {
  for (size_t at = 0; at < incoming.stamps.size(); ++at) {
    if (!incoming.stamps[at]) continue;
    const ItemPlace item{message, static_cast<int64_t>(at)};
    ApplyMark(writer, mdb, {incoming.contents.at(at).digest, {incoming.stamps[at], {}}, item});
  }
}

void CheckIsStill(Database& writer, int64_t message, const Digest& was) {
  Statement row = writer.Prepare("SELECT 1 FROM messages WHERE id = ? AND digest = ?");
  if (!row.Bind(message).BindBlob(was).Step())
    throw Error("message " + std::to_string(message) + ": is not what it was any more");
}

void RemoveFrom(Database& writer, const std::string& mailbox, int64_t message) {
  writer
      .Prepare(
          "DELETE FROM placements WHERE message = ? AND folder IN (SELECT folders.id FROM folders "
          "JOIN mailboxes ON mailboxes.id = mailbox WHERE name = ?)")
      .Bind(message)
      .Bind(mailbox)
      .Run();
  if (writer.changed_rows() == 0)
    throw Error("message " + std::to_string(message) + ": is not in the mailbox " + mailbox +
                " any more");
}

}  // namespace

void Mdb::Create(const std::filesystem::path& file, MdbKind kind) {
  Database database(file, Access::kWrite, Database::IfMissing::kCreate);
  CreateSchema(database, kind);
}

bool Mdb::IsOutdated(const std::filesystem::path& file) {
  Database database(file, Access::kRead);
  CheckIsOurs(database);
  return IsOfEarlierVersion(database);
}

Mdb::Mdb(const std::filesystem::path& file, std::string name, Access access)
    : file_(file), name_(std::move(name)) {
  auto first = std::make_unique<Database>(file_, Access::kRead);
  CheckIsOurs(*first);
  if (IsOfEarlierVersion(*first)) {
    if (access == Access::kRead) throw Error(file_.string() + ": is not up to date");
    Database writer(file_, Access::kWrite);
    BringUpToDate(writer);
  }
  kind_ = static_cast<MdbKind>(first->Number("SELECT kind FROM mdb"));
  idle_readers_.push_back(std::move(first));
  if (access == Access::kRead) return;
  writer_ = std::make_unique<Database>(file_, Access::kWrite);
  writer_->Run(kLogLimit);
  writer_->Run(kLogPages);
  Transaction transaction(*writer_);
  PrepareRecord(*writer_, NowNs());
  transaction.Commit();
}

Database& Mdb::WriterLocked() {
  if (!writer_) throw Error(file_.string() + ": the store was opened for reading only");
  return *writer_;
}

ImportCount Mdb::Import(std::span<const IncomingMessage> messages, std::vector<NewItem>* new_items,
                        const IsCurrent& is_current) {
  const std::lock_guard lock(writer_mutex_);
  Database& writer = WriterLocked();
  writer.Run("PRAGMA synchronous = FULL");
  Transaction transaction(writer);
  ImportCount count;
  for (const IncomingMessage& message : messages) {
    const bool is_new = Arrive(writer, message, new_items, is_current, count);
    ++(is_new ? count.stored : count.known);
    count.unclean += is_new && !message.apart.unclean_reason.empty();
  }
  transaction.Commit();
  return count;
}

// False: these bytes were there already. What lay in quarantine, and nothing stands in for it any
// more, arrives anew: its readers must not miss it.
bool Mdb::Arrive(Database& writer, const IncomingMessage& message, std::vector<NewItem>* new_items,
                 const IsCurrent& is_current, ImportCount& count) {
  const auto known = FindStored(writer, message.digest);
  const int64_t id = known ? *known : InsertMessage(writer, message, new_items);
  const bool is_back = known && EndQuarantine(writer, id);
  if (!known) RecordKnown(writer, id, NowNs());
  for (const Placement& placement : message.placements) Place(writer, placement, id);
  PutStamps(writer, name_, id, message);
  if (known && !is_back) return false;
  if (is_current && CarryOutRemembered(writer, name_, id, is_current, new_items)) ++count.bad;
  return !known;
}

void Mdb::TakeOut(int64_t number, const Digest& was, const std::string& mailbox,
                  const std::optional<Placement>& to) {
  const std::lock_guard lock(writer_mutex_);
  Database& writer = WriterLocked();
  writer.Run("PRAGMA synchronous = FULL");
  Transaction transaction(writer);
  writer.Run("PRAGMA defer_foreign_keys = ON");
  CheckIsStill(writer, number, was);
  RemoveFrom(writer, mailbox, number);
  if (to) Place(writer, *to, number);
  const bool stands =
      writer.Prepare("SELECT 1 FROM placements WHERE message = ?").Bind(number).Step();
  if (!stands) {
    RemoveMessage(writer, number);
    ForgetRecord(writer, number);
  }
  transaction.Commit();
}

void Mdb::Place(Database& writer, const Placement& placement, int64_t message) {
  if ((placement.mailbox == kPublicFolders) != (kind_ == MdbKind::kPublic)) {
    throw Error(kind_ == MdbKind::kPublic
                    ? name_ + ": a public MDB, which has no mailboxes; name a folder alone"
                    : name_ + ": has no public folders; name another mailbox");
  }
  writer.Prepare("INSERT OR IGNORE INTO placements (folder, message) VALUES (?, ?)")
      .Bind(EnsureFolder(writer, placement))
      .Bind(message)
      .Run();
}

}  // namespace store_sim
