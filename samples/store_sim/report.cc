// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "display.h"
#include "times.h"

namespace store_sim {
namespace {

using nlohmann::json;

constexpr size_t kDetailWidth = 13;

// What the messages mean for one user: the owner of a mailbox, or who opened one.
struct AffectedUser {
  uint64_t messages = 0;
  uint64_t opened_too_early = 0;
};
using AffectedUsers = std::map<std::string, AffectedUser>;

AffectedUsers UsersOf(const AffectedMessage& affected) {
  AffectedUsers users;
  if (affected.message) {
    for (const Placement& place : affected.message->placements) users[place.mailbox].messages = 1;
  }
  for (const Opening& opening : affected.openings) {
    AffectedUser& user = users[opening.user];
    user.messages = 1;
    if (affected.WasTooEarly(opening)) user.opened_too_early = 1;
  }
  return users;
}

AffectedUsers UsersOf(const std::vector<AffectedMessage>& messages) {
  AffectedUsers users;
  for (const AffectedMessage& affected : messages) {
    for (const auto& [name, one] : UsersOf(affected)) {
      users[name].messages += one.messages;
      users[name].opened_too_early += one.opened_too_early;
    }
  }
  return users;
}

bool WasOpenedTooEarly(const AffectedMessage& affected) {
  return std::any_of(affected.openings.begin(), affected.openings.end(),
                     [&](const Opening& opening) { return affected.WasTooEarly(opening); });
}

// ---- JSON ---------------------------------------------------------------------------------------

json TimeJson(int64_t ns) { return ns == 0 ? json(nullptr) : json(IsoTime(ns)); }

json ToJson(const Detection& found) {
  return {{"part", found.path},
          {"name", found.name},
          {"digest", ToHex(found.content)},
          {"verdict", vsapi_verdict_text(found.verdict)},
          {"finding", found.finding},
          {"vendor", found.vendor},
          {"version", found.version},
          {"definitions", ToHex(found.definitions)},
          {"time", IsoTime(found.found_ns)}};
}

json ToJson(const AffectedMessage& affected, const Opening& opening) {
  return {{"user", opening.user},
          {"client", opening.client},
          {"first", IsoTime(opening.first_ns)},
          {"last", IsoTime(opening.last_ns)},
          {"times", opening.times},
          {"before_found", affected.WasTooEarly(opening)}};
}

json DetailsJson(const StoredMessage& message) {
  json recipients = json::array();
  for (const Recipient& each : message.details.recipients) recipients.push_back(each.address);
  json places = json::array();
  for (const Placement& each : message.placements) {
    places.push_back({{"mailbox", each.mailbox}, {"folder", each.folder}});
  }
  return {{"sender", message.details.sender},
          {"recipients", recipients},
          {"subject", message.details.subject},
          {"message_id", message.details.message_id},
          {"submitted", TimeJson(message.details.date_ns)},
          {"delivered", TimeJson(message.received_ns)},
          {"came_in", message.came_in},
          {"places", places}};
}

json ToJson(const AffectedMessage& affected) {
  json entry{{"mdb", affected.mdb}, {"number", affected.number}, {"deleted", affected.is_deleted}};
  entry["details"] = affected.message ? DetailsJson(*affected.message) : json(nullptr);
  entry["found"] = json::array();
  for (const Detection& each : affected.detections) entry["found"].push_back(ToJson(each));
  entry["opened"] = json::array();
  for (const Opening& each : affected.openings) entry["opened"].push_back(ToJson(affected, each));
  return entry;
}

// ---- Text ---------------------------------------------------------------------------------------

void Detail(std::ostream& out, const std::string& title, const std::string& text) {
  if (text.empty()) return;
  out << "    " << title << std::string(kDetailWidth - title.size(), ' ') << ForDisplay(text)
      << '\n';
}

// A part without a name of its own has none; nor has a reader.
std::string Named(const std::string& name, const std::string& otherwise) {
  return name.empty() ? otherwise : name;
}

void Print(const Detection& found, std::ostream& out) {
  const std::string name = found.name.empty() ? "" : " (" + found.name + ")";
  Detail(out, "found",
         vsapi_verdict_text(found.verdict) + std::string(" ") + found.finding + " in part " +
             found.path + name + ", " + IsoTime(found.found_ns));
  Detail(out, "by",
         found.vendor + ", version " + std::to_string(found.version) + ", definitions " +
             ToHex(found.definitions));
}

void Print(const StoredMessage& message, std::ostream& out) {
  std::string recipients, places;
  for (const Recipient& each : message.details.recipients) {
    recipients += (recipients.empty() ? "" : ", ") + each.address;
  }
  for (const Placement& each : message.placements) {
    places += (places.empty() ? "" : ", ") + each.mailbox + ": " + each.folder;
  }
  Detail(out, "from", message.details.sender);
  Detail(out, "to", recipients);
  Detail(out, "subject", message.details.subject);
  Detail(out, "message-id", message.details.message_id);
  Detail(out, "came in",
         Named(message.came_in, "unknown how") + ", " + IsoTime(message.received_ns));
  Detail(out, "held by", places);
}

void Print(const AffectedMessage& affected, std::ostream& out) {
  out << affected.mdb << '/' << affected.number
      << (affected.is_deleted ? "  (deleted)"
          : affected.message  ? ""
                              : "  (no longer in the store)")
      << '\n';
  for (const Detection& each : affected.detections) Print(each, out);
  if (affected.message) Print(*affected.message, out);
  for (const Opening& each : affected.openings) {
    Detail(out, "opened by",
           Named(each.user, "unknown user") + (each.client.empty() ? "" : " by " + each.client) +
               ", " + std::to_string(each.times) +
               (each.times == 1 ? " time, " : " times, first ") + IsoTime(each.first_ns) +
               (affected.WasTooEarly(each) ? ": before it was known" : ""));
  }
  out << '\n';
}

void PrintUsers(const AffectedUsers& users, std::ostream& out) {
  using enum Table::Align;
  Table table({{"USER"}, {"MESSAGES", kRight}, {"OPENED BEFORE IT WAS KNOWN", kRight}});
  for (const auto& [name, user] : users) {
    table.Add({ForDisplay(Named(name, "(unknown)")), std::to_string(user.messages),
               std::to_string(user.opened_too_early)});
  }
  table.Print(out);
}

// Without what was found.
AffectedMessage AffectedBy(Mdb& mdb, int64_t number) {
  AffectedMessage affected;
  affected.mdb = mdb.name();
  affected.number = number;
  affected.openings = mdb.OpeningsOf(number);
  affected.message = mdb.FindWithoutParts(number);
  if (affected.message) return affected;
  affected.message = mdb.FindDeparted(number);
  affected.is_deleted = affected.message.has_value();
  return affected;
}

}  // namespace

int64_t AffectedMessage::found_ns() const {
  return std::min_element(
             detections.begin(), detections.end(),
             [](const Detection& a, const Detection& b) { return a.found_ns < b.found_ns; })
      ->found_ns;
}

std::vector<AffectedMessage> AffectedMessages(Mdb& mdb) {
  std::vector<AffectedMessage> messages;
  for (Detection& found : mdb.Detections()) {
    const int64_t number = found.place.message;
    if (messages.empty() || messages.back().number != number)
      messages.push_back(AffectedBy(mdb, number));
    messages.back().detections.push_back(std::move(found));
  }
  return messages;
}

json ReportJson(const std::vector<AffectedMessage>& messages) {
  json report{{"messages", json::array()}, {"users", json::array()}};
  for (const AffectedMessage& affected : messages) report["messages"].push_back(ToJson(affected));
  for (const auto& [name, user] : UsersOf(messages)) {
    report["users"].push_back({{"name", name},
                               {"messages", user.messages},
                               {"opened_before_found", user.opened_too_early}});
  }
  return report;
}

void PrintReport(const std::vector<AffectedMessage>& messages, std::ostream& out) {
  if (messages.empty()) {
    out << "nothing was found in any message\n";
    return;
  }
  for (const AffectedMessage& affected : messages) Print(affected, out);
  PrintUsers(UsersOf(messages), out);
  out << messages.size() << (messages.size() == 1 ? " message, " : " messages, ")
      << std::count_if(messages.begin(), messages.end(), WasOpenedTooEarly)
      << " opened before it was known\n";
}

}  // namespace store_sim
