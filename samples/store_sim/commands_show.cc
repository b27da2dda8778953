// SPDX-License-Identifier: Apache-2.0
//
// store_sim show: what the store knows of one message, with the stamps of its parts; or its raw
// bytes.
#include <iostream>
#include <memory>

#include "commands.h"
#include "display.h"
#include "error.h"
#include "notice.h"
#include "save_file.h"
#include "store.h"

namespace store_sim {
namespace {

struct ShowOptions {
  std::string folder;
  std::string message;
  bool raw = false;
};

const char* NameOf(PartKind kind) {
  switch (kind) {
    case PartKind::kWhole:
      return "message";
    case PartKind::kBody:
      return "body";
    case PartKind::kRtfBody:
      return "rich text";
    case PartKind::kAttachment:
      return "attachment";
  }
  return "?";
}

const char* NameOf(RecipientField field) {
  switch (field) {
    case RecipientField::kTo:
      return "to";
    case RecipientField::kCc:
      return "cc";
    case RecipientField::kBcc:
      return "bcc";
  }
  return "?";
}

std::string Describe(const Stamp& stamp) {
  const std::string finding = stamp.finding.empty() ? "" : " " + ForDisplay(stamp.finding);
  const char* scope = stamp.scope == VSAPI_SCOPE_ITEM ? " (this item alone)" : "";
  return vsapi_verdict_text(stamp.verdict) + finding + scope + " by " + ForDisplay(stamp.vendor) +
         " " + std::to_string(stamp.version) + ", " + FormatTime(stamp.time_ns);
}

std::string Describe(const ContentMark& mark) {
  std::string text = mark.stamp ? Describe(*mark.stamp) : "not scanned";
  if (!mark.attempt) return text;
  return text + "; tried " + std::to_string(mark.attempt->count) + " times, not before " +
         FormatTime(mark.attempt->not_before_ns);
}

void PrintField(const char* name, const std::string& text) {
  std::cout << name << std::string(12 - std::string_view(name).size(), ' ')
            << (text.empty() ? "-" : text) << '\n';
}

void PrintDetails(const StoredMessage& message) {
  PrintField("from", ForDisplay(message.details.sender));
  for (const Recipient& recipient : message.details.recipients) {
    PrintField(NameOf(recipient.field), ForDisplay(recipient.address));
  }
  PrintField("subject", ForDisplay(message.details.subject));
  PrintField("message-id", ForDisplay(message.details.message_id));
  PrintField("date", FormatTime(message.details.date_ns));
  PrintField("received", FormatTime(message.received_ns));
  if (!message.came_in.empty()) PrintField("came in", ForDisplay(message.came_in));
  for (const Placement& placement : message.placements) {
    PrintField("in", ForDisplay(placement.mailbox + ": " + placement.folder));
  }
  if (message.quarantined) PrintField("quarantine", "yes: no client sees it");
  PrintField("size", FormatBytes(message.size));
  PrintField("sha-256", ToHex(message.digest));
  const char* kept = message.covered ? "" : "could not be taken apart: ";
  if (!message.unclean_reason.empty()) PrintField("malformed", kept + message.unclean_reason);
}

void PrintOutcomes(const StoredMessage& message) {
  for (const PastOutcome& outcome : message.outcomes) {
    const std::string part = outcome.path.empty() ? "" : "part " + outcome.path + " ";
    const std::string name = outcome.name.empty() ? "" : "(" + ForDisplay(outcome.name, 40) + ") ";
    const std::string why = outcome.vendor.empty()
                                ? ""
                                : std::string(": ") + vsapi_verdict_text(outcome.verdict) + " " +
                                      ForDisplay(outcome.finding) + " by " +
                                      ForDisplay(outcome.vendor);
    PrintField("outcome",
               part + name + PastText(outcome.action) + why + ", " + FormatTime(outcome.time_ns));
  }
}

void PrintParts(const StoredMessage& message) {
  using enum Table::Align;
  Table table({{"PART"}, {"KIND"}, {"TYPE"}, {"NAME"}, {"SIZE", kRight}, {"SHA-256"}, {"STAMP"}});
  for (const StoredPart& part : message.parts) {
    table.Add({part.path, NameOf(part.kind), ForDisplay(part.content_type, 40),
               ForDisplay(part.name, 40), FormatBytes(part.size), ToHex(part.content).substr(0, 12),
               Describe(part.mark)});
  }
  std::cout << '\n';
  table.Print(std::cout);
}

void Show(const ShowOptions& options) {
  const Store store(options.folder, Access::kRead);
  const auto [mdb, number] = store.FindName(options.message);
  const auto message = mdb->Find(number);
  if (!message) {
    throw Error(options.message + ": there is no such message; see `store_sim list`");
  }
  if (options.raw) {
    std::cout << ReadCheckedRaw(*mdb, *message);
    return;
  }
  PrintDetails(*message);
  PrintOutcomes(*message);
  PrintParts(*message);
}

}  // namespace

void AddShowCommand(CLI::App& app, int&) {
  const auto options = std::make_shared<ShowOptions>();
  CLI::App* command = app.add_subcommand("show", "Show one message, its parts and their stamps");
  command->add_option("DIR", options->folder, "Folder of the store")->required();
  command->add_option("MESSAGE", options->message, "MDB/NUMBER; NUMBER if there is one MDB")
      ->required();
  command->add_flag(
      "--raw", options->raw,
      "Write the message byte for byte as it stands in the store (for administrators: "
      "nothing is scanned)");
  command->callback([options] { Show(*options); });
}

}  // namespace store_sim
