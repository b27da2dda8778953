// SPDX-License-Identifier: Apache-2.0
//
// How an MDB is made, opened and checked, and how messages come into it. mdb_marks.cc writes what
// becomes of them, mdb_read.cc reads.
#include "mdb.h"

#include "error.h"
#include "mdb_record.h"
#include "schema.h"
#include "times.h"

namespace store_sim {
namespace {

// Read as it is, and given the indexes when it is opened for writing.
constexpr int64_t kWithoutStampIndexes = 2;

// No quick_check here: it reads the whole file. A damaged page is reported when it is met.
void CheckIsOurs(Database& database) {
  const std::string file = database.file().string();
  if (database.Number("PRAGMA page_count") == 0) {
    throw Error(file + ": is empty, its messages are lost; restore it from a backup");
  }
  if (database.Number("PRAGMA application_id") != kApplicationId) {
    throw Error(file + ": a database, but none of store_sim; give the folder of a store");
  }
  const int64_t version = database.Number("PRAGMA user_version");
  if (version != kSchemaVersion && version != kWithoutStampIndexes) {
    throw Error(file + ": written by another version of store_sim (schema " +
                std::to_string(version) + ", this program knows " + std::to_string(kSchemaVersion) +
                "); use that one, or import again");
  }
}

void AddStampIndexes(Database& database) {
  database.Run(kStampIndexes);
  database.Run(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
}

// After a large batch the log file beside the database shrinks again to this.
constexpr char kLogLimit[] = "PRAGMA journal_size_limit = 67108864";

std::optional<int64_t> FindContent(Database& writer, const ContentIdentity& identity) {
  Statement known = writer.Prepare("SELECT id FROM contents WHERE digest = ?");
  if (!known.BindBlob(identity.digest).Step()) return std::nullopt;
  return known.Number();
}

// `contents` are those of the parts before it.
int64_t InsertContent(Database& writer, int64_t message, const Part& part,
                      const ContentIdentity& identity, const std::vector<int64_t>& contents) {
  Statement insert = writer.Prepare(
      "INSERT INTO contents (digest, size, message, span_offset, span_size, encoding, container) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)");
  insert.BindBlob(identity.digest)
      .Bind(static_cast<int64_t>(identity.size))
      .Bind(message)
      .Bind(static_cast<int64_t>(part.offset))
      .Bind(static_cast<int64_t>(part.size))
      .Bind(static_cast<int64_t>(part.encoding));
  part.container ? insert.Bind(contents.at(*part.container)) : insert.BindNull();
  insert.Run();
  return writer.last_row();
}

}  // namespace

// In one transaction, so that a crash leaves no half-made MDB behind that looks like a whole one.
void Mdb::Create(const std::filesystem::path& file) {
  Database database(file, Access::kWrite, Database::IfMissing::kCreate);
  database.Run("PRAGMA page_size = 16384");
  database.Run("PRAGMA journal_mode = WAL");
  database.Run("PRAGMA synchronous = FULL");
  Transaction transaction(database);
  database.Run(kTables);
  database.Run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
  AddStampIndexes(database);
  PrepareRecord(database, NowNs());
  transaction.Commit();
}

Mdb::Mdb(const std::filesystem::path& file, std::string name, Access access)
    : file_(file), name_(std::move(name)) {
  auto first = std::make_unique<Database>(file_, Access::kRead);
  CheckIsOurs(*first);
  idle_readers_.push_back(std::move(first));
  if (access == Access::kRead) return;
  writer_ = std::make_unique<Database>(file_, Access::kWrite);
  writer_->Run(kLogLimit);
  Transaction transaction(*writer_);
  if (writer_->Number("PRAGMA user_version") != kSchemaVersion) AddStampIndexes(*writer_);
  PrepareRecord(*writer_, NowNs());
  transaction.Commit();
}

Database& Mdb::WriterLocked() {
  if (!writer_) throw Error(file_.string() + ": the store was opened for reading only");
  return *writer_;
}

ImportCount Mdb::Import(std::span<const IncomingMessage> messages,
                        std::vector<NewItem>* new_items) {
  const std::lock_guard lock(writer_mutex_);
  Database& writer = WriterLocked();
  writer.Run("PRAGMA synchronous = FULL");
  Transaction transaction(writer);
  ImportCount count;
  for (const IncomingMessage& message : messages) {
    const int64_t folder = FolderId(writer, message.placement);
    Statement known = writer.Prepare("SELECT id FROM messages WHERE digest = ?");
    const bool is_known = known.BindBlob(message.digest).Step();
    const int64_t id = is_known ? known.Number() : InsertMessage(writer, message, new_items);
    writer.Prepare("INSERT OR IGNORE INTO placements (folder, message) VALUES (?, ?)")
        .Bind(folder)
        .Bind(id)
        .Run();
    ++(is_known ? count.known : count.stored);
    count.unclean += !is_known && !message.apart.unclean_reason.empty();
  }
  transaction.Commit();
  return count;
}

int64_t Mdb::FolderId(Database& writer, const Placement& placement) {
  writer.Prepare("INSERT OR IGNORE INTO mailboxes (name) VALUES (?)").Bind(placement.mailbox).Run();
  writer
      .Prepare(
          "INSERT OR IGNORE INTO folders (mailbox, path) "
          "SELECT id, ?2 FROM mailboxes WHERE name = ?1")
      .Bind(placement.mailbox)
      .Bind(placement.folder)
      .Run();
  Statement select = writer.Prepare(
      "SELECT folders.id FROM folders JOIN mailboxes ON mailboxes.id = mailbox "
      "WHERE name = ? AND path = ?");
  select.Bind(placement.mailbox).Bind(placement.folder).Step();
  return select.Number();
}

int64_t Mdb::InsertMessage(Database& writer, const IncomingMessage& message,
                           std::vector<NewItem>* new_items) {
  const MessageDetails& details = message.apart.details;
  writer
      .Prepare(
          "INSERT INTO messages (digest, size, received_ns, date_ns, sender, subject, "
          "message_id, unclean_reason, covered, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .BindBlob(message.digest)
      .Bind(static_cast<int64_t>(message.raw.size()))
      .Bind(message.received_ns)
      .Bind(details.date_ns)
      .Bind(details.sender)
      .Bind(details.subject)
      .Bind(details.message_id)
      .Bind(message.apart.unclean_reason)
      .Bind(static_cast<int64_t>(message.apart.covered))
      .BindBlob(message.raw)
      .Run();
  const int64_t id = writer.last_row();
  int64_t ordinal = 0;
  for (const Recipient& recipient : details.recipients) {
    writer.Prepare("INSERT INTO recipients (message, ordinal, field, address) VALUES (?, ?, ?, ?)")
        .Bind(id)
        .Bind(ordinal++)
        .Bind(static_cast<int64_t>(recipient.field))
        .Bind(recipient.address)
        .Run();
  }
  InsertParts(writer, id, message, new_items);
  RecordArrival(writer, id, message);
  return id;
}

void Mdb::InsertParts(Database& writer, int64_t message, const IncomingMessage& incoming,
                      std::vector<NewItem>* new_items) {
  std::vector<int64_t> contents;
  for (size_t i = 0; i < incoming.apart.parts.size(); ++i) {
    const Part& part = incoming.apart.parts[i];
    const ContentIdentity& identity = incoming.contents.at(i);
    const auto ordinal = static_cast<int64_t>(i);
    std::optional<int64_t> content = FindContent(writer, identity);
    if (!content) {
      content = InsertContent(writer, message, part, identity, contents);
      if (new_items) new_items->push_back({{message, ordinal}, part.kind, identity});
    }
    contents.push_back(*content);
    writer
        .Prepare(
            "INSERT INTO parts (message, ordinal, path, kind, name, content_type, content) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)")
        .Bind(message)
        .Bind(ordinal)
        .Bind(part.path)
        .Bind(static_cast<int64_t>(part.kind))
        .Bind(part.name)
        .Bind(part.content_type)
        .Bind(*content)
        .Run();
  }
}

}  // namespace store_sim
