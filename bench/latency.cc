// SPDX-License-Identifier: Apache-2.0
//
// How long a client waits for an item while bulk work saturates the low lane, beside the same
// client on an idle engine and the bulk work alone; the three take turns within one iteration.
//
// Clients come by a fixed timetable and a latency counts from the time that the table says, so that
// a client that is kept waiting does not thin out its own samples (no coordinated omission).
// Bulk is a proactive list that is always full, and where a benchmark says so the background
// threads of some MDBs besides, which never come to the end of their stores.
//
// `_call` figures count from the call itself: without what the system took to wake the client.
// Percentiles are exact, over all samples.
#include <benchmark/benchmark.h>

#include <map>
#include <thread>

#include "corpus.h"
#include "definitions.h"
#include "engine_under_test.h"
#include "hogs.h"
#include "measure.h"
#include "timetable.h"

namespace vsapi::bench {
namespace {

using benchmark::State;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kTurn = milliseconds(1000);  // of each of the three
constexpr size_t kClients = 4;              // so many may be kept waiting before one is late

struct Latencies {
  Samples from_timetable_us, from_call_us;

  void Add(const Latencies& other) {
    from_timetable_us.Add(other.from_timetable_us);
    from_call_us.Add(other.from_call_us);
  }
};

double Us(SteadyClock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

// All clients together open one item each `period`, for one turn.
Latencies OpenForOneTurn(EngineUnderTest& engine, SteadyClock::duration period) {
  std::vector<Latencies> each(kClients);
  const auto end = SteadyClock::now() + kTurn;
  CallByTimetable(kClients, period,
                  [&](size_t client, uint64_t number, SteadyClock::time_point due) {
                    if (due >= end) return false;
                    const auto called = SteadyClock::now();
                    engine.engine().Open(engine.NewItem(7919 * number));
                    const auto answered = SteadyClock::now();
                    each[client].from_timetable_us.Add(Us(answered - due));
                    each[client].from_call_us.Add(Us(answered - called));
                    return true;
                  });
  Latencies all;
  for (const Latencies& one : each) all.Add(one);
  return all;
}

// New mail comes faster than it can be scanned, and `mdbs` further MDBs are scanned in the
// background: the low lane is full, and their threads are busy, as long as this lives.
class Bulk {
 public:
  Bulk(EngineUnderTest& engine, size_t mdbs) : engine_(engine) {
    for (size_t i = 0; i < mdbs; ++i) swept_.push_back(engine_.AttachEndless());
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }
  ~Bulk() {
    for (const uint32_t mdb : swept_) engine_.engine().Detach(mdb);
  }

 private:
  void Run(const std::stop_token& stop) {
    for (uint64_t number = 0; !stop.stop_requested();) {
      while (engine_.engine().Submitted(engine_.NewItem(number)) == VSAPI_SUBMITTED_QUEUED)
        ++number;
      std::this_thread::sleep_for(milliseconds(1));
    }
  }

  EngineUnderTest& engine_;
  std::vector<uint32_t> swept_;
  std::jthread thread_;
};

struct Turns {
  Latencies idle, loaded;
  double bulk_alone = 0, bulk_kept = 0;  // items scanned in the low lane
};

void TakeTurns(EngineUnderTest& engine, SteadyClock::duration period, Turns& turns,
               size_t mdbs = 0) {
  turns.idle.Add(OpenForOneTurn(engine, period));
  const Bulk bulk(engine, mdbs);
  uint64_t before = engine.FilesScanned();
  std::this_thread::sleep_for(kTurn);
  turns.bulk_alone += static_cast<double>(engine.FilesScanned() - before);
  before = engine.FilesScanned();
  const Latencies loaded = OpenForOneTurn(engine, period);
  turns.bulk_kept +=
      static_cast<double>(engine.FilesScanned() - before - loaded.from_call_us.size());
  turns.loaded.Add(loaded);
}

void ReportPercentiles(State& state, const std::string& name, const Samples& samples) {
  state.counters[name + "_p50_us"] = samples.Percentile(50);
  state.counters[name + "_p99_us"] = samples.Percentile(99);
  state.counters[name + "_p99.9_us"] = samples.Percentile(99.9);
}

void Report(State& state, const Turns& turns) {
  ReportPercentiles(state, "idle", turns.idle.from_timetable_us);
  ReportPercentiles(state, "loaded", turns.loaded.from_timetable_us);
  ReportPercentiles(state, "idle_call", turns.idle.from_call_us);
  ReportPercentiles(state, "loaded_call", turns.loaded.from_call_us);
  state.counters["p99_ratio"] =
      turns.loaded.from_timetable_us.Percentile(99) / turns.idle.from_timetable_us.Percentile(99);
  state.counters["p99_ratio_call"] =
      turns.loaded.from_call_us.Percentile(99) / turns.idle.from_call_us.Percentile(99);
  const double seconds =
      static_cast<double>(state.iterations()) * std::chrono::duration<double>(kTurn).count();
  state.counters["bulk_per_s"] = turns.bulk_kept / seconds;
  state.counters["bulk_kept"] = turns.bulk_kept / turns.bulk_alone;
}

// Clients' items cost nothing or a millisecond, bulk items a millisecond.
void BM_OnDemand_LatencyUnderBulk(State& state) {
  EngineUnderTest engine(VSAPI_BENCH_SPIN, std::to_string(state.range(0)) + ";1000",
                         {"Good morning!"});
  const Hogs hogs(state.range(1));
  Turns turns;
  // A client's millisecond every 5 leaves bulk most of two processors.
  const auto period = state.range(0) == 0 ? microseconds(1000) : microseconds(5000);
  for (auto _ : state) TakeTurns(engine, period, turns);
  Report(state, turns);
}
BENCHMARK(BM_OnDemand_LatencyUnderBulk)
    ->ArgNames({"vendor_us", "hogs"})
    ->Args({0, 0})
    ->Args({0, 2})
    ->Args({1000, 0})
    ->UseRealTime();

// The same clients, and bulk that comes from the background threads of that many MDBs besides.
void BM_OnDemand_LatencyUnderBackground(State& state) {
  EngineUnderTest engine(VSAPI_BENCH_SPIN, "0;1000", {"Good morning!"},
                         {{"BackgroundScanning", "1"}});
  Turns turns;
  for (auto _ : state)
    TakeTurns(engine, microseconds(1000), turns, static_cast<size_t>(state.range(0)));
  Report(state, turns);
}
BENCHMARK(BM_OnDemand_LatencyUnderBackground)->ArgName("mdbs")->Arg(1)->Arg(4)->UseRealTime();

// Everyday mail by libclamav with few definitions.
void BM_OnDemand_LatencyUnderBulkOfMail(State& state) {
  std::vector<std::string> contents;
  for (auto& content : Mix(500)) contents.push_back(std::move(content.bytes));
  const DefinitionsFolder definitions(kSmall);
  EngineUnderTest engine(VSAPI_BENCH_CLAMAV, "definitions=" + definitions.path(),
                         std::move(contents));
  Turns turns;
  for (auto _ : state) TakeTurns(engine, milliseconds(4), turns);
  Report(state, turns);
}
BENCHMARK(BM_OnDemand_LatencyUnderBulkOfMail)->UseRealTime();

}  // namespace
}  // namespace vsapi::bench

BENCHMARK_MAIN();
