// SPDX-License-Identifier: Apache-2.0
//
// What the proxy and the whole engine add to one vendor call with libclamav, measured so that noise
// does not decide: processor time, pairs of calls on the same bytes a few hundred microseconds
// apart, thousands of pairs, the median of their ratios with the bounds that hold it in 95 of 100
// runs. Several vendor instances take turns, for where one lies in memory makes 1 % already.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

#include "corpus.h"
#include "definitions.h"
#include "engine_under_test.h"
#include "measure.h"
#include "one_call.h"

namespace vsapi::bench {
namespace {

using benchmark::State;

constexpr size_t kInstances = 6;

// Ratios of what is measured to what it is measured against.
class PairedRatios {
 public:
  // Alternately the one and the other first. `clock` is of the CPU time that both take.
  template <class Clock, class One, class Other>
  void Measure(Clock clock, One one, Other other) {
    const bool one_first = pairs_++ % 2 == 0;
    const auto cost = [&clock](auto& call) {
      const int64_t before = clock();
      call();
      return static_cast<double>(clock() - before);
    };
    double of_one = one_first ? cost(one) : 0;
    const double of_other = cost(other);
    if (!one_first) of_one = cost(one);
    ratios_.Add(of_one / of_other);
  }
  void Report(State& state) const {
    // Ranks of the order statistics around the median, by the binomial's normal approximation.
    const double spread = 98 / std::sqrt(static_cast<double>(std::max<size_t>(ratios_.size(), 1)));
    state.counters["ratio"] = ratios_.median();
    state.counters["ratio_low"] = ratios_.Percentile(std::max(50 - spread, 0.0));
    state.counters["ratio_high"] = ratios_.Percentile(std::min(50 + spread, 100.0));
    state.counters["pairs"] = static_cast<double>(ratios_.size());
  }

 private:
  size_t pairs_ = 0;
  Samples ratios_;
};

std::string ClamavParameters(const DefinitionsFolder& definitions) {
  return "definitions=" + definitions.path() + ";temp=/dev/shm";
}

using DirectCalls = std::vector<std::unique_ptr<DirectCall>>;

DirectCalls MakeDirectCalls(const DefinitionsFolder& definitions, size_t count) {
  DirectCalls calls;
  for (size_t i = 0; i < count; ++i)
    calls.push_back(
        std::make_unique<DirectCall>(VSAPI_BENCH_CLAMAV, ClamavParameters(definitions)));
  return calls;
}

void BM_Overhead_Proxy(State& state) {
  const DefinitionsFolder definitions(kSmall);
  const DirectCalls direct = MakeDirectCalls(definitions, kInstances);
  std::vector<std::unique_ptr<ProxyCall>> proxied;
  for (size_t i = 0; i < kInstances; ++i)
    proxied.push_back(
        std::make_unique<ProxyCall>(VSAPI_BENCH_CLAMAV, ClamavParameters(definitions)));
  Sample content{"", Text(16 * 1024, 2)};
  PairedRatios ratios;
  uint64_t round = 0;
  for (auto _ : state) {
    content.Freshen(++round);
    const size_t at = round / 2 % kInstances;
    ratios.Measure(
        ThreadCpuNs, [&] { proxied[at]->Scan(content.bytes); },
        [&] { direct[at]->Scan(content.bytes); });
  }
  ratios.Report(state);
}
BENCHMARK(BM_Overhead_Proxy)->MinTime(1);  // many pairs, in a short round too

constexpr size_t kItems = 16;        // so many in one pair that what the writer does is in it
constexpr size_t kCrowdItems = 256;  // so many that starting threads is nothing

void OpenEach(EngineUnderTest& engine, size_t items) {
  for (size_t i = 0; i < items; ++i) engine.engine().Open(engine.NewItem(0));
  engine.Flush();
}

void OpenTogether(EngineUnderTest& engine, size_t items) {
  Pipeline pipeline(engine);
  for (size_t i = 0; i < items; ++i) pipeline.Ask(0);
  pipeline.Drain();
  engine.Flush();
}

// Each of `calls` on a thread of its own.
void ScanTogether(const DirectCalls& calls, const std::string& bytes, size_t items) {
  std::atomic<size_t> begun = 0;
  std::vector<std::jthread> crowd;
  for (const auto& call : calls)
    crowd.emplace_back([&, &call = *call] {
      while (begun.fetch_add(1) < items) call.Scan(bytes);
    });
}

// Of all threads of the process: asking, scanning, writing stamps. One item after another, or all
// of them asked for at once.
void BM_Overhead_Engine(State& state) {
  const DefinitionsFolder definitions(kSmall);
  const std::string bytes = Text(16 * 1024, 2);
  EngineUnderTest engine(VSAPI_BENCH_CLAMAV, ClamavParameters(definitions), {bytes});
  const DirectCalls direct = MakeDirectCalls(definitions, kInstances);
  const auto open = state.range(0) == 0 ? OpenEach : OpenTogether;
  PairedRatios ratios;
  uint64_t round = 0;
  for (auto _ : state) {
    DirectCall& call = *direct[round++ / 2 % kInstances];
    ratios.Measure(
        ProcessCpuNs, [&] { open(engine, kItems); },
        [&] {
          for (size_t i = 0; i < kItems; ++i) call.Scan(bytes);
        });
  }
  ratios.Report(state);
}
BENCHMARK(BM_Overhead_Engine)->ArgName("pipelined")->Arg(0)->Arg(1)->MinTime(1)->UseRealTime();

DirectCalls MakeSessions(const DefinitionsFolder& definitions, uint32_t count) {
  const auto vendor =
      std::make_shared<DirectVendor>(VSAPI_BENCH_CLAMAV, ClamavParameters(definitions), count);
  DirectCalls calls;
  while (calls.size() < count) calls.push_back(std::make_unique<DirectCall>(vendor));
  return calls;
}

// Against direct calls by as many threads on one instance, as the engine has it: what several
// processors, their caches and frequent switches take from a scan, they take from both.
void BM_Overhead_EngineInThreads(State& state) {
  const DefinitionsFolder definitions(kSmall);
  const std::string bytes = Text(16 * 1024, 2);
  std::vector<std::unique_ptr<EngineUnderTest>> engines;
  std::vector<DirectCalls> direct;
  for (size_t i = 0; i < kInstances; ++i) {
    engines.push_back(std::make_unique<EngineUnderTest>(
        VSAPI_BENCH_CLAMAV, ClamavParameters(definitions), std::vector{bytes}));
    direct.push_back(MakeSessions(definitions, engines[0]->engine().Status().threads));
  }
  PairedRatios ratios;
  size_t round = 0;
  for (auto _ : state) {
    const size_t at = round++ / 2 % kInstances;
    ratios.Measure(
        ProcessCpuNs, [&] { OpenTogether(*engines[at], kCrowdItems); },
        [&] { ScanTogether(direct[at], bytes, kCrowdItems); });
  }
  ratios.Report(state);
}
BENCHMARK(BM_Overhead_EngineInThreads)->MinTime(2)->UseRealTime();

}  // namespace
}  // namespace vsapi::bench

BENCHMARK_MAIN();
