// SPDX-License-Identifier: Apache-2.0
//
// store_sim trace: where the time goes while a client waits for one message.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "host_client.h"
#include "host_requests.h"
#include "open_run.h"
#include "trace_run.h"

namespace store_sim {
namespace {

using nlohmann::json;

struct TraceCommand {
  std::string folder;
  TraceArguments trace;
  ScanOptions scan;
  bool as_json = false;
};

json TraceHere(const TraceCommand& command) {
  const Store store(command.folder, Access::kWrite);
  const Desk desk = Terminal();
  Progress progress(desk.err, false);
  EventLines events(progress, EventLines::Which::kOnlyUnexpected);
  Scanning scanning(store, command.scan, events);
  json trace = TraceMessage(command.trace, store, scanning);
  scanning.End();
  events.Finish();
  return trace;
}

int Trace(const TraceCommand& command) {
  const auto host = HostClient::Find(command.folder);
  if (host) CheckForHost(command.scan);
  const json trace = host ? host->Ask(TraceRequest(command.trace)) : TraceHere(command);
  if (command.as_json)
    std::cout << trace.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  else
    PrintTrace(trace, std::cout);
  return ExitStatusOf(trace);
}

}  // namespace

void AddTraceCommand(CLI::App& app, int& exit_status) {
  const auto arguments = std::make_shared<TraceCommand>();
  CLI::App* command =
      app.add_subcommand("trace", "Open a message, and tell step by step what took how long");
  command->add_option("DIR", arguments->folder, "Folder of the store")->required();
  command->add_option("MESSAGE", arguments->trace.message, "MDB/NUMBER; NUMBER if there is one MDB")
      ->required();
  AddScanOptions(*command, arguments->scan);
  command
      ->add_option("--timeout", arguments->trace.timeout_s,
                   "Longest wait, in seconds [the setting ScanTimeout]")
      ->check(CLI::Range(kLeastTimeout, kMostTimeout));
  command->add_flag("--json", arguments->as_json, "Print JSON; times are nanoseconds");
  command->footer(
      "Asks the running host if there is one. What carries a current stamp is not scanned, so it "
      "has no steps. Exit status: as of `open`.");
  command->callback([arguments, &exit_status] { exit_status = Trace(*arguments); });
}

}  // namespace store_sim
