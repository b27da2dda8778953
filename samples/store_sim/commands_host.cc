// SPDX-License-Identifier: Apache-2.0
//
// store_sim status, counters, events and reload: what the running host of a store is asked.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands.h"
#include "host_client.h"
#include "host_views.h"
#include "times.h"

namespace store_sim {
namespace {

using nlohmann::json;

struct HostOptions {
  std::string folder;
  bool as_json = false;
  bool follow = false;
  std::optional<uint32_t> id;
  std::string since;
};

constexpr uint32_t kPatienceMs = 10'000;

// Strangers' bytes in texts of events may be no UTF-8.
std::string Dump(const json& object, int indent) {
  return object.dump(indent, ' ', false, json::error_handler_t::replace);
}

void AskAndPrint(const HostOptions& options, const char* command,
                 void (*print)(const json&, std::ostream&)) {
  const json answer = HostClient::Get(options.folder)->Ask({{"command", command}});
  if (options.as_json) {
    std::cout << Dump(answer, 2) << '\n';
  } else {
    print(answer, std::cout);
  }
}

json EventsRequest(const HostOptions& options) {
  json request{{"command", "events"}};
  if (options.id) request["id"] = *options.id;
  if (!options.since.empty()) request["since_ns"] = ParseTime(options.since, NowNs());
  return request;
}

void PrintEvents(const HostOptions& options, const json& found) {
  if (const auto missed = found.at("missed").get<uint64_t>()) {
    std::cerr << "store_sim: " << missed << " events before these are no longer kept\n";
  }
  for (const json& event : found.at("events")) {
    std::cout << (options.as_json ? Dump(event, -1) : EventLine(event)) << '\n';
  }
  std::cout.flush();
}

void Events(const HostOptions& options) {
  const auto host = HostClient::Get(options.folder);
  json request = EventsRequest(options);
  for (bool is_all = false; std::cout && (!is_all || options.follow);) {
    const json found = host->Ask(request);
    PrintEvents(options, found);
    is_all = found.at("is_all");
    request["after"] = found.at("next");
    if (is_all) request["wait_ms"] = kPatienceMs;
  }
}

int Reload(const HostOptions& options) {
  const json answer = HostClient::Get(options.folder)->Ask({{"command", "reload"}});
  const std::string vendor = VendorText(answer.at("status").at("vendor"));
  if (options.as_json) {
    std::cout << Dump(answer, 2) << '\n';
  } else if (answer.at("reloaded")) {
    std::cout << "a new generation serves: " << vendor << '\n';
  } else {
    std::cerr << "store_sim: there is no new generation; `store_sim events " << options.folder
              << "` says why. Serving on: " << vendor << '\n';
  }
  return answer.at("reloaded") ? kDone : kTrouble;
}

CLI::App* AddHostCommand(CLI::App& app, const char* name, const char* description,
                         const std::shared_ptr<HostOptions>& options) {
  CLI::App* command = app.add_subcommand(name, description);
  command->add_option("DIR", options->folder, "Folder of the store")->required();
  command->add_flag("--json", options->as_json, "Print JSON");
  command->footer("Asks the running host: `store_sim serve DIR`.");
  return command;
}

void AddEventsCommand(CLI::App& app) {
  const auto options = std::make_shared<HostOptions>();
  CLI::App* command =
      AddHostCommand(app, "events", "Print what the running host has recently met", options);
  command->add_flag("--follow", options->follow, "Wait for further events and print them");
  command->add_option("--id", options->id, "Only events of this number");
  command->add_option("--since", options->since,
                      "Only events since this time (UTC): 2024-02-29T12:30:00Z, or 90s, 10m, 2h, "
                      "3d ago");
  command->callback([options] { Events(*options); });
}

}  // namespace

void AddHostCommands(CLI::App& app, int& exit_status) {
  const auto options = std::make_shared<HostOptions>();
  AddHostCommand(app, "status", "Print vendor, queue and coverage of the running host", options)
      ->callback([options] { AskAndPrint(*options, "status", PrintStatus); });
  AddHostCommand(app, "counters", "Print the counters of the running host", options)
      ->callback([options] { AskAndPrint(*options, "counters", PrintCounters); });
  AddEventsCommand(app);
  AddHostCommand(app, "reload", "Read the settings again and load the vendor anew", options)
      ->callback([options, &exit_status] { exit_status = Reload(*options); });
}

}  // namespace store_sim
