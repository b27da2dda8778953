// SPDX-License-Identifier: Apache-2.0
//
// What it costs to have the vendor in worker processes: the same items by an engine with it and by
// one without, in turn, both warm. The store is in memory, the content 16 KiB.
#include <benchmark/benchmark.h>

#include <filesystem>

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

  // Nanoseconds of `work` with each of them; who goes first takes turns.
  template <class Work>
  std::pair<double, double> Measure(Work work) {
    const auto time = [&work](EngineUnderTest& engine) {
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

// One client, one item after another: `added_us` is what the median client waits longer.
void RoundTrip(State& state, const std::string& library, const std::string& parameters) {
  BothWays both(library, parameters);
  Samples inside, outside, added;
  for (auto _ : state) {
    const auto [in, out] =
        both.Measure([](EngineUnderTest& engine) { engine.engine().Open(engine.NewItem(0)); });
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
  OpenDefinitions() : folder_(kSmall) {
    using std::filesystem::perms;
    std::filesystem::permissions(folder_.path(), perms::others_read | perms::others_exec,
                                 std::filesystem::perm_options::add);
  }
  std::string parameters() const { return "definitions=" + folder_.path() + ";temp=/dev/shm"; }

 private:
  const DefinitionsFolder folder_;
};

void BM_Isolation_RoundTripNoOp(State& state) { RoundTrip(state, VSAPI_BENCH_NO_OP, ""); }
BENCHMARK(BM_Isolation_RoundTripNoOp)->MinTime(1)->UseRealTime();

void BM_Isolation_RoundTripClamav(State& state) {
  const OpenDefinitions definitions;
  RoundTrip(state, VSAPI_BENCH_CLAMAV, definitions.parameters());
}
BENCHMARK(BM_Isolation_RoundTripClamav)->MinTime(1)->UseRealTime();

void BM_Isolation_ThroughputClamav(State& state) {
  const OpenDefinitions definitions;
  Throughput(state, VSAPI_BENCH_CLAMAV, definitions.parameters());
}
BENCHMARK(BM_Isolation_ThroughputClamav)->MinTime(2)->UseRealTime();

}  // namespace
}  // namespace vsapi::bench

BENCHMARK_MAIN();
