// SPDX-License-Identifier: Apache-2.0
//
// store_sim replace: saves a changed attachment in its message.
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "host_client.h"
#include "host_requests.h"

namespace store_sim {
namespace {

struct ReplaceCommand {
  std::string folder;
  ReplaceArguments replace;
};

int ReplaceHere(const ReplaceCommand& command) {
  const Store store(command.folder, Access::kWrite);
  const Desk desk = Terminal();
  Progress progress(desk.err, desk.terminal);
  EventLines events(progress, EventLines::Which::kProblems);
  Scanning scanning(store, ScanOptions{}, events);
  ProactiveScan scan(scanning, ProactiveScan::AtEnd::kFinish);
  const int status = RunReplace(command.replace, store, progress, desk, scan);
  events.Finish();
  return status;
}

int RunReplaceCommand(const ReplaceCommand& command) {
  const auto host = HostClient::Find(command.folder);
  if (!host) return ReplaceHere(command);
  ReplaceArguments arguments = command.replace;
  arguments.file = std::filesystem::absolute(arguments.file);
  return ExitStatusOf(host->Ask(ReplaceRequest(arguments), Terminal()));
}

}  // namespace

void AddReplaceCommand(CLI::App& app, int& exit_status) {
  const auto arguments = std::make_shared<ReplaceCommand>();
  ReplaceArguments& replace = arguments->replace;
  CLI::App* command = app.add_subcommand("replace", "Save a changed attachment in its message");
  command->add_option("DIR", arguments->folder, "Folder of the store")->required();
  command->add_option("MESSAGE", replace.message, "MDB/NUMBER; NUMBER if there is one MDB")
      ->required();
  command->add_option("PART", replace.part, "As `show` names it: 2, 2.1")->required();
  command->add_option("FILE", replace.file, "The new content")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--mailbox", replace.mailbox, "Whose it is [the only mailbox that has it]");
  command->footer(
      "Everything else of the message stays byte for byte, under its number; where other mailboxes "
      "hold it too, they keep it as it was, and this one has a message of its own from then on. "
      "The new content is scanned as what comes in.");
  command->callback([arguments, &exit_status] {
    const std::string wrong = WrongWith(arguments->replace);
    if (!wrong.empty()) throw CLI::ValidationError("replace", wrong);
    exit_status = RunReplaceCommand(*arguments);
  });
}

}  // namespace store_sim
