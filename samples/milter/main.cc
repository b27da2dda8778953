// SPDX-License-Identifier: Apache-2.0
//
// store_milter: the engine behind Postfix or Sendmail. Reads the command line, starts the engine,
// and filters until a signal ends it.
#include <vsapi/host/vsapi_host.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>

#include "desk.h"
#include "error.h"
#include "event_lines.h"
#include "filter.h"
#include "metrics.h"
#include "registry.h"

namespace store_milter {
namespace {

using store_sim::Desk;
using store_sim::EventLines;

constexpr std::chrono::seconds kPatience{10};
constexpr uint64_t kMebibyte = 1 << 20;

enum ExitStatus { kDone = 0, kTrouble = 1, kUsage = 2 };

struct MilterOptions {
  Filter::Options filter = {
      .listen = "inet:8899@127.0.0.1", .spool = {}, .submission_daemons = {"ORIGINATING", "MSA"}};
  uint64_t largest_mib = Spool::Options().largest / kMebibyte;
  std::string settings;
  std::string vendor;
  std::optional<std::string> parameters;
  std::string infected;
  std::string metrics;
};

// ---- The engine ---------------------------------------------------------------------------------

vsapi::Options EngineOptions(const MilterOptions& options, EventLines& events) {
  vsapi::Options to;
  to.settings_file = options.settings;
  if (options.settings.empty())
    to.settings = {
        {"Enabled", "1"}, {"TransportAVAPI\\Enabled", "1"}, {"Library", "vsapi_clamav.so"}};
  if (!options.vendor.empty()) to.settings.emplace_back("Library", options.vendor);
  if (options.parameters) to.settings.emplace_back("Parameters", *options.parameters);
  if (!options.infected.empty())
    to.settings.emplace_back("TransportInfectedAction", options.infected);
  to.on_event = [&events](const vsapi::Event& event) { events.Show(event); };
  return to;
}

// VSAPI has transport scanning switched off unless somebody wants it, and so it is in a file that
// says nothing.
void WarnIfOff(const std::string& file, EventLines& events) {
  std::vector<vsapi::engine::SettingValue> values;
  std::vector<std::string> problems;
  std::string problem;
  if (file.empty() || !vsapi::engine::ReadRegistry(file, values, problem)) return;
  const vsapi::engine::Settings settings = vsapi::engine::MakeSettings(values, problems);
  if (settings.enabled != 0 && settings.ScansTransport()) return;
  events.Tell(
      "warning: scanning is switched off: every message is delivered unscanned; set "
      "Enabled, and Enabled under TransportAVAPI, to 1 in " +
      file);
}

// ---- The program --------------------------------------------------------------------------------

// libmilter waits for them on a thread of its own; no other one may be ended by them.
void BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, each);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int Run(const MilterOptions& options) {
  BlockSignals();
  const Desk desk = store_sim::Terminal();
  store_sim::Progress progress(desk.err, false);
  EventLines events(
      progress, options.filter.tells_all ? EventLines::Which::kAll : EventLines::Which::kProblems,
      "store_milter");
  vsapi::Engine engine(EngineOptions(options, events));
  WarnIfOff(options.settings, events);
  std::optional<store_sim::MetricsPage> metrics;
  if (!options.metrics.empty()) metrics.emplace(options.metrics, engine, nullptr);
  Filter filter(options.filter, engine, [&](const std::string& line) { events.Tell(line); });
  filter.Listen();
  progress.Line("store_milter: filtering at " + options.filter.listen +
                    (metrics ? "; metrics at " + metrics->url() : ""),
                desk.out);
  const bool served = filter.Run();
  engine.Shutdown(kPatience);
  Filter::AwaitAnswered();
  events.Finish();
  if (!served) throw store_sim::Error("libmilter gave up; it says why in syslog");
  return kDone;
}

// The socket as libmilter wants it, the loopback's unless another address is named.
std::string CheckListen(std::string& listen) {
  const bool has_port = listen.starts_with("inet:") || listen.starts_with("inet6:");
  const bool has_path = listen.starts_with("unix:") || listen.starts_with("local:");
  if (!has_port && !has_path) return "write unix:PATH or inet:PORT@ADDRESS";
  if (has_port && listen.find('@') == listen.npos)
    listen += listen.starts_with("inet6:") ? "@::1" : "@127.0.0.1";
  return "";
}

void AddOptions(CLI::App& app, MilterOptions& options) {
  app.add_option("--listen", options.filter.listen,
                 "Where the MTA finds it: unix:PATH or inet:PORT@ADDRESS")
      ->capture_default_str()
      ->transform(CLI::Validator(CheckListen, ""));
  app.add_option("--settings", options.settings,
                 "Settings file, as virusscan.reg; without it everything is scanned by ClamAV")
      ->check(CLI::ExistingFile);
  app.add_option("--vendor", options.vendor,
                 "The vendor DLL: a path, or a file name in the folder vsapi beside libvsapi "
                 "[the setting Library]");
  app.add_option("--parameters", options.parameters,
                 "Handed to the vendor [the setting Parameters]");
  app.add_option("--infected", options.infected,
                 "What becomes of infected messages [the setting TransportInfectedAction]")
      ->check(CLI::IsMember({"reject", "quarantine", "replace-part"}));
  app.add_option("--submission", options.filter.submission_daemons,
                 "Names of the MTA's daemons that people send by ({daemon_name}); who has logged "
                 "in counts as one anyway")
      ->capture_default_str();
  app.add_option("--max-message-size", options.largest_mib, "MiB; larger messages are refused")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  app.add_option("--spool", options.filter.spool.folder,
                 "Folder for what comes of messages above 1 MiB")
      ->capture_default_str()
      ->check(CLI::ExistingDirectory);
  app.add_option("--metrics", options.metrics,
                 "Metrics for Prometheus by HTTP: a port of the loopback, or ADDRESS:PORT");
  app.add_flag("--verbose", options.filter.tells_all,
               "Print a line for each message, and all events");
}

int Main(int argc, char** argv) {
  vsapi_keep_freed_memory();
  CLI::App app("Lets Postfix or Sendmail have each message scanned by OpenVSAPI (a milter)",
               "store_milter");
  MilterOptions options;
  AddOptions(app, options);
  app.set_version_flag("--version", "store_milter " VSAPI_VERSION);
  app.footer(
      "Prints one line when it is ready. SIGTERM ends it within seconds; what it has not answered "
      "by then the MTA defers. Exit status: 0 done, 1 it failed, 2 wrong command line.");
  try {
    app.parse(argc, argv);
    options.filter.spool.largest = options.largest_mib * kMebibyte;
    return Run(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  } catch (const std::exception& error) {
    std::cerr << "store_milter: " << error.what() << '\n';
    return kTrouble;
  }
}

}  // namespace
}  // namespace store_milter

int main(int argc, char** argv) { return store_milter::Main(argc, argv); }
