// SPDX-License-Identifier: Apache-2.0
#include "host.h"

#include <unistd.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "client_text.h"
#include "error.h"
#include "host_json.h"
#include "host_requests.h"
#include "latencies.h"
#include "mdb_coverage.h"
#include "times.h"

namespace store_sim {
namespace {

using nlohmann::json;

// So long a host keeps a client waiting for events, that it may find out whether it is still there.
constexpr std::chrono::seconds kMostPatience{10};

constexpr uint64_t kSecondsBetweenCoverages = 5;

// A long command at work for a client.
struct Errand {
  Errand(JsonLines& client, const std::atomic<bool>& stopped)
      : out_text(client, "out"),
        err_text(client, "err"),
        desk{out, err, false, [&] { return stopped || out_text.is_gone() || err_text.is_gone(); }},
        progress(err, desk.terminal) {}

  ClientText out_text;
  ClientText err_text;
  std::ostream out{&out_text};
  std::ostream err{&err_text};
  const Desk desk;
  Progress progress;
};

template <class Value>
Value Argument(const json& request, const char* name, Value otherwise) try {
  return request.value(name, otherwise);
} catch (const json::exception&) {
  throw Error(std::string("the argument \"") + name + "\" is of a wrong type");
}

}  // namespace

Host::Host(const std::filesystem::path& folder, ScanOptions options, EventLines& shown)
    : started_ns_(NowNs()),
      store_(folder, Access::kWrite),
      scanning_(store_, Listening(std::move(options), events_), shown),
      transport_queue_(folder, Access::kWrite),
      transport_(store_, transport_queue_, scanning_,
                 [&shown](const std::string& line) { shown.Tell(line); }) {}

ScanOptions Host::Listening(ScanOptions options, EventRing& events) {
  options.listener = [&events](const vsapi::Event& event) { events.Add(event); };
  return options;
}

json Host::Answer(const json& request, JsonLines& client) {
  using Command = json (Host::*)(const json&, JsonLines&);
  static const std::map<std::string, Command> kCommands{
      {"open", &Host::Open},       {"import", &Host::Import},
      {"move", &Host::Move},       {"quarantine", &Host::Quarantine},
      {"replace", &Host::Replace}, {"reply", &Host::Reply},
      {"submit", &Host::Submit},   {"queue", &Host::Queue},
      {"status", &Host::Status},   {"counters", &Host::Counters},
      {"events", &Host::Events},   {"reload", &Host::Reload},
      {"trace", &Host::Trace}};
  const auto name = Argument(request, "command", std::string());
  const auto command = kCommands.find(name);
  if (command == kCommands.end()) throw Error("there is no command \"" + name + "\"");
  return (this->*command->second)(request, client);
}

json Host::Open(const json& request, JsonLines& client) {
  const OpenArguments arguments = OpenArgumentsOf(request);
  Errand errand(client, stopped_);
  if (!engine().Status().enabled) errand.progress.Line("store_sim: " + OffWarning(store_));
  return ExitStatusAnswer(RunOpen(arguments, store_, scanning_, errand.progress, errand.desk,
                                  [this] { scanning_.Flush(); }));
}

json Host::Import(const json& request, JsonLines& client) {
  const ImportArguments arguments = ImportArgumentsOf(request);
  Errand errand(client, stopped_);
  ProactiveScan scan(scanning_, ProactiveScan::AtEnd::kLeaveRunning);
  return ExitStatusAnswer(RunImport(arguments, store_, errand.progress, errand.desk,
                                    arguments.no_scan ? nullptr : &scan));
}

json Host::Move(const json& request, JsonLines& client) {
  const MoveArguments arguments = MoveArgumentsOf(request);
  Errand errand(client, stopped_);
  return ExitStatusAnswer(RunMove(arguments, store_, scanning_, errand.desk));
}

json Host::Reply(const json& request, JsonLines& client) {
  const ReplyArguments arguments = ReplyArgumentsOf(request);
  Errand errand(client, stopped_);
  ProactiveScan scan(scanning_, ProactiveScan::AtEnd::kLeaveRunning);
  return ExitStatusAnswer(RunReply(arguments, store_, errand.progress, errand.desk, scan));
}

json Host::Replace(const json& request, JsonLines& client) {
  const ReplaceArguments arguments = ReplaceArgumentsOf(request);
  Errand errand(client, stopped_);
  ProactiveScan scan(scanning_, ProactiveScan::AtEnd::kLeaveRunning);
  return ExitStatusAnswer(RunReplace(arguments, store_, errand.progress, errand.desk, scan));
}

json Host::Quarantine(const json& request, JsonLines& client) {
  const QuarantineArguments arguments = QuarantineArgumentsOf(request);
  Errand errand(client, stopped_);
  return ExitStatusAnswer(RunQuarantine(arguments, store_, &scanning_, errand.desk));
}

json Host::Status(const json& request, JsonLines&) {
  const vsapi::Status status = engine().Status();
  json answer = StatusJson(status, NowNs());
  answer["vendor_calls"] = VendorTimesJson(engine().VendorTimes());
  answer["faults"] = FaultsJson(engine().Faults());
  answer["process"] = getpid();
  answer["queued_p90"] = queue_.Percentile90();
  answer["started"] = IsoTime(started_ns_);
  answer["uptime_seconds"] = (NowNs() - started_ns_) / 1'000'000'000;
  if (!Argument(request, "mdbs", true)) return answer;
  scanning_.Flush();
  answer["mdbs"] = json::array();
  for (const auto& mdb : store_.mdbs()) answer["mdbs"].push_back(MdbOrProblem(mdb->name(), status));
  return answer;
}

// One whose database can't be read now keeps nobody from the rest.
json Host::MdbOrProblem(const std::string& mdb, const vsapi::Status& status) try {
  return MdbJson(mdb, status);
} catch (const Error& error) {
  return {{"name", mdb}, {"problem", error.what()}};
}

// How long it takes yet is known where items become current.
json Host::MdbJson(const std::string& mdb, const vsapi::Status& status) {
  const Coverage coverage = CoverageOf(store_.folder() / (mdb + ".db"), status);
  coverage_.Add(mdb, coverage.current, NowNs());
  const uint64_t left = coverage.items - coverage.current;
  const double per_second = coverage_.PerSecond(mdb);
  json answer{{"name", mdb},
              {"items", coverage.items},
              {"current", coverage.current},
              {"per_second", per_second},
              {"seconds_left", nullptr}};
  if (left == 0 || per_second > 0)
    answer["seconds_left"] =
        left == 0 ? 0 : static_cast<uint64_t>(std::ceil(static_cast<double>(left) / per_second));
  return answer;
}

json Host::Counters(const json&, JsonLines&) {
  json answer = CountersOf(engine());
  answer[kLatencies] = LatenciesJson(engine().Histograms());
  return answer;
}

json Host::Events(const json& request, JsonLines&) {
  EventRing::Wanted wanted;
  wanted.after = Argument(request, "after", uint64_t{0});
  wanted.since_ns = Argument(request, "since_ns", INT64_MIN);
  if (request.contains("id")) wanted.id = Argument(request, "id", uint32_t{0});
  const std::chrono::milliseconds patience(Argument(request, "wait_ms", uint32_t{0}));
  return EventsJson(
      events_.Find(wanted, std::min<std::chrono::milliseconds>(patience, kMostPatience)));
}

json Host::Reload(const json&, JsonLines&) {
  const bool is_new = engine().Reload();
  return {{"reloaded", is_new}, {"status", StatusJson(engine().Status(), NowNs())}};
}

json Host::Trace(const json& request, JsonLines&) {
  return TraceMessage(TraceArgumentsOf(request), store_, scanning_);
}

json Host::Submit(const json& request, JsonLines& client) {
  const SubmitArguments arguments = SubmitArgumentsOf(request);
  Errand errand(client, stopped_);
  return ExitStatusAnswer(RunSubmit(arguments, transport_, errand.desk));
}

json Host::Queue(const json& request, JsonLines& client) {
  const QueueArguments arguments = QueueArgumentsOf(request);
  Errand errand(client, stopped_);
  const int status = RunQueue(arguments, transport_queue_, errand.desk);
  transport_.Look();
  return ExitStatusAnswer(status);
}

void Host::Look() {
  LookAtQueue();
  if (looks_++ % kSecondsBetweenCoverages == 0) LookAtCoverage();
}

// A database that can't be read now is looked at the next time.
void Host::LookAtCoverage() try {
  const vsapi::Status status = engine().Status();
  for (const auto& mdb : store_.mdbs()) MdbJson(mdb->name(), status);
} catch (const Error&) {
  return;
}

void Host::LookAtQueue() {
  const vsapi::Status status = engine().Status();
  queue_.Add(uint64_t{status.queued_high} + status.queued_low);
}

void Host::Stop() {
  stopped_ = true;
  events_.Close();
  transport_.StopTaking();
  scanning_.End();
  transport_.Join();
}

}  // namespace store_sim
