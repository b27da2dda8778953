// SPDX-License-Identifier: Apache-2.0
#include "mdb_writing.h"

#include "mdb_record.h"
#include "risk.h"

namespace store_sim {
namespace {

constexpr const char* kMailboxFolders[] = {"Inbox", "Sent Items", "Outbox", "Drafts",
                                           "Deleted Items"};

std::optional<int64_t> FindFolder(Database& writer, int64_t mailbox, const std::string& path) {
  Statement known = writer.Prepare("SELECT id FROM folders WHERE mailbox = ? AND path = ?");
  if (!known.Bind(mailbox).Bind(path).Step()) return std::nullopt;
  return known.Number();
}

int64_t InsertFolder(Database& writer, int64_t mailbox, const std::string& path) {
  writer.Prepare("INSERT INTO folders (mailbox, path) VALUES (?, ?)")
      .Bind(mailbox)
      .Bind(path)
      .Run();
  return writer.last_row();
}

int64_t EnsureMailbox(Database& writer, const std::string& name) {
  Statement known = writer.Prepare("SELECT id FROM mailboxes WHERE name = ?");
  if (known.Bind(name).Step()) return known.Number();
  writer.Prepare("INSERT INTO mailboxes (name) VALUES (?)").Bind(name).Run();
  const int64_t mailbox = writer.last_row();
  if (name != kPublicFolders)
    for (const char* folder : kMailboxFolders) InsertFolder(writer, mailbox, folder);
  return mailbox;
}

int64_t InsertContent(Database& writer, int64_t message, const Part& part,
                      const ContentIdentity& identity, std::optional<int64_t> container,
                      int64_t received_ns) {
  Statement insert = writer.Prepare(
      "INSERT INTO contents (digest, size, message, span_offset, span_size, encoding, risk, "
      "container) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  insert.BindBlob(identity.digest)
      .Bind(static_cast<int64_t>(identity.size))
      .Bind(message)
      .Bind(static_cast<int64_t>(part.offset))
      .Bind(static_cast<int64_t>(part.size))
      .Bind(static_cast<int64_t>(part.encoding))
      .Bind(RiskOf(part.kind, part.name, part.content_type, received_ns));
  container ? insert.Bind(*container) : insert.BindNull();
  insert.Run();
  return writer.last_row();
}

bool StandsIn(Database& writer, int64_t content, int64_t message) {
  Statement row = writer.Prepare("SELECT 1 FROM contents WHERE id = ? AND message = ?");
  return row.Bind(content).Bind(message).Step();
}

bool IsPart(Database& writer, const ItemPlace& place, const Part& part, int64_t content) {
  Statement row = writer.Prepare(
      "SELECT 1 FROM parts WHERE message = ? AND ordinal = ? AND path = ? AND kind = ? "
      "AND name = ? AND content_type = ? AND content = ?");
  return row.Bind(place.message)
      .Bind(place.ordinal)
      .Bind(part.path)
      .Bind(static_cast<int64_t>(part.kind))
      .Bind(part.name)
      .Bind(part.content_type)
      .Bind(content)
      .Step();
}

void DeleteParts(Database& writer, const ItemPlace& first, int64_t count) {
  writer.Prepare("DELETE FROM parts WHERE message = ? AND ordinal BETWEEN ? AND ?")
      .Bind(first.message)
      .Bind(first.ordinal)
      .Bind(first.ordinal + count - 1)
      .Run();
}

void InsertPart(Database& writer, const ItemPlace& place, const Part& part, int64_t content) {
  writer
      .Prepare(
          "INSERT INTO parts (message, ordinal, path, kind, name, content_type, content) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)")
      .Bind(place.message)
      .Bind(place.ordinal)
      .Bind(part.path)
      .Bind(static_cast<int64_t>(part.kind))
      .Bind(part.name)
      .Bind(part.content_type)
      .Bind(content)
      .Run();
}

void InsertRecipients(Database& writer, int64_t message, const MessageDetails& details) {
  int64_t ordinal = 0;
  for (const Recipient& recipient : details.recipients) {
    writer.Prepare("INSERT INTO recipients (message, ordinal, field, address) VALUES (?, ?, ?, ?)")
        .Bind(message)
        .Bind(ordinal++)
        .Bind(static_cast<int64_t>(recipient.field))
        .Bind(recipient.address)
        .Run();
  }
}

}  // namespace

int64_t EnsureFolder(Database& writer, const Placement& placement) {
  const int64_t mailbox = EnsureMailbox(writer, placement.mailbox);
  if (const auto known = FindFolder(writer, mailbox, placement.folder)) return *known;
  const size_t slash = placement.folder.rfind('/');
  if (slash != std::string::npos)
    EnsureFolder(writer, {placement.mailbox, placement.folder.substr(0, slash)});
  return InsertFolder(writer, mailbox, placement.folder);
}

Statement& BindStamp(Statement& statement, const Stamp& stamp) {
  return statement.Bind(stamp.vendor)
      .Bind(static_cast<int64_t>(stamp.version))
      .BindBlob(stamp.definitions)
      .Bind(static_cast<int64_t>(stamp.generation))
      .Bind(stamp.verdict)
      .Bind(stamp.finding)
      .Bind(stamp.time_ns)
      .Bind(stamp.action)
      .Bind(static_cast<int64_t>(stamp.since));
}

void StampContent(Database& writer, const Digest& content, const Stamp& stamp) {
  Statement update = writer.Prepare(
      "UPDATE contents SET stamp_vendor = ?, stamp_version = ?, stamp_definitions = ?, "
      "stamp_generation = ?, stamp_verdict = ?, stamp_finding = ?, stamp_time_ns = ?, "
      "stamp_action = ?, stamp_since = ?, attempt_count = NULL, attempt_not_before_ns = NULL, "
      "attempt_definitions = NULL WHERE digest = ?");
  BindStamp(update, stamp).BindBlob(content).Run();
}

std::optional<int64_t> FindStored(Database& writer, const Digest& digest) {
  Statement known = writer.Prepare(
      "SELECT coalesce(stands_in, id) FROM messages LEFT JOIN quarantine ON message = id "
      "WHERE digest = ?");
  if (!known.BindBlob(digest).Step()) return std::nullopt;
  return known.Number();
}

std::optional<int64_t> FindContent(Database& writer, const Digest& digest) {
  Statement known = writer.Prepare("SELECT id FROM contents WHERE digest = ?");
  if (!known.BindBlob(digest).Step()) return std::nullopt;
  return known.Number();
}

void SetContentPlace(Database& writer, int64_t content, int64_t message, const Part& part,
                     std::optional<int64_t> container) {
  Statement update = writer.Prepare(
      "UPDATE contents SET message = ?, span_offset = ?, span_size = ?, encoding = ?, "
      "container = ? WHERE id = ?");
  update.Bind(message)
      .Bind(static_cast<int64_t>(part.offset))
      .Bind(static_cast<int64_t>(part.size))
      .Bind(static_cast<int64_t>(part.encoding));
  container ? update.Bind(*container) : update.BindNull();
  update.Bind(content).Run();
}

std::vector<int64_t> PutParts(Database& writer, int64_t message, const IncomingMessage& incoming,
                              std::vector<NewItem>* new_items) {
  std::vector<int64_t> contents;
  for (size_t i = 0; i < incoming.apart.parts.size(); ++i) {
    const Part& part = incoming.apart.parts[i];
    const ContentIdentity& identity = incoming.contents.at(i);
    const ItemPlace place{message, static_cast<int64_t>(i)};
    std::optional<int64_t> container;
    if (part.container) container = contents.at(*part.container);
    std::optional<int64_t> content = FindContent(writer, identity.digest);
    if (!content) {
      content = InsertContent(writer, message, part, identity, container, incoming.received_ns);
      if (new_items) new_items->push_back({place, part.kind, identity});
    } else if (StandsIn(writer, *content, message)) {
      SetContentPlace(writer, *content, message, part, container);
    }
    contents.push_back(*content);
    if (IsPart(writer, place, part, *content)) continue;
    DeleteParts(writer, place, 1);
    InsertPart(writer, place, part, *content);
  }
  DeleteParts(writer, {message, static_cast<int64_t>(contents.size())}, INT32_MAX);
  return contents;
}

int64_t InsertMessage(Database& writer, const IncomingMessage& message,
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
  InsertRecipients(writer, id, details);
  PutParts(writer, id, message, new_items);
  RecordArrival(writer, id, message);
  return id;
}

}  // namespace store_sim
