// SPDX-License-Identifier: Apache-2.0
//
// store_sim move: moves a message to another folder, mailbox or MDB.
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "host_client.h"
#include "host_requests.h"

namespace store_sim {
namespace {

struct MoveCommand {
  std::string folder;
  MoveArguments move;
};

int MoveHere(const MoveCommand& command) {
  const Store store(command.folder, Access::kWrite);
  const Desk desk = Terminal();
  Progress progress(desk.err, desk.terminal);
  EventLines events(progress, EventLines::Which::kProblems);
  Scanning scanning(store, ScanOptions{}, events);
  const int status = RunMove(command.move, store, scanning, desk);
  scanning.End();
  events.Finish();
  return status;
}

int RunMoveCommand(const MoveCommand& command) {
  const auto host = HostClient::Find(command.folder);
  if (!host) return MoveHere(command);
  return ExitStatusOf(host->Ask(MoveRequest(command.move), Terminal()));
}

}  // namespace

void AddMoveCommand(CLI::App& app, int& exit_status) {
  const auto arguments = std::make_shared<MoveCommand>();
  MoveArguments& move = arguments->move;
  CLI::App* command =
      app.add_subcommand("move", "Move a message to another folder, mailbox or MDB");
  command->add_option("DIR", arguments->folder, "Folder of the store")->required();
  command->add_option("MESSAGE", move.message, "MDB/NUMBER; NUMBER if there is one MDB")
      ->required();
  command->add_option("--mailbox", move.mailbox, "Whose it is [the only mailbox that has it]");
  command->add_option("--to", move.to_mdb, "Messaging database that it goes to [the same]");
  command->add_option("--to-mailbox", move.to_mailbox, "Mailbox that it goes to [the same]");
  command->add_option("--to-folder", move.to_folder, "Folder that it goes to [the same]");
  command->add_option("--as", move.as, "client, or move: an administrator's, unscanned [client]")
      ->check(CLI::IsMember({"client", "move"}));
  command->footer(
      "Stamps go with it. A client moves only what it may have; exit status as of `open`.");
  command->callback([arguments, &exit_status] { exit_status = RunMoveCommand(*arguments); });
}

}  // namespace store_sim
