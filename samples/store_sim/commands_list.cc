// SPDX-License-Identifier: Apache-2.0
//
// store_sim list: the messages of a store as a table.
#include <iostream>
#include <memory>

#include "commands.h"
#include "display.h"
#include "notice.h"
#include "store.h"

namespace store_sim {
namespace {

constexpr size_t kPage = 1'000;

struct ListOptions {
  std::string folder;
  std::string mdb;
  Placement place;  // "": any
  uint64_t limit = UINT64_MAX;
};

// Of all its parts in one.
std::string Verdict(const MessageSummary& message) {
  if (message.outcome) {
    const std::string finding = ForDisplay(message.outcome->finding, 32);
    const char* verdict = finding.empty() ? "" : vsapi_verdict_text(message.outcome->verdict);
    return PastText(message.outcome->action) + std::string(finding.empty() ? "" : ": ") + verdict +
           (finding.empty() ? "" : " ") + finding;
  }
  if (message.worst.verdict == VSAPI_VERDICT_NONE) return "not scanned";
  const bool is_clean = message.worst.verdict == VSAPI_VERDICT_CLEAN ||
                        message.worst.verdict == VSAPI_VERDICT_CLEAN_PERMANENT;
  if (is_clean && message.parts_unscanned > 0) return "partly scanned";
  const std::string finding = ForDisplay(message.worst.finding, 32);
  return vsapi_verdict_text(message.worst.verdict) + (finding.empty() ? "" : " " + finding);
}

// The first of its places, and how many more there are.
std::string Places(const MessageSummary& message) {
  const Placement& first = message.place;
  const std::string more =
      message.places > 1 ? " +" + std::to_string(message.places - 1) : std::string();
  return ForDisplay(first.mailbox + ": " + first.folder, 32) + more;
}

std::vector<std::string> Row(const Mdb& mdb, const MessageSummary& message) {
  return {mdb.name() + "/" + std::to_string(message.number),
          Places(message),
          FormatTime(message.date_ns),
          FormatBytes(message.size),
          std::to_string(message.parts),
          message.unclean_reason.empty() ? "" : "!",
          Verdict(message),
          ForDisplay(message.sender, 28),
          ForDisplay(message.subject, 48)};
}

// Page by page, so that a large store needs no large memory; each page has its own column widths.
uint64_t ListMdb(Mdb& mdb, const Placement& place, uint64_t limit) {
  uint64_t listed = 0;
  for (int64_t after = 0; listed < limit;) {
    const auto messages = mdb.List(after, std::min<uint64_t>(kPage, limit - listed), place);
    if (messages.empty()) break;
    using enum Table::Align;
    Table table({{"MESSAGE"},
                 {"IN"},
                 {"DATE (UTC)"},
                 {"SIZE", kRight},
                 {"PARTS", kRight},
                 {"!"},
                 {"STAMP"},
                 {"FROM"},
                 {"SUBJECT"}});
    for (const MessageSummary& message : messages) table.Add(Row(mdb, message));
    table.Print(std::cout);
    listed += messages.size();
    after = messages.back().number;
  }
  return listed;
}

// The library takes -1 for the largest number there is.
std::string NotACount(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  return digits ? "" : "'" + text + "' is no count of messages; give 0 or more";
}

void List(const ListOptions& options) {
  const Store store(options.folder, Access::kRead);
  uint64_t left = options.limit;
  for (const auto& mdb : store.mdbs()) {
    if (!options.mdb.empty() && mdb.get() != &store.mdb(options.mdb)) continue;
    left -= ListMdb(*mdb, options.place, left);
    const MdbTotals totals = mdb->Totals();
    std::cout << mdb->name() << ": " << totals.messages << " messages, "
              << FormatBytes(totals.bytes) << ", " << totals.contents << " different contents";
    if (totals.quarantined > 0) std::cout << "; " << totals.quarantined << " in quarantine";
    std::cout << '\n';
  }
}

}  // namespace

void AddListCommand(CLI::App& app, int&) {
  const auto options = std::make_shared<ListOptions>();
  CLI::App* command = app.add_subcommand("list", "List the messages of a store");
  command->add_option("DIR", options->folder, "Folder of the store")->required();
  command->add_option("--mdb", options->mdb, "Only this messaging database");
  command->add_option("--mailbox", options->place.mailbox, "Only this mailbox");
  command->add_option("--folder", options->place.folder, "Only folders of this path");
  command->add_option("--limit", options->limit, "At most so many messages [all]")
      ->check(CLI::Validator(NotACount, "", ""));
  command->footer("A '!' marks a message that did not parse cleanly; `show` says why.");
  command->callback([options] { List(*options); });
}

}  // namespace store_sim
