// SPDX-License-Identifier: Apache-2.0
#include "simulate_report.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "display.h"
#include "exit_status.h"
#include "host_views.h"
#include "latencies.h"

namespace store_sim {
namespace {

using nlohmann::json;

struct Wanted {
  const char* title;
  const char* name;
  double percent;
};
constexpr std::array<Wanted, 5> kPercentiles{{{"P50", "p50_ns", 50},
                                              {"P90", "p90_ns", 90},
                                              {"P99", "p99_ns", 99},
                                              {"P99.9", "p999_ns", 99.9},
                                              {"MAX", "max_ns", 100}}};
constexpr char kAllMessages[] = "each message";

void Row(std::ostream& out, const char* title, const std::string& text) {
  out << title << std::string(15 - std::string_view(title).size(), ' ') << text << '\n';
}

std::string Tenths(double number) {
  std::array<char, 48> text;
  std::snprintf(text.data(), text.size(), "%.1f", number);
  return text.data();
}

double PerSecond(double count, const Outturn& outturn) {
  return outturn.acted_s > 0 ? count / outturn.acted_s : 0;
}

json TimesJson(const LatencyHistogram& histogram) {
  json times{{"count", histogram.count()}};
  for (const Wanted& each : kPercentiles)
    times[each.name] = histogram.Percentile(each.percent).count();
  return times;
}

json ActionsJson(const Tally& tally) {
  json actions = json::object();
  for (size_t i = 0; i < kActions; ++i)
    if (tally.actions[i].count() > 0) actions[kActionNames[i]] = TimesJson(tally.actions[i]);
  actions[kAllMessages] = TimesJson(tally.messages);
  return actions;
}

json AnswersJson(const Tally& tally) {
  json answers = json::object();
  for (size_t i = 0; i < tally.answers.size(); ++i) answers[kAnsweredNames[i]] = tally.answers[i];
  return answers;
}

json ExposuresJson(const Results& results) {
  json exposures = json::array();
  for (const Exposure& each : results.exposures)
    exposures.push_back(
        {{"what", each.what}, {"message", each.message}, {"user", each.user}, {"at", each.at_s}});
  return exposures;
}

void AddRow(Table& table, const std::string& name, const LatencyHistogram& histogram,
            const Outturn& outturn) {
  if (histogram.count() == 0) return;
  std::vector<std::string> row{name, std::to_string(histogram.count()),
                               Tenths(PerSecond(static_cast<double>(histogram.count()), outturn))};
  for (const Wanted& each : kPercentiles)
    row.push_back(Milliseconds(histogram.Percentile(each.percent).count()));
  table.Add(std::move(row));
}

void PrintActions(const Outturn& outturn, std::ostream& out) {
  using enum Table::Align;
  std::vector<Table::Column> columns{{"ACTION"}, {"COUNT", kRight}, {"PER SECOND", kRight}};
  for (const Wanted& each : kPercentiles) columns.push_back({each.title, kRight});
  Table table(std::move(columns));
  const Tally& all = outturn.results.all;
  for (size_t i = 0; i < kActions; ++i) AddRow(table, kActionNames[i], all.actions[i], outturn);
  AddRow(table, kAllMessages, all.messages, outturn);
  table.Print(out);
}

std::string AnswersText(const Tally& tally) {
  std::string text;
  for (size_t i = 0; i < tally.answers.size(); ++i)
    text += (text.empty() ? "" : ", ") + std::to_string(tally.answers[i]) + " " + kAnsweredNames[i];
  return text;
}

std::string TimeText(const Outturn& outturn) {
  const uint64_t kills = outturn.results.starts - std::min<uint64_t>(outturn.results.starts, 1);
  return Tenths(outturn.acted_s) + " s" + (outturn.stopped ? ", stopped before its time" : "") +
         (kills > 0 ? ", killed and begun again " + std::to_string(kills) + " time" +
                          (kills > 1 ? "s" : "")
                    : "");
}

void PrintFaults(const Outturn& outturn, std::ostream& out) {
  for (const Exposure& each : outturn.results.exposures)
    out << "  exposed: " << each.what << " in " << each.message << " to " << each.user << " after "
        << Tenths(each.at_s) << " s\n";
  for (const std::string& each : outturn.lost) out << "  lost: " << each << '\n';
  for (const std::string& each : outturn.results.troubles)
    out << "  failed: " << ForDisplay(each) << '\n';
}

}  // namespace

json SimulationJson(const Outturn& outturn, const json& engine) {
  const Results& results = outturn.results;
  return {{"seconds", outturn.acted_s},
          {"starts", results.starts},
          {"stopped", outturn.stopped},
          {"latencies", ActionsJson(results.all)},
          {"engine", engine},
          {"answers", AnswersJson(results.all)},
          {"bytes", results.all.bytes},
          {"stored", results.stored.size()},
          {"lost", outturn.lost_count},
          {"exposures", results.exposed},
          {"exposed", ExposuresJson(results)},
          {"failed", results.troubles},
          {"items", outturn.last.items},
          {"current", outturn.last.current},
          {"settled_seconds", outturn.settled_s}};
}

void PrintSimulation(const Outturn& outturn, const json& engine, std::ostream& out) {
  const Results& results = outturn.results;
  PrintActions(outturn, out);
  out << '\n';
  PrintLatencies(engine, out);
  out << '\n';
  Row(out, "time", TimeText(outturn));
  Row(out, "answers", AnswersText(results.all));
  Row(out, "given out",
      FormatBytes(results.all.bytes) + ", " +
          FormatBytes(
              static_cast<uint64_t>(PerSecond(static_cast<double>(results.all.bytes), outturn))) +
          " a second");
  Row(out, "stored", std::to_string(results.stored.size()) + " messages");
  Row(out, "current",
      std::to_string(outturn.last.current) + " of " + std::to_string(outturn.last.items) +
          " items, " + Percentage(outturn.last.current, outturn.last.items) + ", " +
          Tenths(outturn.settled_s) + " s after the last action");
  Row(out, "lost", std::to_string(outturn.lost_count));
  Row(out, "exposures", std::to_string(results.exposed));
  PrintFaults(outturn, out);
}

int ExitStatusOf(const Outturn& outturn) {
  if (outturn.results.exposed > 0) return kExposed;
  if (outturn.lost_count > 0) return kLost;
  return outturn.results.troubles.empty() ? kDone : kTrouble;
}

}  // namespace store_sim
