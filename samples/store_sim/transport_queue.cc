// SPDX-License-Identifier: Apache-2.0
#include "transport_queue.h"

#include "error.h"

namespace store_sim {
namespace {

constexpr int64_t kApplicationId = 0x56535451;  // "VSTQ"
constexpr int64_t kSchemaVersion = 1;

// `raw` stands last, so that a list does not read its pages. Recipients are one a line: an address
// has no line end.
constexpr char kTables[] = R"sql(
  CREATE TABLE pending (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    sender        TEXT NOT NULL,
    recipients    TEXT NOT NULL,
    mdb           TEXT NOT NULL,
    relay         TEXT NOT NULL,
    hop           TEXT NOT NULL,
    outgoing      INTEGER NOT NULL,
    access        INTEGER NOT NULL,
    message_id    TEXT NOT NULL,
    subject       TEXT NOT NULL,
    size          INTEGER NOT NULL,
    bulk          INTEGER NOT NULL,
    received_ns   INTEGER NOT NULL,
    state         INTEGER NOT NULL,
    tries         INTEGER NOT NULL,
    edits         INTEGER NOT NULL,
    not_before_ns INTEGER NOT NULL,
    last          TEXT NOT NULL,
    raw           BLOB NOT NULL
  ) STRICT;
  CREATE INDEX pending_by_time ON pending (state, bulk, not_before_ns);
)sql";

constexpr char kListed[] =
    "SELECT id, sender, recipients, mdb, relay, hop, outgoing, access, message_id, subject, size, "
    "bulk, received_ns, state, tries, edits, not_before_ns, last FROM pending ORDER BY id";
constexpr char kOne[] =
    "SELECT id, sender, recipients, mdb, relay, hop, outgoing, access, message_id, subject, size, "
    "bulk, received_ns, state, tries, edits, not_before_ns, last, raw FROM pending WHERE id = ?";

std::string Lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::vector<std::string> FromLines(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t end; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1))
    lines.emplace_back(text.substr(0, end));
  return lines;
}

QueuedMessage MessageOf(Statement& row) {
  QueuedMessage message;
  message.number = row.Number();
  message.envelope.from = row.Text();
  message.envelope.to = FromLines(row.Text());
  message.envelope.mdb = row.Text();
  message.envelope.relay = row.Text();
  message.envelope.hop = row.Text();
  message.envelope.outgoing = row.Number() != 0;
  message.envelope.access = static_cast<int32_t>(row.Number());
  message.message_id = row.Text();
  message.subject = row.Text();
  message.size = static_cast<uint64_t>(row.Number());
  message.bulk = row.Number() != 0;
  message.received_ns = row.Number();
  message.state = static_cast<QueueState>(row.Number());
  message.tries = static_cast<uint32_t>(row.Number());
  message.edits = static_cast<uint32_t>(row.Number());
  message.not_before_ns = row.Number();
  message.last = row.Text();
  return message;
}

void Create(Database& database) {
  database.Run("PRAGMA journal_mode = WAL");
  Transaction transaction(database);
  if (database.Number("PRAGMA user_version") != 0) return;  // another process was first
  database.Run(kTables);
  database.Run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
  database.Run(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
  transaction.Commit();
}

void CheckIsOurs(Database& database) {
  const bool is_ours = database.Number("PRAGMA application_id") == kApplicationId;
  if (is_ours && database.Number("PRAGMA user_version") == kSchemaVersion) return;
  throw Error(database.file().string() +
              ": is no queue of this version of store_sim; use the one that wrote it");
}

std::filesystem::path FileOf(const std::filesystem::path& store) { return store / kTransportFile; }

}  // namespace

// Who was killed while making it has left a database without tables: that is none yet.
bool TransportQueue::Exists(const std::filesystem::path& store) {
  if (!std::filesystem::exists(FileOf(store))) return false;
  Database database(FileOf(store), Access::kRead);
  return database.Number("PRAGMA user_version") != 0 ||
         database.Number("SELECT count(*) FROM sqlite_schema") != 0;
}

TransportQueue::TransportQueue(const std::filesystem::path& store, Access access)
    : database_(
          FileOf(store), access,
          access == Access::kWrite ? Database::IfMissing::kCreate : Database::IfMissing::kFail) {
  if (access == Access::kWrite && database_.Number("PRAGMA user_version") == 0) Create(database_);
  CheckIsOurs(database_);
  if (access == Access::kWrite) database_.Run("PRAGMA synchronous = FULL");
}

