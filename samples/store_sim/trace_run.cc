// SPDX-License-Identifier: Apache-2.0
#include "trace_run.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "display.h"
#include "error.h"
#include "latencies.h"
#include "message_answer.h"
#include "open_run.h"

namespace store_sim {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

struct Step {
  const char* name;
  int64_t vsapi::Trace::*at;
  const char* text;
};
constexpr std::array<Step, 7> kSteps{{
    {"queued_ns", &vsapi::Trace::queued_ns, "queued: the store's stamp is not current"},
    {"taken_ns", &vsapi::Trace::taken_ns, "taken by a scanning thread"},
    {"opened_ns", &vsapi::Trace::opened_ns, "content opened by the store"},
    {"called_ns", &vsapi::Trace::called_ns, "vendor called"},
    {"returned_ns", &vsapi::Trace::returned_ns, "vendor returned"},
    {"durable_ns", &vsapi::Trace::durable_ns, "outcome durable"},
    {"released_ns", &vsapi::Trace::released_ns, "released"},
}};

bool Was(int64_t step) { return step != VSAPI_NEVER; }

// From one step to the other, as far as this call waited for it.
int64_t Between(int64_t from, int64_t to) {
  if (!Was(from) || !Was(to)) return 0;
  return std::max<int64_t>(to - std::max<int64_t>(from, 0), 0);
}

json StepJson(int64_t step) { return Was(step) ? json(step) : json(nullptr); }

json PartJson(const StoredPart& part, const vsapi::Decision& decision, const vsapi::Trace& trace,
              int64_t written_ns) {
  json steps;
  for (const Step& step : kSteps) steps[step.name] = StepJson(trace.*step.at);
  // Nobody waited for a clean stamp's; by now it is there.
  const bool later = Was(trace.returned_ns) && !Was(trace.durable_ns);
  if (later) steps["durable_ns"] = written_ns;
  const Shares shares = SharesOf(trace);
  return {{"part", part.path},
          {"name", part.name},
          {"bytes", part.size},
          {"answer", vsapi_answer_text(decision.answer)},
          {"reason", vsapi_reason_text(decision.reason)},
          {"verdict", vsapi_verdict_text(decision.verdict)},
          {"joined", trace.joined != 0},
          {"steps", steps},
          {"reading_ns", StepJson(trace.reading_ns)},
          {"queue_ns", shares.queue_ns},
          {"store_ns", shares.store_ns},
          {"vendor_ns", shares.vendor_ns}};
}

void PrintSteps(const json& steps, std::ostream& out) {
  std::vector<std::pair<int64_t, const char*>> made;
  for (const Step& step : kSteps)
    if (const json& at = steps.at(step.name); !at.is_null()) made.emplace_back(at, step.text);
  std::stable_sort(made.begin(), made.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [at, text] : made) {
    const std::string time = Milliseconds(at);
    out << std::string(time.size() < 14 ? 14 - time.size() : 0, ' ') << time << "  " << text
        << '\n';
  }
}

void PrintPart(const json& part, std::ostream& out) {
  const auto text = [&](const char* name) { return ForDisplay(part.at(name).get<std::string>()); };
  out << "part " << text("part") << (text("name").empty() ? "" : " (" + text("name") + ")") << ", "
      << FormatBytes(part.at("bytes")) << ": " << text("answer") << " (" << text("reason")
      << "), verdict " << text("verdict")
      << (part.at("joined").get<bool>() ? "; joined a scan in flight" : "") << '\n';
  PrintSteps(part.at("steps"), out);
  if (part.at("steps").at("queued_ns").is_null()) return;
  out << "        queue " << Milliseconds(part.at("queue_ns")) << ", store "
      << Milliseconds(part.at("store_ns")) << ", vendor " << Milliseconds(part.at("vendor_ns"))
      << '\n';
}

}  // namespace

std::string WrongWith(const TraceArguments& arguments) {
  return IsTimeout(arguments.timeout_s) ? "" : "--timeout is out of range";
}

Shares SharesOf(const vsapi::Trace& trace) {
  const int64_t reading = Was(trace.reading_ns) ? trace.reading_ns : 0;
  // A serial vendor keeps others waiting before the call.
  const int64_t vendors = Was(trace.opened_ns) ? trace.opened_ns : trace.called_ns;
  Shares shares;
  shares.queue_ns = Between(trace.queued_ns, trace.taken_ns);
  shares.store_ns = Between(0, trace.queued_ns) + Between(trace.taken_ns, trace.opened_ns) +
                    reading + Between(trace.returned_ns, trace.durable_ns);
  shares.vendor_ns = Between(std::max(vendors, trace.queued_ns), trace.returned_ns) - reading;
  return shares;
}

// What was cleaned on the way is asked for again, as by `open`: the last time is what is told.
struct TracedMessage {
  StoredMessage message;
  std::vector<vsapi::Decision> decisions;
  std::vector<vsapi::Trace> traces;
  Clock::time_point asked;
};

TracedMessage AskTraced(Scanning& scanning, Mdb& mdb, int64_t number,
                        std::chrono::milliseconds timeout) {
  TracedMessage traced;
  for (int tried = 0; tried < kMostTries; ++tried) {
    traced.message = FindForClient(mdb, number);
    const std::vector<vsapi::Item> items = scanning.ItemsOf(mdb, traced.message);
    traced.traces.assign(items.size(), {});
    traced.asked = Clock::now();
    traced.decisions =
        scanning.engine().OpenMessage(items, {.timeout = timeout, .traces = traced.traces});
    if (!HasChanged(traced.decisions)) break;
  }
  return traced;
}

json TraceMessage(const TraceArguments& arguments, const Store& store, Scanning& scanning) {
  const auto [mdb, number] = store.FindName(arguments.message);
  const std::chrono::milliseconds timeout(static_cast<int64_t>(arguments.timeout_s * 1000));
  const auto [message, decisions, traces, asked] = AskTraced(scanning, *mdb, number, timeout);
  scanning.Flush();
  const int64_t written_ns = std::chrono::nanoseconds(Clock::now() - asked).count();
  const MessageAnswer answer = AnswerOf(message, decisions);
  json parts = json::array();
  for (size_t i = 0; i < traces.size(); ++i)
    parts.push_back(PartJson(message.parts[i], decisions[i], traces[i], written_ns));
  return {{"message", NameOf(*mdb, number)},
          {"answer", answer.text},
          {"exit_status", ExitStatusOf(answer.outcome)},
          {"parts", parts}};
}

void PrintTrace(const json& trace, std::ostream& out) {
  out << ForDisplay(trace.at("message").get<std::string>()) << "  "
      << ForDisplay(trace.at("answer").get<std::string>()) << '\n';
  for (const json& part : trace.at("parts")) PrintPart(part, out);
}

}  // namespace store_sim
