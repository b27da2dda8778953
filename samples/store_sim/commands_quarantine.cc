// SPDX-License-Identifier: Apache-2.0
//
// store_sim quarantine: what was taken out of the reach of clients, and how it comes back.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands.h"
#include "display.h"
#include "host_client.h"
#include "host_requests.h"

namespace store_sim {
namespace {

struct QuarantineCommand {
  std::string folder;
  QuarantineArguments quarantine;
};

void AddRow(Table& table, const Mdb& mdb, const QuarantinedMessage& each) {
  const MessageSummary& message = each.message;
  table.Add({NameOf(mdb, message.number), each.stands_in ? NameOf(mdb, *each.stands_in) : "-",
             FormatTime(each.time_ns),
             vsapi_verdict_text(message.worst.verdict) + std::string(" ") +
                 ForDisplay(message.worst.finding, 32),
             ForDisplay(message.place.mailbox + ": " + message.place.folder, 32),
             ForDisplay(message.sender, 28), ForDisplay(message.subject, 48)});
}

void List(const std::string& folder) {
  const Store store(folder, Access::kRead);
  Table table(
      {{"ID"}, {"STANDS IN"}, {"SINCE (UTC)"}, {"VERDICT"}, {"WAS IN"}, {"FROM"}, {"SUBJECT"}});
  for (const auto& mdb : store.mdbs())
    for (const QuarantinedMessage& each : mdb->Quarantined()) AddRow(table, *mdb, each);
  table.Print(std::cout);
}

int RunHere(const QuarantineCommand& command) {
  const Store store(command.folder, Access::kWrite);
  const Desk desk = Terminal();
  if (!command.quarantine.rescan) return RunQuarantine(command.quarantine, store, nullptr, desk);
  Progress progress(desk.err, desk.terminal);
  EventLines events(progress, EventLines::Which::kProblems);
  Scanning scanning(store, ScanOptions{}, events);
  const int status = RunQuarantine(command.quarantine, store, &scanning, desk);
  scanning.End();
  events.Finish();
  return status;
}

int RunQuarantineCommand(const QuarantineCommand& command) {
  const auto host = HostClient::Find(command.folder);
  if (!host) return RunHere(command);
  return ExitStatusOf(host->Ask(QuarantineRequest(command.quarantine), Terminal()));
}

}  // namespace

void AddQuarantineCommand(CLI::App& app, int& exit_status) {
  const auto arguments = std::make_shared<QuarantineCommand>();
  QuarantineArguments& quarantine = arguments->quarantine;
  CLI::App* command = app.add_subcommand("quarantine", "What is out of the reach of clients");
  command->add_option("DIR", arguments->folder, "Folder of the store")->required();
  command->require_subcommand(1);
  command->add_subcommand("list", "List the messages in quarantine")->callback([arguments] {
    List(arguments->folder);
  });
  CLI::App* release = command->add_subcommand(
      "release", "Give messages back to their readers, whatever was found in them");
  release->add_option("ID", quarantine.messages, "As `list` shows it")->required();
  release->footer("It counts as clean from then on, as long as the same vendor judges.");
  CLI::App* rescan = command->add_subcommand(
      "rescan", "Have messages judged by the current definitions; release those that are clean");
  rescan->add_option("ID", quarantine.messages, "As `list` shows it [all]");
  for (CLI::App* each : {release, rescan})
    each->callback([arguments, each, rescan, &exit_status] {
      arguments->quarantine.rescan = each == rescan;
      exit_status = RunQuarantineCommand(*arguments);
    });
}

}  // namespace store_sim
