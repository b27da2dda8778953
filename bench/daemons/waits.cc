// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include <algorithm>
#include <map>

#include "client_day.h"
#include "process_tree.h"

namespace vsapi::bench {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsOf(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

// ---- While bulk saturates the scanner -----------------------------------------------------------

ClientDay DayOf(Run& run, Way& way, const Load& load, Clock::duration time) {
  const auto end = Clock::now() + time;
  return SpendDay(run, way, load, [end] { return Clock::now() >= end; });
}

// Nobody is before a client but other clients.
void MeasureUndisturbed(Run& run, Way& way, const Load& load, const Subject& of) {
  const ClientDay day = DayOf(run, way, load, run.Time(4000, 300));
  RecordWaits(run, of, day.Between(0, 1e9));
}

void MeasureBehindBulk(Run& run, Way& way, const Load& load, const Subject& of) {
  const Bulk bulk(run, way, load.bulk);
  DayOf(run, way, load, run.Time(500, 50));  // until it is saturated
  const auto begin = Clock::now();
  const uint64_t before = bulk.answered();
  const ClientDay day = DayOf(run, way, load, run.Time(4000, 300));
  run.records.Add(of, "bulk_items_per_second", "1/s",
                  static_cast<double>(bulk.answered() - before) / SecondsOf(Clock::now() - begin),
                  Better::kMore);
  RecordWaits(run, of, day.Between(0, 1e9));
  run.records.Add(of, "missed", "items", static_cast<double>(day.missed + bulk.missed()),
                  Better::kLess);
  run.records.Add(of, "unscanned", "items", static_cast<double>(day.unscanned + bulk.unscanned()),
                  Better::kLess);
}

// ---- While definitions reload -------------------------------------------------------------------

struct Reloading {
  ClientDay day;
  double begin_s = 0, end_s = 0;  // of the day
};

// Clients and bulk before, while and after `reload`, which is called on this thread.
Reloading ReloadAmidst(Run& run, Way& way, const Load& load, const std::function<void()>& reload) {
  Reloading result;
  std::atomic<bool> is_over = false;
  const auto begin = Clock::now();
  std::jthread clients(
      [&] { result.day = SpendDay(run, way, load, [&] { return is_over.load(); }); });
  const auto calm = run.Time(1000, 200);
  std::this_thread::sleep_for(calm);
  result.begin_s = SecondsOf(Clock::now() - begin);
  reload();
  result.end_s = SecondsOf(Clock::now() - begin);
  std::this_thread::sleep_for(calm);
  is_over = true;
  clients.join();
  return result;
}

// The greatest wait of each tenth of a second.
Records::Points OverTime(const ClientDay& day) {
  std::map<int, double> worst;
  for (const Wait& wait : day.waits) {
    double& of_tenth = worst[static_cast<int>(wait.at_s * 10)];
    of_tenth = std::max(of_tenth, wait.ms);
  }
  Records::Points points;
  for (const auto& [tenth, ms] : worst) points.emplace_back(tenth / 10.0, ms);
  return points;
}

// The highest that the samples saw, of one that is taken as often as it can be.
class PeakMemory {
 public:
  double Stop() {
    sampler_.request_stop();
    sampler_.join();
    return most_mib_;
  }

 private:
  double most_mib_ = 0;
  std::jthread sampler_{[this](const std::stop_token& stop) {
    for (; !stop.stop_requested(); std::this_thread::sleep_for(std::chrono::milliseconds(20)))
      most_mib_ = std::max(most_mib_, TreeMemoryMiB());
  }};
};

void RecordReload(Run& run, const Subject& of, const Reloading& result) {
  run.records.Add(of, "p99_before", "ms", result.day.Between(0, result.begin_s).Percentile(99),
                  Better::kLess);
  RecordWaits(run, of, result.day.Between(result.begin_s, result.end_s));
  run.records.AddCurve(of, "worst_wait_over_time", "ms", OverTime(result.day));
  run.records.Add(of, "reload", "s", result.end_s - result.begin_s, Better::kLess);
}

// Freed memory, of ways that were there before, would hide what this one takes.
double MemoryOfHost() {
  malloc_trim(0);
  return TreeMemoryMiB();
}

}  // namespace

void MeasureWaits(Run& run, const Ways& ways) {
  const Load load = LoadFor(run);
  TakeTurns(run, ways, [&](Way& way) {
    const Subject of{run.Case("clients while bulk saturates"), way.name()};
    if (way.name().starts_with("limit_")) return MeasureUndisturbed(run, way, load, of);
    if (way.has_clients()) MeasureBehindBulk(run, way, load, of);
  });
}

// Twice, for looking at memory takes time from what is looked at.
void MeasureReload(Run& run, const std::function<std::unique_ptr<Way>()>& make,
                   MarkerDefinitions& definitions) {
  const double before = MemoryOfHost();
  const auto way = make();
  const double host = before + way->store_mib();
  const Load load = LoadFor(run);
  const Subject of{run.Case("clients while definitions reload"), way->name()};
  const Bulk bulk(run, *way, load.bulk);
  const auto reload = [&] {
    definitions.Grow();
    way->Reload();
  };
  const Reloading timed = ReloadAmidst(run, *way, load, reload);
  RecordReload(run, of, timed);
  run.records.Add(of, "memory_at_work", "MiB", TreeMemoryMiB() - host, Better::kLess);
  PeakMemory peak;
  const Reloading looked_at = ReloadAmidst(run, *way, load, reload);
  run.records.Add(of, "memory_peak", "MiB", peak.Stop() - host, Better::kLess);
  const auto both = [&](auto what) {
    return static_cast<double>(timed.day.*what + looked_at.day.*what);
  };
  run.records.Add(of, "missed", "items", both(&ClientDay::missed), Better::kLess);
  run.records.Add(of, "unscanned", "items",
                  both(&ClientDay::unscanned) + static_cast<double>(bulk.unscanned()),
                  Better::kLess);
}

}  // namespace vsapi::bench
