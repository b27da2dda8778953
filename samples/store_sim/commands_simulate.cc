// SPDX-License-Identifier: Apache-2.0
//
// store_sim simulate: clients of a profile at work on a store, and what came of it.
#include <algorithm>
#include <fstream>
#include <future>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "commands.h"
#include "desk.h"
#include "error.h"
#include "host.h"
#include "host_server.h"
#include "latencies.h"
#include "save_file.h"
#include "simulate_fill.h"
#include "simulate_plots.h"
#include "simulate_report.h"

namespace store_sim {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct SimulateCommand {
  std::string folder;
  std::string profile;
  double seconds = 0;
  uint64_t seed = 1;
  std::string definitions;
  std::string out;
  bool as_json = false;
  ScanOptions scan;
};

Profile ProfileOf(const SimulateCommand& command) {
  Profile profile = ReadProfileFile(command.profile);
  if (command.seconds > 0) profile.seconds = command.seconds;
  const auto updates = [](const Profile::Moment& moment) {
    return moment.counts[static_cast<size_t>(Action::kDefinitions)] > 0;
  };
  if (command.definitions.empty() &&
      std::any_of(profile.moments.begin(), profile.moments.end(), updates))
    throw Error(command.profile +
                ": asks for new definitions; say by --definitions which folder they are added to");
  return profile;
}

// Whose ledger it is: what was begun goes on only as it was begun.
std::string IdentityOf(const SimulateCommand& command) {
  std::ifstream text(command.profile, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(text), {}};
  return std::to_string(command.seed) + " " + std::to_string(command.seconds) + " " +
         ToHex(Sha256(bytes));
}

std::unique_ptr<Ledger> LedgerOf(const SimulateCommand& command) {
  if (command.out.empty()) return std::make_unique<Ledger>();
  fs::create_directories(command.out);
  return std::make_unique<Ledger>(fs::path(command.out) / "ledger.jsonl", IdentityOf(command));
}

// Serves the other commands, `store_sim top` say, while the simulation runs. A signal ends that.
class Served {
 public:
  explicit Served(Host& host)
      : server_(host.store(), [&host](const json& request,
                                      JsonLines& client) { return host.Answer(request, client); }),
        thread_([this, &host] {
          server_.Run([&] {
            stop_.request_stop();
            ended_.get_future().wait();
            host.Stop();
          });
        }) {}
  ~Served() {
    ended_.set_value();
    server_.Stop();
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  std::stop_token stop() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::promise<void> ended_;  // the simulation no longer needs the engine
  HostServer server_;
  std::jthread thread_;
};

Outturn RunServed(Simulation& simulation, Host& host) {
  const Served served(host);
  return simulation.Run(served.stop());
}

void Write(const SimulateCommand& command, const Outturn& outturn, const json& engine,
           Progress& progress) {
  if (!command.out.empty()) {
    SaveFile(fs::path(command.out) / "results.json",
             SimulationJson(outturn, engine).dump(2) + "\n");
    if (!PlotSimulation(outturn.results, command.out))
      progress.Line(
          "store_sim: no plots: gnuplot is missing or failed; install it, then run "
          "`gnuplot plots.gnuplot` in " +
          command.out);
  }
  if (command.as_json)
    std::cout << SimulationJson(outturn, engine).dump(2) << '\n';
  else
    PrintSimulation(outturn, engine, std::cout);
}

// What earlier updates made known is known from the beginning.
std::optional<SimulatedDefinitions> DefinitionsOf(const SimulateCommand& command, Truth& truth) {
  if (command.definitions.empty()) return std::nullopt;
  std::optional<SimulatedDefinitions> definitions(command.definitions);
  for (unsigned sleeper = 0; sleeper < kSleepers; ++sleeper)
    if (definitions->Knows(sleeper)) truth.Know(sleeper);
  return definitions;
}

void AddTo(std::optional<std::string>& parameters, const std::string& more) {
  parameters = parameters ? *parameters + ";" + more : more;
}

void LoadDefinitions(vsapi::Engine& engine) {
  if (!engine.Reload()) throw Error("the vendor could not load the new ones; the events say why");
}

int Simulate(SimulateCommand command) {
  const Profile profile = ProfileOf(command);
  const auto ledger = LedgerOf(command);
  const Desk desk = Terminal();
  Progress progress(desk.err, desk.terminal);
  FillStore(Store(command.folder, Access::kWrite), profile, command.seed, *ledger, progress);
  Truth truth;
  auto definitions = DefinitionsOf(command, truth);
  if (definitions) AddTo(command.scan.parameters, definitions->parameters());
  EventLines events(progress, EventLines::Which::kOnlyUnexpected);
  Host host(command.folder, command.scan, events);
  Mailboxes mailboxes(host.store(), profile.mailboxes);
  Simulation simulation({profile,
                         host.store(),
                         host.scanning(),
                         mailboxes,
                         truth,
                         *ledger,
                         definitions ? &*definitions : nullptr,
                         [&] { LoadDefinitions(host.engine()); },
                         command.seed,
                         {},
                         {}},
                        progress);
  const Outturn outturn = RunServed(simulation, host);
  events.Finish();
  Write(command, outturn, LatenciesJson(host.engine().Histograms()), progress);
  return ExitStatusOf(outturn);
}

}  // namespace

void AddSimulateCommand(CLI::App& app, int& exit_status) {
  const auto command = std::make_shared<SimulateCommand>();
  CLI::App* simulate = app.add_subcommand(
      "simulate", "Clients of a profile at work on a store: how long they wait, what they get");
  simulate->add_option("DIR", command->folder, "Folder of the store; best a new one")->required();
  simulate
      ->add_option("--profile", command->profile,
                   "What clients do, and when; the README of store_sim has its keys")
      ->required();
  simulate->add_option("--seconds", command->seconds, "How long clients act [the profile's]")
      ->check(CLI::Range(1.0, 1e6));
  simulate->add_option("--seed", command->seed, "Seed of all choices")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{0}, uint64_t{1'000'000'000}));
  simulate->add_option(
      "--definitions", command->definitions,
      "Folder of the clamav vendor's definitions, to which `definitions` of the "
      "profile adds; made if it is missing. With it the setting Parameters does not "
      "count, --parameters does");
  simulate->add_option("--out", command->out,
                       "Folder for the results and plots, and for what makes a simulation that was "
                       "killed go on where it was");
  simulate->add_flag("--json", command->as_json, "Print the results as JSON");
  AddScanOptions(*simulate, command->scan);
  simulate->footer(
      "Scans in the background too, where the setting BackgroundScanning is 1; `store_sim top DIR` "
      "looks on. SIGINT and SIGTERM end it before its time. Exit status: 0 nothing bad reached a "
      "client and nothing was lost, 40 something did, 41 something was, 1 an action failed.");
  simulate->callback([command, &exit_status] {
    command->scan.background = true;
    exit_status = Simulate(*command);
  });
}

}  // namespace store_sim
