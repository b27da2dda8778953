// SPDX-License-Identifier: Apache-2.0
//
// What stays of messages that go: the details of one that an outcome deletes, and the record of one
// that goes to another MDB, which takes it along.
#include <nlohmann/json.hpp>

#include "mdb.h"
#include "mdb_columns.h"
#include "mdb_reader.h"
#include "mdb_record.h"

namespace store_sim {
namespace {

using nlohmann::json;

std::string DetailsText(const StoredMessage& message) {
  json details{{"size", message.size},
               {"received_ns", message.received_ns},
               {"date_ns", message.details.date_ns},
               {"sender", message.details.sender},
               {"subject", message.details.subject},
               {"message_id", message.details.message_id},
               {"came_in", message.came_in},
               {"recipients", json::array()},
               {"places", json::array()}};
  for (const Recipient& each : message.details.recipients)
    details["recipients"].push_back({static_cast<int>(each.field), each.address});
  for (const Placement& each : message.placements)
    details["places"].push_back({each.mailbox, each.folder});
  return details.dump(-1, ' ', false, json::error_handler_t::replace);
}

StoredMessage MessageOf(const json& details) {
  StoredMessage message;
  message.size = details.at("size");
  message.received_ns = details.at("received_ns");
  message.details.date_ns = details.at("date_ns");
  message.details.sender = details.at("sender");
  message.details.subject = details.at("subject");
  message.details.message_id = details.at("message_id");
  message.came_in = details.at("came_in");
  for (const json& each : details.at("recipients"))
    message.details.recipients.push_back({static_cast<RecipientField>(each.at(0)), each.at(1)});
  for (const json& each : details.at("places"))
    message.placements.push_back({each.at(0), each.at(1)});
  return message;
}

void AddDetection(Database& writer, int64_t message, const Detection& found) {
  writer
      .Prepare(
          "INSERT OR IGNORE INTO detections (message, ordinal, digest, path, name, verdict, "
          "finding, vendor, version, definitions, found_ns) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .Bind(message)
      .Bind(found.place.ordinal)
      .BindBlob(found.content)
      .Bind(found.path)
      .Bind(found.name)
      .Bind(found.verdict)
      .Bind(found.finding)
      .Bind(found.vendor)
      .Bind(static_cast<int64_t>(found.version))
      .BindBlob(found.definitions)
      .Bind(found.found_ns)
      .Run();
}

void AddOpening(Database& writer, int64_t message, const Opening& opening) {
  writer
      .Prepare(
          "INSERT INTO opened (message, user, client, first_ns, last_ns, times) "
          "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
          "first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns), "
          "times = max(times, excluded.times)")
      .Bind(message)
      .Bind(opening.user)
      .Bind(opening.client)
      .Bind(opening.first_ns)
      .Bind(opening.last_ns)
      .Bind(static_cast<int64_t>(opening.times))
      .Run();
}

void AddOutcome(Database& writer, int64_t message, const PastOutcome& outcome) {
  writer
      .Prepare(
          "INSERT INTO outcomes (message, path, name, action, vendor, verdict, finding, time_ns) "
          "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (SELECT 1 FROM outcomes "
          "WHERE message = ?1 AND path = ?2 AND action = ?4 AND time_ns = ?8)")
      .Bind(message)
      .Bind(outcome.path)
      .Bind(outcome.name)
      .Bind(outcome.action)
      .Bind(outcome.vendor)
      .Bind(outcome.verdict)
      .Bind(outcome.finding)
      .Bind(outcome.time_ns)
      .Run();
}

}  // namespace

void RecordDeparture(Database& writer, int64_t message, int64_t time_ns) {
  const auto stored = ReadMessage(writer, message);
  if (!stored) return;
  writer.Prepare("INSERT OR REPLACE INTO departures (message, details, time_ns) VALUES (?, ?, ?)")
      .Bind(message)
      .Bind(DetailsText(*stored))
      .Bind(time_ns)
      .Run();
}

void ForgetRecord(Database& writer, int64_t message) {
  for (const char* sql :
       {"DELETE FROM opened WHERE message = ?", "DELETE FROM detections WHERE message = ?",
        "DELETE FROM outcomes WHERE message = ?"})
    writer.Prepare(sql).Bind(message).Run();
}

std::optional<StoredMessage> Mdb::FindDeparted(int64_t message) {
  const Reader reader(*this);
  Statement row = reader->Prepare("SELECT details FROM departures WHERE message = ?");
  if (!row.Bind(message).Step()) return std::nullopt;
  StoredMessage departed = MessageOf(json::parse(row.Text()));
  departed.number = message;
  return departed;
}

MessageRecord Mdb::RecordOf(int64_t message) {
  WriteOpenings();
  MessageRecord record;
  record.openings = OpeningsOf(message);
  for (Detection& found : Detections())
    if (found.place.message == message) record.detections.push_back(std::move(found));
  const Reader reader(*this);
  record.outcomes = ReadOutcomes(*reader, message);
  return record;
}

void Mdb::AddRecord(int64_t message, const MessageRecord& record) {
  const std::lock_guard lock(writer_mutex_);
  Database& writer = WriterLocked();
  writer.Run("PRAGMA synchronous = FULL");
  Transaction transaction(writer);
  for (const Opening& each : record.openings) AddOpening(writer, message, each);
  for (const Detection& each : record.detections) AddDetection(writer, message, each);
  for (const PastOutcome& each : record.outcomes) AddOutcome(writer, message, each);
  transaction.Commit();
}

}  // namespace store_sim