int64_t TransportQueue::Add(const QueuedMessage& message) {
  const std::lock_guard lock(mutex_);
  const Envelope& envelope = message.envelope;
  database_
      .Prepare(
          "INSERT INTO pending (sender, recipients, mdb, relay, hop, outgoing, access, message_id, "
          "subject, size, bulk, received_ns, state, tries, edits, not_before_ns, last, raw) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, '', ?)")
      .Bind(envelope.from)
      .Bind(Lines(envelope.to))
      .Bind(envelope.mdb)
      .Bind(envelope.relay)
      .Bind(envelope.hop)
      .Bind(int64_t{envelope.outgoing})
      .Bind(int64_t{envelope.access})
      .Bind(message.message_id)
      .Bind(message.subject)
      .Bind(static_cast<int64_t>(message.raw.size()))
      .Bind(int64_t{message.bulk})
      .Bind(message.received_ns)
      .BindBlob(message.raw)
      .Run();
  return database_.last_row();
}

std::vector<QueuedMessage> TransportQueue::List() {
  const std::lock_guard lock(mutex_);
  std::vector<QueuedMessage> all;
  for (Statement row = database_.Prepare(kListed); row.Step();) all.push_back(MessageOf(row));
  return all;
}

std::optional<QueuedMessage> TransportQueue::Load(int64_t number) {
  const std::lock_guard lock(mutex_);
  Statement row = database_.Prepare(kOne);
  if (!row.Bind(number).Step()) return std::nullopt;
  QueuedMessage message = MessageOf(row);
  message.raw = row.Blob();
  return message;
}

std::vector<TransportQueue::DueMessage> TransportQueue::Due(int64_t now_ns, bool bulk,
                                                            size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<DueMessage> due;
  Statement row = database_.Prepare(
      "SELECT id, size FROM pending WHERE state = 0 AND bulk = ? AND not_before_ns <= ? "
      "ORDER BY not_before_ns, id LIMIT ?");
  row.Bind(int64_t{bulk}).Bind(now_ns).Bind(static_cast<int64_t>(limit));
  while (row.Step()) {
    DueMessage& message = due.emplace_back();
    message.number = row.Number();
    message.size = static_cast<uint64_t>(row.Number());
  }
  return due;
}

std::optional<int64_t> TransportQueue::NextAfter(int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  std::optional<int64_t> next;
  for (const int64_t bulk : {0, 1}) {  // by the index
    Statement row = database_.Prepare(
        "SELECT min(not_before_ns) FROM pending WHERE state = 0 AND bulk = ? AND not_before_ns > "
        "?");
    if (!row.Bind(bulk).Bind(now_ns).Step() || row.IsNull()) continue;
    next = std::min(next.value_or(INT64_MAX), row.Number());
  }
  return next;
}

std::string TransportQueue::Damage() {
  const std::lock_guard lock(mutex_);
  Statement row = database_.Prepare("PRAGMA integrity_check(1)");
  const std::string text = row.Step() ? row.Text() : "nothing could be read";
  return text == "ok" ? "" : text;
}

void TransportQueue::Defer(int64_t number, int64_t not_before_ns, const std::string& why) {
  const std::lock_guard lock(mutex_);
  database_
      .Prepare("UPDATE pending SET tries = tries + 1, not_before_ns = ?, last = ? WHERE id = ?")
      .Bind(not_before_ns)
      .Bind(why)
      .Bind(number)
      .Run();
}

void TransportQueue::Quarantine(int64_t number, const std::string& why) {
  const std::lock_guard lock(mutex_);
  database_.Prepare("UPDATE pending SET tries = tries + 1, state = ?, last = ? WHERE id = ?")
      .Bind(static_cast<int64_t>(QueueState::kQuarantined))
      .Bind(why)
      .Bind(number)
      .Run();
}

void TransportQueue::Rewrite(int64_t number, const std::string& raw) {
  const std::lock_guard lock(mutex_);
  database_.Prepare("UPDATE pending SET edits = edits + 1, size = ?, raw = ? WHERE id = ?")
      .Bind(static_cast<int64_t>(raw.size()))
      .BindBlob(raw)
      .Bind(number)
      .Run();
}

void TransportQueue::Remove(int64_t number) {
  const std::lock_guard lock(mutex_);
  database_.Prepare("DELETE FROM pending WHERE id = ?").Bind(number).Run();
}

bool TransportQueue::RetryNow(int64_t number, int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  database_
      .Prepare("UPDATE pending SET state = 0, tries = 0, edits = 0, not_before_ns = ? WHERE id = ?")
      .Bind(now_ns)
      .Bind(number)
      .Run();
  return database_.changed_rows() > 0;
}

}  // namespace store_sim
