// SPDX-License-Identifier: Apache-2.0
#include "mdb_rewrite.h"

#include <algorithm>

#include "error.h"
#include "importer.h"
#include "mdb_writing.h"

namespace store_sim {
namespace {

std::vector<int64_t> ContentsWithin(Database& writer, int64_t message) {
  Statement rows = writer.Prepare("SELECT id FROM contents WHERE message = ?");
  rows.Bind(message);
  std::vector<int64_t> contents;
  while (rows.Step()) contents.push_back(rows.Number());
  return contents;
}

// The first message that holds it.
std::optional<int64_t> HolderOf(Database& writer, int64_t content) {
  Statement row = writer.Prepare("SELECT message FROM parts WHERE content = ? LIMIT 1");
  if (!row.Bind(content).Step()) return std::nullopt;
  return row.Number();
}

Digest DigestOf(Database& writer, int64_t content) {
  Statement row = writer.Prepare("SELECT digest FROM contents WHERE id = ?");
  row.Bind(content).Step();
  return ToDigest(row.Blob());
}

void FindAgain(Database& writer, int64_t content, int64_t holder) {
  const IncomingMessage message = Prepare(ReadWhole(writer, holder), 0);
  const Digest digest = DigestOf(writer, content);
  const auto at = std::find_if(message.contents.begin(), message.contents.end(),
                               [&](const auto& each) { return each.digest == digest; });
  if (at == message.contents.end()) {
    throw Error("message " + std::to_string(holder) +
                ": lacks a content that it holds; the "
                "database is damaged: see `store_sim check`");
  }
  const size_t index = static_cast<size_t>(at - message.contents.begin());
  const Part& part = message.apart.parts[index];
  std::optional<int64_t> container;
  if (part.container) container = FindContent(writer, message.contents[*part.container].digest);
  SetContentPlace(writer, content, holder, part, container);
}

// What stood in a message that lacks it now.
void LookAfter(Database& writer, const std::vector<int64_t>& contents) {
  std::vector<int64_t> lost;
  for (const int64_t content : contents) {
    const auto holder = HolderOf(writer, content);
    if (holder) {
      FindAgain(writer, content, *holder);
    } else {
      lost.push_back(content);
    }
  }
  for (const int64_t content : lost)
    writer.Prepare("DELETE FROM contents WHERE id = ?").Bind(content).Run();
}

bool IsTaken(Database& writer, const Digest& digest) {
  return writer.Prepare("SELECT 1 FROM messages WHERE digest = ?").BindBlob(digest).Step();
}

void Renumber(Database& writer, int64_t from, int64_t to) {
  for (const char* sql : {"UPDATE messages SET id = ?2 WHERE id = ?1",
                          "UPDATE recipients SET message = ?2 WHERE message = ?1",
                          "UPDATE contents SET message = ?2 WHERE message = ?1",
                          "UPDATE parts SET message = ?2 WHERE message = ?1",
                          "UPDATE item_stamps SET message = ?2 WHERE message = ?1"})
    writer.Prepare(sql).Bind(from).Bind(to).Run();
}

}  // namespace

std::string ReadWhole(Database& reader, int64_t message) {
  Statement row = reader.Prepare("SELECT raw FROM messages WHERE id = ?");
  if (!row.Bind(message).Step()) throw Error("message " + std::to_string(message) + ": is gone");
  return row.Blob();
}

int64_t ReceivedAt(Database& reader, int64_t message) {
  Statement row = reader.Prepare("SELECT received_ns FROM messages WHERE id = ?");
  return row.Bind(message).Step() ? row.Number() : 0;
}

void GiveBytes(Database& writer, int64_t message, const std::string& raw,
               std::vector<NewItem>* new_items) {
  const IncomingMessage now = Prepare(raw, ReceivedAt(writer, message));
  if (IsTaken(writer, now.digest)) throw Error("another message has these bytes already");
  std::vector<int64_t> contents = ContentsWithin(writer, message);
  writer
      .Prepare(
          "UPDATE messages SET digest = ?, size = ?, unclean_reason = ?, covered = ?, raw = ? "
          "WHERE id = ?")
      .BindBlob(now.digest)
      .Bind(static_cast<int64_t>(raw.size()))
      .Bind(now.apart.unclean_reason)
      .Bind(static_cast<int64_t>(now.apart.covered))
      .BindBlob(raw)
      .Bind(message)
      .Run();
  const std::vector<int64_t> held = PutParts(writer, message, now, new_items);
  std::erase_if(contents, [&](int64_t each) {
    return std::find(held.begin(), held.end(), each) != held.end();
  });
  LookAfter(writer, contents);
}

void RemoveMessage(Database& writer, int64_t message) {
  const std::vector<int64_t> contents = ContentsWithin(writer, message);
  writer.Prepare("DELETE FROM parts WHERE message = ?").Bind(message).Run();
  writer.Prepare("DELETE FROM messages WHERE id = ?").Bind(message).Run();
  LookAfter(writer, contents);
}

bool EndQuarantine(Database& writer, int64_t message) {
  Statement ended =
      writer.Prepare("DELETE FROM quarantine WHERE message = ? AND stands_in IS NULL");
  ended.Bind(message).Run();
  if (writer.changed_rows() == 0) return false;
  writer.Prepare("DELETE FROM placements WHERE message = ?").Bind(message).Run();
  return true;
}

void CopyItemStamps(Database& writer, int64_t from, int64_t to) {
  writer
      .Prepare(
          "INSERT INTO item_stamps SELECT ?2, stamps.ordinal, stamp_vendor, stamp_version, "
          "stamp_definitions, stamp_generation, stamp_verdict, stamp_finding, stamp_time_ns, "
          "stamp_action, stamp_since FROM item_stamps stamps "
          "JOIN parts mine ON mine.message = ?1 AND mine.ordinal = stamps.ordinal "
          "JOIN parts its ON its.message = ?2 AND its.ordinal = stamps.ordinal "
          "AND its.path = mine.path AND its.content = mine.content "
          "WHERE stamps.message = ?1")
      .Bind(from)
      .Bind(to)
      .Run();
}

void SwapNumbers(Database& writer, int64_t one, int64_t other) {
  constexpr int64_t kBetween = -1;
  Renumber(writer, one, kBetween);
  Renumber(writer, other, one);
  Renumber(writer, kBetween, other);
}

}  // namespace store_sim
