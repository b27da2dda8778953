// SPDX-License-Identifier: Apache-2.0
//
// store_sim serve: keeps a store open and answers the other commands, until a signal ends it.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands.h"
#include "desk.h"
#include "host.h"
#include "host_server.h"
#include "metrics.h"

namespace store_sim {
namespace {

struct ServeOptions {
  std::string folder;
  ScanOptions scan;
  std::string metrics;
  bool verbose = false;
};

void Serve(const ServeOptions& options) {
  const Desk desk = Terminal();
  Progress progress(desk.err, false);
  EventLines events(progress,
                    options.verbose ? EventLines::Which::kAll : EventLines::Which::kProblems);
  Host host(options.folder, options.scan, events);
  HostServer server(host.store(), [&host](const nlohmann::json& request, JsonLines& client) {
    return host.Answer(request, client);
  });
  std::optional<MetricsPage> metrics;
  if (!options.metrics.empty()) metrics.emplace(options.metrics, host.engine(), &host.store());
  progress.Line("store_sim: serving " + options.folder + "; `store_sim status " + options.folder +
                    "` tells how it is" + (metrics ? "; metrics at " + metrics->url() : ""),
                desk.out);
  server.Run([&host] { host.Stop(); });
  events.Finish();
}

}  // namespace

void AddServeCommand(CLI::App& app, int&) {
  const auto options = std::make_shared<ServeOptions>();
  CLI::App* command =
      app.add_subcommand("serve", "Keep a store open and answer the other commands");
  command->add_option("DIR", options->folder, "Folder of the store")->required();
  AddScanOptions(*command, options->scan);
  command->add_option("--metrics", options->metrics,
                      "Metrics for Prometheus by HTTP: a port of the loopback, or ADDRESS:PORT");
  command->add_flag("--verbose", options->verbose, "Print all events");
  command->footer(
      "Prints one line when it is ready. SIGTERM and SIGINT end it: what is decided is written, "
      "who waits is told to ask again.");
  command->callback([options] {
    options->scan.background = true;
    Serve(*options);
  });
}

}  // namespace store_sim
