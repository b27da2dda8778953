// SPDX-License-Identifier: Apache-2.0
//
// store_sim show: what the store knows of one message, with the stamps of its parts; or its raw
// bytes.
#include <iostream>
#include <memory>

#include "commands.h"
#include "display.h"
#include "error.h"
#include "store.h"
#include "vsapi/abi/verdict.h"

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

const char* NameOfVerdict(int32_t verdict) {
  switch (verdict) {
    case VSAPI_VERDICT_CLEAN:
      return "clean";
    case VSAPI_VERDICT_CLEAN_PERMANENT:
      return "clean for ever";
    case VSAPI_VERDICT_CLEANED:
      return "cleaned";
    case VSAPI_VERDICT_INFECTED:
      return "infected";
    case VSAPI_VERDICT_SUSPICIOUS:
      return "suspicious";
    case VSAPI_VERDICT_BLOCKED:
      return "blocked";
    case VSAPI_VERDICT_DELETE_MESSAGE:
      return "delete message";
    case VSAPI_VERDICT_ENCRYPTED:
      return "encrypted";
    case VSAPI_VERDICT_OVER_LIMIT:
      return "over limit";
    case VSAPI_VERDICT_MALFORMED:
      return "malformed";
    case VSAPI_VERDICT_UNSUPPORTED:
      return "unsupported";
    default:
      return "unknown verdict";
  }
}

std::string Describe(const ContentMark& mark) {
  if (mark.attempt) {
    return "tried " + std::to_string(mark.attempt->count) + " times, not before " +
           FormatTime(mark.attempt->not_before_ns);
  }
  if (!mark.stamp) return "not scanned";
  const Stamp& stamp = *mark.stamp;
  const std::string finding = stamp.finding.empty() ? "" : " " + ForDisplay(stamp.finding);
  return NameOfVerdict(stamp.verdict) + finding + " by " + ForDisplay(stamp.vendor) + " " +
         std::to_string(stamp.version) + ", " + FormatTime(stamp.time_ns);
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
  for (const Placement& placement : message.placements) {
    PrintField("in", ForDisplay(placement.mailbox + ": " + placement.folder));
  }
  PrintField("size", FormatBytes(message.size));
  PrintField("sha-256", ToHex(message.digest));
  if (!message.unclean_reason.empty()) PrintField("malformed", message.unclean_reason);
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
    std::cout << mdb->ReadRaw(number).value();
    return;
  }
  PrintDetails(*message);
  PrintParts(*message);
}

}  // namespace

void AddShowCommand(CLI::App& app, int&) {
  const auto options = std::make_shared<ShowOptions>();
  CLI::App* command = app.add_subcommand("show", "Show one message, its parts and their stamps");
  command->add_option("DIR", options->folder, "Folder of the store")->required();
  command->add_option("MESSAGE", options->message, "MDB/NUMBER; NUMBER if there is one MDB")
      ->required();
  command->add_flag("--raw", options->raw,
                    "Write the message byte for byte as it was imported (for administrators: "
                    "nothing is scanned)");
  command->callback([options] { Show(*options); });
}

}  // namespace store_sim
