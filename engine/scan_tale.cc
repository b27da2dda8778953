// SPDX-License-Identifier: Apache-2.0
#include "scan_tale.h"

#include "mdb.h"
#include "text.h"
#include "words.h"

namespace vsapi::engine {
namespace {

constexpr size_t kLongestText = 1000;
constexpr uint32_t kMostListed = 20;

vsapi_value Property(ScanContent& content, uint32_t id, uint32_t index) {
  vsapi_value value = {};
  value.struct_size = sizeof value;
  if (content.Property(id, index, &value) != VSAPI_OK) value.type = 0;
  return value;
}

std::string TextProperty(ScanContent& content, uint32_t id, uint32_t index = 0) {
  const vsapi_value value = Property(content, id, index);
  if (value.type != VSAPI_TYPE_TEXT) return "";
  return CleanLine({value.text, value.text_size}, kLongestText);
}

std::string TimeProperty(ScanContent& content, uint32_t id) {
  const vsapi_value value = Property(content, id, 0);
  return value.type == VSAPI_TYPE_INTEGER ? TimeText(value.integer) : "";
}

// What `at` gives of the first indexes, until that is nothing.
template <class At>
std::string List(At at) {
  std::string list;
  for (uint32_t index = 0; index <= kMostListed; ++index) {
    const std::string one = at(index);
    if (one.empty()) break;
    list += index == 0 ? "" : ", ";
    list += index == kMostListed ? "..." : one;
  }
  return list;
}

std::string RecipientsOf(ScanContent& content) {
  return List(
      [&](uint32_t index) { return TextProperty(content, VSAPI_PROPERTY_RECIPIENT, index); });
}

std::string PlacesOf(ScanContent& content) {
  return List([&](uint32_t index) {
    const std::string mailbox = TextProperty(content, VSAPI_PROPERTY_MAILBOX, index);
    const std::string folder = TextProperty(content, VSAPI_PROPERTY_FOLDER_PATH, index);
    return mailbox.empty() ? folder : mailbox + ": " + folder;
  });
}

void Add(EventFields& fields, const char* name, std::string text) {
  if (!text.empty()) fields.emplace_back(name, std::move(text));
}

EventFields MessageDetails(ScanContent& content) {
  static constexpr std::pair<const char*, uint32_t> kTexts[] = {
      {"sender", VSAPI_PROPERTY_SENDER},         {"subject", VSAPI_PROPERTY_SUBJECT},
      {"message_id", VSAPI_PROPERTY_MESSAGE_ID}, {"mailbox", VSAPI_PROPERTY_MAILBOX},
      {"folder", VSAPI_PROPERTY_FOLDER_PATH},    {"part", VSAPI_PROPERTY_PART_PATH},
      {"name", VSAPI_PROPERTY_ATTACHMENT_NAME},  {"content_type", VSAPI_PROPERTY_CONTENT_TYPE},
      {"came_in", VSAPI_PROPERTY_ORIGIN}};
  EventFields fields;
  for (const auto& [name, id] : kTexts) Add(fields, name, TextProperty(content, id));
  Add(fields, "recipients", RecipientsOf(content));
  Add(fields, "places", PlacesOf(content));
  Add(fields, "submitted", TimeProperty(content, VSAPI_PROPERTY_SUBMIT_TIME));
  Add(fields, "delivered", TimeProperty(content, VSAPI_PROPERTY_DELIVERY_TIME));
  return fields;
}

// "imap bob 2024-02-29T12:30:00.000000000Z"
std::string TextOf(const Asker& asker, Clock& clock) {
  const int64_t at = clock.WallNs() - Duration(clock.Now() - asker.at).count();
  std::string text = *asker.client == '\0' ? AccessText(asker.access) : asker.client;
  if (*asker.user != '\0') text += " " + std::string(asker.user);
  return CleanLine(text, kLongestText) + " " + TimeText(at);
}

std::string AskedBy(const ScanTale& tale, Clock& clock) {
  return List([&](uint32_t index) {
    return index < tale.askers.size() ? TextOf(tale.askers[index], clock) : "";
  });
}

EventFields FieldsOf(const ScanTale& tale, Clock& clock) {
  const bool wants_details = tale.content != nullptr && tale.condition != Condition::kClean;
  const vsapi_digest& digest = tale.run.item.digest;
  const vsapi_digest& definitions = tale.stamp.definitions;
  EventFields fields = wants_details ? MessageDetails(*tale.content) : EventFields{};
  fields.emplace_back("mdb", tale.run.mdb->name());
  fields.emplace_back("digest", Hex(digest.bytes, sizeof digest.bytes));
  fields.emplace_back("access", AccessText(tale.run.access));
  Add(fields, "asked_by", AskedBy(tale, clock));
  fields.emplace_back("vendor", tale.stamp.vendor);
  fields.emplace_back("version", std::to_string(tale.stamp.version));
  fields.emplace_back("definitions", Hex(definitions.bytes, sizeof definitions.bytes));
  fields.emplace_back("generation", std::to_string(tale.stamp.generation));
  fields.emplace_back("verdict", VerdictText(tale.report.verdict));
  fields.emplace_back("finding", tale.report.name());
  return fields;
}

std::string TextOf(const ScanTale& tale, EventId kind) {
  const ScanReport& report = tale.report;
  const std::string why = report.text.empty() ? "" : ": " + report.text;
  const std::string verdict = VerdictText(report.verdict);
  switch (kind) {
    case EventId::kItemScanned:
      return "scanned: clean";
    case EventId::kScanFailed:
      return std::string("an item could not be scanned (") + ReasonText(tale.reason) + ")" + why +
             "; it stays unscanned and is tried again when it is opened";
    case EventId::kNotJudged:
      return "not judged: " + verdict + why;
    default:
      return verdict + ": " + report.name() + why;
  }
}

}  // namespace

EventId ScanEvent(Condition condition) {
  switch (condition) {
    case Condition::kClean:
      return EventId::kItemScanned;
    case Condition::kFailed:
      return EventId::kScanFailed;
    case Condition::kEncrypted:
    case Condition::kUnsupported:
    case Condition::kOverLimit:
    case Condition::kMalformed:
      return EventId::kNotJudged;
    default:
      return EventId::kVirusFound;
  }
}

void TellOfScan(EventLog& events, Clock& clock, const ScanTale& tale) {
  const EventId kind = ScanEvent(tale.condition);
  events.Log(kind, TextOf(tale, kind), FieldsOf(tale, clock));
}

}  // namespace vsapi::engine
