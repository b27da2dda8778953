// SPDX-License-Identifier: Apache-2.0
//
// store_sim import: brings mail from files, mboxes, Maildirs and folders of them into an MDB.
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands.h"
#include "error.h"
#include "host_client.h"
#include "host_requests.h"
#include "import_run.h"

namespace store_sim {
namespace {

struct ImportCommand {
  std::string folder;
  ImportArguments import;
};

// Import goes on without an engine (for a wrong line in virusscan.reg, say). False then: whoever
// wanted scanned mail must not take it for that.
bool MakeScanning(const Store& store, EventLines& events, std::optional<Scanning>& scanning) try {
  scanning.emplace(store, ScanOptions{}, events);
  return true;
} catch (const Error& error) {
  events.Tell("nothing is scanned while importing: " + std::string(error.what()));
  return false;
}

int ImportHere(const ImportCommand& command) {
  const Store store(command.folder, Access::kWrite);
  const Desk desk = Terminal();
  Progress progress(desk.err, desk.terminal);
  EventLines events(progress, EventLines::Which::kOnlyUnexpected);
  store.mdb(command.import.mdb);  // a wrong name needs no engine
  std::optional<Scanning> scanning;
  const bool is_as_wanted = command.import.no_scan || MakeScanning(store, events, scanning);
  std::optional<ProactiveScan> scan;
  if (scanning) scan.emplace(*scanning, ProactiveScan::AtEnd::kFinish);
  const int status = RunImport(command.import, store, progress, desk, scan ? &*scan : nullptr);
  events.Finish();
  return is_as_wanted ? status : kTrouble;
}

int ImportByHost(HostClient& host, ImportArguments arguments) {
  for (std::string& path : arguments.paths) path = std::filesystem::absolute(path);
  return ExitStatusOf(host.Ask(ImportRequest(arguments), Terminal()));
}

int RunImportCommand(const ImportCommand& command) {
  const auto host = HostClient::Find(command.folder);
  return host ? ImportByHost(*host, command.import) : ImportHere(command);
}

}  // namespace

void AddDeliverCommand(CLI::App& app, int& exit_status) {
  const auto arguments = std::make_shared<ImportCommand>();
  CLI::App* command = app.add_subcommand(
      "deliver", "Deliver one message to mailboxes, or post it in a public folder");
  command->add_option("DIR", arguments->folder, "Folder of the store")->required();
  arguments->import.paths.resize(1);
  command->add_option("FILE", arguments->import.paths.front(), "The message")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--mdb", arguments->import.mdb, "Messaging database to deliver to");
  command
      ->add_option("--mailbox", arguments->import.mailboxes,
                   "Mailbox that gets it; may be given several times [user; a public MDB has none]")
      ->expected(1)
      ->take_all();
  command->add_option("--folder", arguments->import.folder, "Folder that it comes into [Inbox]");
  command->footer(
      "The message is stored once, durably, in all its mailboxes or in none, and then scanned in "
      "the low lane, if ProactiveScanning is 1.");
  command->callback([arguments, &exit_status] {
    arguments->import.no_scan = false;
    exit_status = RunImportCommand(*arguments);
  });
}

void AddImportCommand(CLI::App& app, int& exit_status) {
  const auto arguments = std::make_shared<ImportCommand>();
  CLI::App* command =
      app.add_subcommand("import", "Take in .eml files, mbox files, Maildirs, and folders of them");
  command->add_option("DIR", arguments->folder, "Folder of the store")->required();
  command->add_option("PATH", arguments->import.paths, "Files and folders with mail")->required();
  command->add_option("--mdb", arguments->import.mdb, "Messaging database to import into");
  command
      ->add_option("--mailbox", arguments->import.mailboxes,
                   "Mailbox to import into; may be given several times, and the message is stored "
                   "once [user]")
      ->expected(1)
      ->take_all();
  command->add_option("--folder", arguments->import.folder,
                      "Folder to import into, and folders of PATH below it [Inbox, and folders of "
                      "PATH beside it]");
  command
      ->add_option("--max-message-size", arguments->import.largest_mib,
                   "Largest message to take, in MiB, at most " +
                       std::to_string(kMostLargestMessage >> 20) + " [256]")
      ->check(CLI::Range(uint64_t{1}, kMostLargestMessage >> 20));
  command->add_flag(
      "--no-scan", arguments->import.no_scan,
      "Scan nothing while importing [Enabled and ProactiveScanning in virusscan.reg]");
  command->footer(
      "Exit status 1: some messages could not be taken; each has a line on stderr. Or all were, "
      "but "
      "virusscan.reg can't be read, so that nothing was scanned.");
  command->callback([arguments, &exit_status] { exit_status = RunImportCommand(*arguments); });
}

}  // namespace store_sim
