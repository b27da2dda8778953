// SPDX-License-Identifier: Apache-2.0
//
// store_sim open: asks for messages as a client would, and says what it would get.
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "error.h"
#include "host_client.h"
#include "host_requests.h"
#include "open_run.h"

namespace store_sim {
namespace {

namespace fs = std::filesystem;

struct OpenCommand {
  std::string folder;
  OpenArguments open;
  ScanOptions scan;
};

EventLines::Which EventsFor(const OpenArguments& arguments) {
  if (arguments.verbose) return EventLines::Which::kAll;
  return arguments.all ? EventLines::Which::kOnlyUnexpected : EventLines::Which::kProblems;
}

// A message must not take the place of an MDB or of the settings.
void CheckSave(const fs::path& file, const fs::path& store) {
  std::error_code ignored;
  const fs::path folder = fs::weakly_canonical(fs::absolute(file), ignored).parent_path();
  const fs::path inside = folder.lexically_relative(fs::canonical(store, ignored));
  if (inside.empty() || *inside.begin() == "..") return;
  throw Error(file.string() + ": is in the folder of the store; save to another folder");
}

int OpenHere(const OpenCommand& command) {
  const Store store(command.folder, Access::kWrite);
  const Desk desk = Terminal();
  Progress progress(desk.err, desk.terminal);
  EventLines events(progress, EventsFor(command.open));
  Scanning scanning(store, command.scan, events);
  return RunOpen(command.open, store, scanning, progress, desk, [&] {
    scanning.End();
    events.Finish();
  });
}

int OpenByHost(HostClient& host, const OpenCommand& command) {
  CheckForHost(command.scan);
  OpenArguments arguments = command.open;
  if (!arguments.save.empty()) arguments.save = std::filesystem::absolute(arguments.save);
  return ExitStatusOf(host.Ask(OpenRequest(arguments), Terminal()));
}

int RunOpenCommand(const OpenCommand& command) {
  const auto host = HostClient::Find(command.folder);
  return host ? OpenByHost(*host, command) : OpenHere(command);
}

std::vector<std::string> NamesOfAccess() {
  std::vector<std::string> names;
  for (const WhoAsks& each : kAccessNames) names.emplace_back(each.name);
  return names;
}

}  // namespace

void AddOpenCommand(CLI::App& app, int& exit_status) {
  const auto arguments = std::make_shared<OpenCommand>();
  CLI::App* command =
      app.add_subcommand("open", "Ask for messages as a client would; nothing unscanned is given");
  command->add_option("DIR", arguments->folder, "Folder of the store")->required();
  command->add_option("MESSAGE", arguments->open.messages,
                      "MDB/NUMBER; NUMBER if there is one MDB. Several may be given");
  command->add_flag("--all", arguments->open.all, "Every message, and a table of what it came to");
  command->add_option("--mailbox", arguments->open.mailbox, "Of all, those of this mailbox");
  command->add_option("--folder", arguments->open.folder,
                      "Of all, those of folders of this path: a preview of a folder");
  command
      ->add_option(
          "--client", arguments->open.client,
          "By which protocol it is asked for, as vendors are told: imap, pop3, owa or mapi")
      ->check(CLI::IsMember(kClients));
  command->add_option("--user", arguments->open.user,
                      "Who asks, as events and `store_sim report` tell, at most 63 bytes");
  AddScanOptions(*command, arguments->scan);
  command
      ->add_option("--timeout", arguments->open.timeout_s,
                   "Longest wait for one message, in seconds [the setting ScanTimeout]")
      ->check(CLI::Range(kLeastTimeout, kMostTimeout));
  command->add_option("--save", arguments->open.save,
                      "Write the message to this file, byte for byte, if it is allowed");
  command
      ->add_option("--as", arguments->open.as,
                   "Who asks: client, or one who gets everything unscanned and is counted: move, "
                   "replication, backup, system [client]")
      ->check(CLI::IsMember(NamesOfAccess()));
  CLI::Option* quiet = command->add_flag("--quiet", arguments->open.quiet,
                                         "Print problems only, all of them to stderr");
  command
      ->add_flag("--verbose", arguments->open.verbose,
                 "Print the allowed messages too, and all events")
      ->excludes(quiet);
  command->footer(
      "Exit status: 0 allowed, 10 infected, 11 in progress (ask again), 12 unavailable (can't be "
      "judged now). The worst one counts: infected before unavailable before in progress before "
      "allowed. 1: it failed, 2: wrong command line.");
  command->callback([arguments, &exit_status] {
    const std::string wrong = WrongWith(arguments->open);
    if (!wrong.empty()) throw CLI::ValidationError("open", wrong);
    if (!arguments->open.save.empty()) CheckSave(arguments->open.save, arguments->folder);
    exit_status = RunOpenCommand(*arguments);
  });
}

}  // namespace store_sim
