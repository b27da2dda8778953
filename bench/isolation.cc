// SPDX-License-Identifier: Apache-2.0
//
// What it costs to have the vendor in worker processes: the same items by an engine with it and by
// one without, in turn, both warm. The store is in memory, the content 16 KiB. And what memory they
// take: the definitions are there once.
#include <benchmark/benchmark.h>

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "corpus.h"
#include "definitions.h"
#include "engine_under_test.h"
#include "measure.h"

namespace vsapi::bench {
namespace {

using benchmark::State;

constexpr size_t kContent = 16 * 1024;
constexpr size_t kTogether = 64;

// The same vendor, in the host and out of it.
class BothWays {
 public:
  BothWays(const std::string& library, const std::string& parameters)
      : inside_(library, parameters, {Text(kContent, 2)}),
        outside_(library, parameters, {Text(kContent, 2)}, {{"Isolation", "process"}}) {}

  // Nanoseconds of `work` with each of them, each after that pause; who goes first takes turns.
  template <class Work>
  std::pair<double, double> Measure(Work work, std::chrono::microseconds pause = {}) {
    const auto time = [&work, pause](EngineUnderTest& engine) {
      std::this_thread::sleep_for(pause);
      const int64_t begin = WallNs();
      work(engine);
      return static_cast<double>(WallNs() - begin);
    };
    if (turns_++ % 2 != 0) {
      const double outside = time(outside_);
      return {time(inside_), outside};
    }
    const double inside = time(inside_);
    return {inside, time(outside_)};
  }

 private:
  EngineUnderTest inside_, outside_;
  size_t turns_ = 0;
};

// One client, one item after another, or one now and then, who finds the processors asleep:
// `added_us` is what the median client waits longer.
void RoundTrip(State& state, const std::string& library, const std::string& parameters,
               std::chrono::microseconds pause = {}) {
  BothWays both(library, parameters);
  Samples inside, outside, added;
  for (auto _ : state) {
    const auto [in, out] = both.Measure(
        [](EngineUnderTest& engine) { engine.engine().Open(engine.NewItem(0)); }, pause);
    inside.Add(in / 1000);
    outside.Add(out / 1000);
    added.Add((out - in) / 1000);
  }
  state.counters["inside_p50_us"] = inside.median();
  state.counters["outside_p50_us"] = outside.median();
  state.counters["outside_p99_us"] = outside.Percentile(99);
  state.counters["added_us"] = added.median();
}

// Many at once: `ratio` is the throughput of worker processes to that of the host.
void Throughput(State& state, const std::string& library, const std::string& parameters) {
  BothWays both(library, parameters);
  Samples ratios;
  for (auto _ : state) {
    const auto [in, out] = both.Measure([](EngineUnderTest& engine) {
      Pipeline pipeline(engine);
      for (size_t i = 0; i < kTogether; ++i) pipeline.Ask(0);
    });
    ratios.Add(in / out);
  }
  state.counters["ratio"] = ratios.median();
  state.SetItemsProcessed(static_cast<int64_t>(2 * kTogether * state.iterations()));
}

// Readable for the user that workers run as.
class OpenDefinitions {
 public:
  explicit OpenDefinitions(const DefinitionsShape& shape = kSmall) : folder_(shape) {
    using std::filesystem::perms;
    std::filesystem::permissions(folder_.path(), perms::others_read | perms::others_exec,
                                 std::filesystem::perm_options::add);
  }
  std::string parameters() const { return "definitions=" + folder_.path() + ";temp=/dev/shm"; }

 private:
  const DefinitionsFolder folder_;
};

// ---- Memory -------------------------------------------------------------------------------------

struct Held {
  size_t workers = 0;
  double mib = 0;  // of them and the process they were forked from; what is shared counts once
};

// Our vsapi_worker and what it has forked.
std::vector<pid_t> OwnWorkers() {
  std::map<pid_t, pid_t> parents;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    std::string line;
    if (pid == 0 || !std::getline(std::ifstream(entry.path() / "stat"), line)) continue;
    if (line.find("(vsapi-") == std::string::npos) continue;
    char state;
    std::istringstream(line.substr(line.rfind(')') + 1)) >> state >> parents[pid];
  }
  std::vector<pid_t> own;
  for (const auto& [pid, parent] : parents)
    if (parent == getpid() || (parents.contains(parent) && parents.at(parent) == getpid()))
      own.push_back(pid);
  return own;
}

Held HeldByWorkers() {
  Held held;
  for (const pid_t pid : OwnWorkers()) {
    std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
    for (std::string line; std::getline(rollup, line);)
      if (line.starts_with("Pss:")) held.mib += std::atof(line.c_str() + 4) / 1024;
    ++held.workers;
  }
  if (held.workers > 0) --held.workers;  // the one they were forked from is none
  return held;
}

// After the self-test there is one worker, after many scans one for each thread too: `ratio` is
// what all of them hold to what it was with the one.
void Memory(State& state, const std::string& library, const std::string& parameters) {
  for (auto _ : state) {
    EngineUnderTest engine(library, parameters, {Text(kContent, 2)}, {{"Isolation", "process"}});
    const Held one = HeldByWorkers();
    {
      Pipeline pipeline(engine);
      for (size_t i = 0; i < 100 * kTogether; ++i) pipeline.Ask(0);
      pipeline.Drain();
    }
    const Held all = HeldByWorkers();
    state.counters["workers_first"] = static_cast<double>(one.workers);
    state.counters["workers"] = static_cast<double>(all.workers);
    state.counters["mib_first"] = one.mib;
    state.counters["mib"] = all.mib;
    state.counters["ratio"] = all.mib / one.mib;
  }
}

// ---- The benchmarks -----------------------------------------------------------------------------

void BM_Isolation_RoundTripNoOp(State& state) { RoundTrip(state, VSAPI_BENCH_NO_OP, ""); }
BENCHMARK(BM_Isolation_RoundTripNoOp)->MinTime(1)->UseRealTime();

void BM_Isolation_RoundTripClamav(State& state) {
  const OpenDefinitions definitions;
  RoundTrip(state, VSAPI_BENCH_CLAMAV, definitions.parameters());
}
BENCHMARK(BM_Isolation_RoundTripClamav)->MinTime(1)->UseRealTime();

void BM_Isolation_NowAndThenClamav(State& state) {
  const OpenDefinitions definitions;
  RoundTrip(state, VSAPI_BENCH_CLAMAV, definitions.parameters(), std::chrono::milliseconds(1));
}
BENCHMARK(BM_Isolation_NowAndThenClamav)->MinTime(2)->UseRealTime();

void BM_Isolation_ThroughputClamav(State& state) {
  const OpenDefinitions definitions;
  Throughput(state, VSAPI_BENCH_CLAMAV, definitions.parameters());
}
BENCHMARK(BM_Isolation_ThroughputClamav)->MinTime(2)->UseRealTime();

void BM_Isolation_MemoryClamavLarge(State& state) {
  const OpenDefinitions definitions(kLarge);
  Memory(state, VSAPI_BENCH_CLAMAV, definitions.parameters());
}
BENCHMARK(BM_Isolation_MemoryClamavLarge)->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace vsapi::bench

BENCHMARK_MAIN();
