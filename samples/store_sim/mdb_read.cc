// SPDX-License-Identifier: Apache-2.0
//
// The reading half of an MDB.
#include "error.h"
#include "mdb.h"
#include "mdb_reader.h"
#include "mdb_record.h"

namespace store_sim {

namespace {

#define STORE_SIM_STAMP_COLUMNS                                                       \
  "stamp_vendor, stamp_version, stamp_definitions, stamp_generation, stamp_verdict, " \
  "stamp_finding, stamp_time_ns, stamp_action"
#define STORE_SIM_MARK_COLUMNS \
  STORE_SIM_STAMP_COLUMNS ", attempt_count, attempt_not_before_ns, attempt_definitions"

// Reads STORE_SIM_STAMP_COLUMNS.
Stamp ReadStampColumns(Statement& row, int32_t scope) {
  Stamp stamp;
  stamp.vendor = row.Text();
  stamp.version = static_cast<uint64_t>(row.Number());
  stamp.definitions = ToDigest(row.Blob());
  stamp.generation = static_cast<uint64_t>(row.Number());
  stamp.verdict = static_cast<int32_t>(row.Number());
  stamp.finding = row.Text();
  stamp.time_ns = row.Number();
  stamp.action = static_cast<int32_t>(row.Number());
  stamp.scope = scope;
  return stamp;
}

// Reads STORE_SIM_MARK_COLUMNS.
ContentMark ReadMarkColumns(Statement& row) {
  ContentMark mark;
  const bool stamped = !row.IsNull();
  Stamp stamp = ReadStampColumns(row, VSAPI_SCOPE_CONTENT);
  const bool attempted = !row.IsNull();
  Attempt attempt;
  attempt.count = static_cast<uint32_t>(row.Number());
  attempt.not_before_ns = row.Number();
  attempt.definitions = ToDigest(row.Blob());
  if (stamped) mark.stamp = std::move(stamp);
  if (attempted) mark.attempt = attempt;
  return mark;
}

// Reads STORE_SIM_PART_COLUMNS.
#define STORE_SIM_PART_COLUMNS \
  "ordinal, path, kind, name, content_type, digest, size, " STORE_SIM_MARK_COLUMNS
StoredPart ReadPartColumns(Statement& row) {
  StoredPart part;
  part.ordinal = row.Number();
  part.path = row.Text();
  part.kind = static_cast<PartKind>(row.Number());
  part.name = row.Text();
  part.content_type = row.Text();
  part.content = ToDigest(row.Blob());
  part.size = static_cast<uint64_t>(row.Number());
  part.mark = ReadMarkColumns(row);
  return part;
}

// The stamp of an item goes before that of its content. Both lists go by ordinal.
void PutItemStamps(Database& reader, int64_t number, std::vector<StoredPart>& parts) {
  Statement rows = reader.Prepare("SELECT ordinal, " STORE_SIM_STAMP_COLUMNS
                                  " FROM item_stamps WHERE message = ? ORDER BY ordinal");
  rows.Bind(number);
  auto part = parts.begin();
  while (rows.Step()) {
    const int64_t ordinal = rows.Number();
    while (part != parts.end() && part->ordinal < ordinal) ++part;
    if (part == parts.end()) return;
    if (part->ordinal == ordinal) part->mark.stamp = ReadStampColumns(rows, VSAPI_SCOPE_ITEM);
  }
}

std::vector<StoredPart> ReadParts(Database& reader, int64_t number) {
  Statement rows =
      reader.Prepare("SELECT " STORE_SIM_PART_COLUMNS
                     " FROM parts JOIN contents ON contents.id = content WHERE parts.message = ? "
                     "ORDER BY ordinal");
  rows.Bind(number);
  std::vector<StoredPart> parts;
  while (rows.Step()) parts.push_back(ReadPartColumns(rows));
  PutItemStamps(reader, number, parts);
  return parts;
}

std::optional<Stamp> ReadItemStamp(Database& reader, const ItemPlace& item) {
  Statement row = reader.Prepare("SELECT " STORE_SIM_STAMP_COLUMNS
                                 " FROM item_stamps WHERE message = ? AND ordinal = ?");
  if (!row.Bind(item.message).Bind(item.ordinal).Step()) return std::nullopt;
  return ReadStampColumns(row, VSAPI_SCOPE_ITEM);
}

// By how much a verdict tells against a message.
int Weight(int32_t verdict) {
  switch (verdict) {
    case VSAPI_VERDICT_NONE:
      return 0;
    case VSAPI_VERDICT_CLEAN:
    case VSAPI_VERDICT_CLEAN_PERMANENT:
      return 1;
    case VSAPI_VERDICT_CLEANED:
    case VSAPI_VERDICT_ENCRYPTED:
    case VSAPI_VERDICT_UNSUPPORTED:
      return 2;
    case VSAPI_VERDICT_INFECTED:
    case VSAPI_VERDICT_DELETE_MESSAGE:
      return 4;
    default:
      return 3;
  }
}

void SummarizeParts(Database& reader, MessageSummary& message) {
  for (const StoredPart& part : ReadParts(reader, message.number)) {
    ++message.parts;
    message.parts_unscanned += !part.mark.stamp;
    if (part.mark.stamp && Weight(part.mark.stamp->verdict) > Weight(message.worst.verdict)) {
      message.worst = *part.mark.stamp;
    }
  }
}

std::vector<Recipient> ReadRecipients(Database& reader, int64_t number) {
  Statement rows =
      reader.Prepare("SELECT field, address FROM recipients WHERE message = ? ORDER BY ordinal");
  rows.Bind(number);
  std::vector<Recipient> recipients;
  while (rows.Step()) {
    const auto field = static_cast<RecipientField>(rows.Number());
    recipients.push_back({field, rows.Text()});
  }
  return recipients;
}

std::vector<Placement> ReadPlacements(Database& reader, int64_t number) {
  Statement rows = reader.Prepare(
      "SELECT name, path FROM placements JOIN folders ON folders.id = folder "
      "JOIN mailboxes ON mailboxes.id = mailbox WHERE message = ? ORDER BY name, path");
  rows.Bind(number);
  std::vector<Placement> placements;
  while (rows.Step()) {
    std::string mailbox = rows.Text();
    placements.push_back({std::move(mailbox), rows.Text()});
  }
  return placements;
}

struct BlobClose {
  void operator()(sqlite3_blob* blob) const { sqlite3_blob_close(blob); }
};

// A piece of a raw message, without reading the rest of it.
std::string ReadSpan(Database& reader, int64_t number, int64_t offset, int64_t size) {
  sqlite3_blob* opened = nullptr;
  const int code =
      sqlite3_blob_open(reader.handle(), "main", "messages", "raw", number, 0, &opened);
  const std::unique_ptr<sqlite3_blob, BlobClose> blob(opened);
  reader.Check(code);
  if (offset < 0 || size < 0 || offset + size > sqlite3_blob_bytes(opened)) {
    reader.Fail(SQLITE_CORRUPT);
  }
  std::string bytes(static_cast<size_t>(size), '\0');
  reader.Check(
      sqlite3_blob_read(opened, bytes.data(), static_cast<int>(size), static_cast<int>(offset)));
  return bytes;
}

// Where the decoded bytes of a content stand.
struct ContentPlace {
  int64_t message = 0;
  int64_t offset = 0;
  int64_t size = 0;
  TransferEncoding encoding = TransferEncoding::kIdentity;
  std::optional<int64_t> container;
};

ContentPlace ReadContentPlace(Database& reader, int64_t content) {
  Statement row = reader.Prepare(
      "SELECT message, span_offset, span_size, encoding, container FROM contents WHERE id = ?");
  if (!row.Bind(content).Step()) reader.Fail(SQLITE_CORRUPT);
  ContentPlace place;
  place.message = row.Number();
  place.offset = row.Number();
  place.size = row.Number();
  place.encoding = static_cast<TransferEncoding>(row.Number());
  if (!row.IsNull()) place.container = row.Number();
  return place;
}

constexpr int kMostContainers = 100;  // a damaged database may have a ring of them

std::string ReadContentRow(Database& reader, int64_t content, int most_containers) {
  const ContentPlace place = ReadContentPlace(reader, content);
  if (!place.container) {
    std::string bytes = ReadSpan(reader, place.message, place.offset, place.size);
    const bool plain = place.encoding == TransferEncoding::kIdentity;
    return plain ? std::move(bytes) : Decode(bytes, place.encoding);
  }
  if (most_containers == 0) reader.Fail(SQLITE_CORRUPT);
  const std::string container = ReadContentRow(reader, *place.container, most_containers - 1);
  const auto offset = static_cast<uint64_t>(place.offset);
  const auto size = static_cast<uint64_t>(place.size);
  if (offset > container.size() || size > container.size() - offset) reader.Fail(SQLITE_CORRUPT);
  return Decode(std::string_view(container).substr(offset, size), place.encoding);
}

}  // namespace

std::vector<MessageSummary> Mdb::List(int64_t after, size_t limit) {
  const Reader reader(*this);
  const Transaction snapshot(*reader, Access::kRead);
  Statement rows = reader->Prepare(
      "SELECT id, size, received_ns, date_ns, sender, subject, unclean_reason, covered "
      "FROM messages WHERE id > ? ORDER BY id LIMIT ?");
  rows.Bind(after).Bind(static_cast<int64_t>(limit));
  std::vector<MessageSummary> messages;
  while (rows.Step()) {
    MessageSummary& message = messages.emplace_back();
    message.number = rows.Number();
    message.size = static_cast<uint64_t>(rows.Number());
    message.received_ns = rows.Number();
    message.date_ns = rows.Number();
    message.sender = rows.Text();
    message.subject = rows.Text();
    message.unclean_reason = rows.Text();
    message.covered = rows.Number() != 0;
    SummarizeParts(*reader, message);
  }
  return messages;
}

std::vector<int64_t> Mdb::Numbers(int64_t after, size_t limit) {
  const Reader reader(*this);
  Statement rows = reader->Prepare("SELECT id FROM messages WHERE id > ? ORDER BY id LIMIT ?");
  rows.Bind(after).Bind(static_cast<int64_t>(limit));
  std::vector<int64_t> numbers;
  while (rows.Step()) numbers.push_back(rows.Number());
  return numbers;
}

namespace {

std::optional<StoredMessage> FindMessage(Database& reader, int64_t number) {
  Statement row = reader.Prepare(
      "SELECT digest, size, received_ns, date_ns, sender, subject, message_id, unclean_reason, "
      "covered "
      "FROM messages WHERE id = ?");
  if (!row.Bind(number).Step()) return std::nullopt;
  StoredMessage message;
  message.number = number;
  message.digest = ToDigest(row.Blob());
  message.size = static_cast<uint64_t>(row.Number());
  message.received_ns = row.Number();
  message.details.date_ns = row.Number();
  message.details.sender = row.Text();
  message.details.subject = row.Text();
  message.details.message_id = row.Text();
  message.unclean_reason = row.Text();
  message.covered = row.Number() != 0;
  message.details.recipients = ReadRecipients(reader, number);
  message.placements = ReadPlacements(reader, number);
  message.came_in = ReadArrival(reader, number);
  return message;
}

}  // namespace

std::optional<StoredMessage> Mdb::FindWithoutParts(int64_t number) {
  const Reader reader(*this);
  const Transaction snapshot(*reader, Access::kRead);
  return FindMessage(*reader, number);
}

std::optional<StoredMessage> Mdb::Find(int64_t number) {
  const Reader reader(*this);
  const Transaction snapshot(*reader, Access::kRead);
  auto message = FindMessage(*reader, number);
  if (message) message->parts = ReadParts(*reader, number);
  return message;
}

std::optional<StoredPart> Mdb::FindPart(const ItemPlace& item) {
  const Reader reader(*this);
  const Transaction snapshot(*reader, Access::kRead);
  Statement row = reader->Prepare("SELECT " STORE_SIM_PART_COLUMNS
                                  " FROM parts JOIN contents ON contents.id = content "
                                  "WHERE parts.message = ? AND ordinal = ?");
  if (!row.Bind(item.message).Bind(item.ordinal).Step()) return std::nullopt;
  StoredPart part = ReadPartColumns(row);
  if (auto stamp = ReadItemStamp(*reader, item)) part.mark.stamp = std::move(stamp);
  return part;
}

std::optional<std::string> Mdb::ReadRaw(int64_t number) {
  const Reader reader(*this);
  Statement row = reader->Prepare("SELECT size FROM messages WHERE id = ?");
  if (!row.Bind(number).Step()) return std::nullopt;
  return ReadSpan(*reader, number, 0, row.Number());
}

std::optional<std::string> Mdb::ReadContent(const Digest& content) {
  const Reader reader(*this);
  const Transaction snapshot(*reader, Access::kRead);
  Statement row = reader->Prepare("SELECT id FROM contents WHERE digest = ?");
  if (!row.BindBlob(content).Step()) return std::nullopt;
  return ReadContentRow(*reader, row.Number(), kMostContainers);
}

std::optional<ContentMark> Mdb::ReadMark(const Digest& content) {
  const Reader reader(*this);
  Statement row =
      reader->Prepare("SELECT " STORE_SIM_MARK_COLUMNS " FROM contents WHERE digest = ?");
  if (!row.BindBlob(content).Step()) return std::nullopt;
  return ReadMarkColumns(row);
}

MdbTotals Mdb::Totals() {
  const Reader reader(*this);
  MdbTotals totals;
  Statement messages = reader->Prepare("SELECT count(*), coalesce(sum(size), 0) FROM messages");
  messages.Step();
  totals.messages = static_cast<uint64_t>(messages.Number());
  totals.bytes = static_cast<uint64_t>(messages.Number());
  totals.contents = static_cast<uint64_t>(reader->Number("SELECT count(*) FROM contents"));
  return totals;
}

}  // namespace store_sim
