// SPDX-License-Identifier: Apache-2.0
//
// store_sim reply and forward: what a client writes on the ground of a message.
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "host_client.h"
#include "host_requests.h"

namespace store_sim {
namespace {

struct ReplyCommand {
  std::string folder;
  ReplyArguments reply;
};

int ReplyHere(const ReplyCommand& command) {
  const Store store(command.folder, Access::kWrite);
  const Desk desk = Terminal();
  Progress progress(desk.err, desk.terminal);
  EventLines events(progress, EventLines::Which::kProblems);
  Scanning scanning(store, ScanOptions{}, events);
  ProactiveScan scan(scanning, ProactiveScan::AtEnd::kFinish);
  const int status = RunReply(command.reply, store, progress, desk, scan);
  scanning.End();
  events.Finish();
  return status;
}

int RunReplyCommand(const ReplyCommand& command) {
  const auto host = HostClient::Find(command.folder);
  if (!host) return ReplyHere(command);
  return ExitStatusOf(host->Ask(ReplyRequest(command.reply), Terminal()));
}

void AddCommand(CLI::App& app, int& exit_status, bool forwards) {
  const auto arguments = std::make_shared<ReplyCommand>();
  ReplyArguments& reply = arguments->reply;
  reply.forwards = forwards;
  CLI::App* command = forwards
                          ? app.add_subcommand("forward", "Forward a message with all of its parts")
                          : app.add_subcommand("reply", "Reply to a message with its text quoted");
  command->add_option("DIR", arguments->folder, "Folder of the store")->required();
  command->add_option("MESSAGE", reply.message, "MDB/NUMBER; NUMBER if there is one MDB")
      ->required();
  command->add_option("--mailbox", reply.mailbox, "Who writes [the only mailbox that has it]");
  command
      ->add_option("--to", reply.to,
                   forwards ? "Mailbox that gets it; may be given several times"
                            : "Mailbox that gets it; may be given several times [the sender's]")
      ->expected(1)
      ->take_all()
      ->required(forwards);
  if (!forwards) command->add_option("--text", reply.text, "What is said above the quoted text");
  command->footer(
      "It is opened as a client would; exit status as of `open`. What is written stands in Sent "
      "Items too, stored once.");
  command->callback([arguments, &exit_status] { exit_status = RunReplyCommand(*arguments); });
}

}  // namespace

void AddReplyCommands(CLI::App& app, int& exit_status) {
  AddCommand(app, exit_status, false);
  AddCommand(app, exit_status, true);
}

}  // namespace store_sim
