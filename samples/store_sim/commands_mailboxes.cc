// SPDX-License-Identifier: Apache-2.0
//
// store_sim mailboxes: the mailboxes of a store with their folders, and how far each was scanned in
// the background.
#include <iostream>
#include <memory>

#include "commands.h"
#include "display.h"
#include "store.h"

namespace store_sim {
namespace {

struct MailboxesOptions {
  std::string folder;
  std::string mdb;
};

// By whom all that the folder holds was last found current.
std::string Swept(const FolderSummary& folder) {
  if (folder.swept_vendor.empty()) return "-";
  return ForDisplay(folder.swept_vendor, 40) + " " + std::to_string(folder.swept_version);
}

void Add(Table& table, Mdb& mdb) {
  const std::string name = mdb.name() + (mdb.kind() == MdbKind::kPublic ? " (public)" : "");
  for (const FolderSummary& folder : mdb.Folders()) {
    table.Add({name, ForDisplay(folder.place.mailbox, 40), ForDisplay(folder.place.folder, 60),
               std::to_string(folder.messages), Swept(folder)});
  }
}

void ListMailboxes(const MailboxesOptions& options) {
  const Store store(options.folder, Access::kRead);
  using enum Table::Align;
  Table table({{"MDB"}, {"MAILBOX"}, {"FOLDER"}, {"MESSAGES", kRight}, {"PASSED UNDER"}});
  if (!options.mdb.empty()) {
    Add(table, store.mdb(options.mdb));
  } else {
    for (const auto& mdb : store.mdbs()) Add(table, *mdb);
  }
  table.Print(std::cout);
}

}  // namespace

void AddMailboxesCommand(CLI::App& app, int&) {
  const auto options = std::make_shared<MailboxesOptions>();
  CLI::App* command = app.add_subcommand("mailboxes", "List mailboxes and their folders");
  command->add_option("DIR", options->folder, "Folder of the store")->required();
  command->add_option("--mdb", options->mdb, "Only this messaging database");
  command->footer(
      "PASSED UNDER names the vendor and version under which background scanning last found all of "
      "a "
      "folder current; '-' since something came into it.");
  command->callback([options] { ListMailboxes(*options); });
}

}  // namespace store_sim
