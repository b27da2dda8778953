// SPDX-License-Identifier: Apache-2.0
//
// The part of an MDB that reads one message, part or content. mdb_list.cc tells what there is.
#include "error.h"
#include "mdb.h"
#include "mdb_columns.h"
#include "mdb_reader.h"
#include "mdb_record.h"
#include "mdb_writing.h"

namespace store_sim {

namespace {

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

std::optional<StoredMessage> ReadMessage(Database& reader, int64_t number) {
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
  message.quarantined =
      reader.Prepare("SELECT 1 FROM quarantine WHERE message = ?").Bind(number).Step();
  message.stands_in =
      reader.Prepare("SELECT 1 FROM quarantine WHERE stands_in = ?").Bind(number).Step();
  message.placements = ReadPlacements(reader, number);
  message.came_in = ReadArrival(reader, number);
  message.outcomes = ReadOutcomes(reader, number);
  return message;
}

std::optional<StoredMessage> Mdb::FindWithoutParts(int64_t number) {
  const Reader reader(*this);
  const Transaction snapshot(*reader, Access::kRead);
  return ReadMessage(*reader, number);
}

std::optional<StoredMessage> Mdb::Find(int64_t number) {
  const Reader reader(*this);
  const Transaction snapshot(*reader, Access::kRead);
  auto message = ReadMessage(*reader, number);
  if (message) message->parts = ReadParts(*reader, number);
  return message;
}

std::optional<int64_t> Mdb::FindNumber(const Digest& digest) {
  const Reader reader(*this);
  return FindStored(*reader, digest);
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

}  // namespace store_sim
