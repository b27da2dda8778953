// SPDX-License-Identifier: GPL-2.0-only
//
// What a scan with libclamav costs, step by step: bare with its defaults, with each choice of the
// vendor DLL, by the DLL itself, through the engine's vendor_proxy, through the whole engine.
//
// All ways take turns within one iteration, on the same bytes, so that a busy machine slows all of
// them alike. Results are the counters: medians of one way's turns. Time is thread CPU for one
// call, process CPU and wall for many threads.
#include <benchmark/benchmark.h>

#include <atomic>
#include <functional>
#include <map>
#include <thread>

#include "bare_clamav.h"
#include "corpus.h"
#include "engine_under_test.h"
#include "measure.h"
#include "one_call.h"

namespace vsapi::bench {
namespace {

using benchmark::State;

constexpr const DefinitionsShape* kShapes[] = {&kSmall, &kBodies, &kLarge};

std::string ClamavParameters(const std::string& definitions) {
  return "definitions=" + definitions + ";temp=" + MemoryFolder();
}

// Definitions and what has loaded them: made once for a program, since loading takes a second.
class Loaded {
 public:
  explicit Loaded(const DefinitionsShape& shape) : shape_(shape), folder_(shape) {}

  static Loaded& Of(const DefinitionsShape& shape) {
    static std::map<std::string, std::unique_ptr<Loaded>> all;
    auto& loaded = all[shape.name];
    if (!loaded) loaded = std::make_unique<Loaded>(shape);
    return *loaded;
  }

  const BareClamav& Bare(Step step) {
    auto& bare = bare_[step];
    if (!bare) bare = std::make_unique<BareClamav>(step, shape_, folder_.path());
    return *bare;
  }
  DirectCall& Dll() {
    if (!dll_) dll_ = std::make_unique<DirectCall>(VSAPI_BENCH_CLAMAV, parameters());
    return *dll_;
  }
  ProxyCall& Proxy() {
    if (!proxy_) proxy_ = std::make_unique<ProxyCall>(VSAPI_BENCH_CLAMAV, parameters());
    return *proxy_;
  }
  std::string parameters() const { return ClamavParameters(folder_.path()); }

 private:
  const DefinitionsShape& shape_;
  const DefinitionsFolder folder_;
  std::map<Step, std::unique_ptr<BareClamav>> bare_;
  std::unique_ptr<DirectCall> dll_;
  std::unique_ptr<ProxyCall> proxy_;
};

// ---- One call ---------------------------------------------------------------------------------

struct Way {
  std::string name;
  std::function<void(std::string_view)> scan;
  Samples cpu_ns = {};
};

std::vector<Way> AllWays(Loaded& loaded) {
  std::vector<Way> ways;
  for (const Step step : kSteps) {
    const BareClamav& bare = loaded.Bare(step);
    ways.push_back({NameOf(step), [&bare](std::string_view bytes) { bare.Scan(bytes); }});
  }
  DirectCall& dll = loaded.Dll();
  ProxyCall& proxy = loaded.Proxy();
  ways.push_back({"dll", [&dll](std::string_view bytes) { dll.Scan(bytes); }});
  ways.push_back({"proxy", [&proxy](std::string_view bytes) { proxy.Scan(bytes); }});
  return ways;
}

// One turn of each way on the same new content; another one begins each time.
void TakeTurns(std::vector<Way>& ways, Sample& content, uint64_t round) {
  content.Freshen(round);
  for (size_t turn = 0; turn < ways.size(); ++turn) {
    Way& way = ways[(turn + round) % ways.size()];
    const int64_t before = ThreadCpuNs();
    way.scan(content.bytes);
    way.cpu_ns.Add(static_cast<double>(ThreadCpuNs() - before));
  }
}

void BM_OneCall_StepByStep(State& state, const DefinitionsShape& shape, Sample content) {
  auto ways = AllWays(Loaded::Of(shape));
  static uint64_t round = 0;
  for (auto _ : state) TakeTurns(ways, content, ++round);
  std::map<std::string, double> us;
  for (const Way& way : ways)
    state.counters[way.name + "_us"] = us[way.name] = way.cpu_ns.median() / 1000;
  state.counters["defaults/dll"] = us["bare_defaults"] / us["dll"];
  state.counters["proxy/dll"] = us["proxy"] / us["dll"];
  state.counters["proxy/same"] = us["proxy"] / us["bare_same"];
}

// ---- Many threads -----------------------------------------------------------------------------

struct Crowd {
  Samples wall_ns = {};
  Samples cpu_ns = {};

  // Both per item.
  void Measure(size_t items, const std::function<void()>& work) {
    const int64_t wall = WallNs(), cpu = ProcessCpuNs();
    work();
    wall_ns.Add(static_cast<double>(WallNs() - wall) / static_cast<double>(items));
    cpu_ns.Add(static_cast<double>(ProcessCpuNs() - cpu) / static_cast<double>(items));
  }
};

void ScanAll(const BareClamav& bare, const std::vector<Sample>& mix, size_t threads) {
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i; (i = next.fetch_add(1)) < mix.size();) bare.Scan(mix[i].bytes);
  };
  std::vector<std::jthread> crowd;
  for (size_t i = 0; i < threads; ++i) crowd.emplace_back(work);
}

void OpenAll(EngineUnderTest& engine) {
  Pipeline pipeline(engine);
  for (size_t i = 0; i < engine.store().size(); ++i) pipeline.Ask(i);
  pipeline.Drain();
  engine.Flush();
  if (pipeline.not_allowed() > 0) throw std::runtime_error("not clean by the engine");
}

std::vector<std::string> BytesOf(const std::vector<Sample>& mix) {
  std::vector<std::string> bytes;
  for (const Sample& sample : mix) bytes.push_back(sample.bytes);
  return bytes;
}

// So that libclamav's cache, where it is on, knows none of them.
void Freshen(std::vector<Sample>& mix) {
  static uint64_t serial = uint64_t{1} << 32;
  for (Sample& sample : mix) sample.Freshen(++serial);
}

void BM_Throughput_EngineAgainstBare(State& state, const DefinitionsShape& shape) {
  const auto threads = static_cast<size_t>(state.range(0));
  Loaded& loaded = Loaded::Of(shape);
  auto mix = Mix(&shape == &kLarge ? 24 : 480);
  Freshen(mix);  // first of all: what a content begins with may decide what it is taken for
  const BareClamav& defaults = loaded.Bare(Step::kDefaults);
  const BareClamav& same = loaded.Bare(Step::kLimits);
  EngineUnderTest engine(VSAPI_BENCH_CLAMAV, loaded.parameters(), BytesOf(mix),
                         {{"ScanningThreads", std::to_string(threads)}});
  OpenAll(engine);  // its threads' first scans fetch memory that later ones have
  Crowd by_defaults, by_same, by_engine;
  for (auto _ : state) {
    by_engine.Measure(mix.size(), [&] { OpenAll(engine); });
    Freshen(mix);
    by_same.Measure(mix.size(), [&] { ScanAll(same, mix, threads); });
    Freshen(mix);
    by_defaults.Measure(mix.size(), [&] { ScanAll(defaults, mix, threads); });
  }
  state.counters["engine_per_s"] = 1e9 / by_engine.wall_ns.median();
  state.counters["same_per_s"] = 1e9 / by_same.wall_ns.median();
  state.counters["defaults_per_s"] = 1e9 / by_defaults.wall_ns.median();
  state.counters["engine_cpu_us"] = by_engine.cpu_ns.median() / 1000;
  state.counters["same_cpu_us"] = by_same.cpu_ns.median() / 1000;
  state.counters["defaults_cpu_us"] = by_defaults.cpu_ns.median() / 1000;
  state.counters["engine/same"] = by_same.wall_ns.median() / by_engine.wall_ns.median();
  state.counters["engine/same_cpu"] = by_same.cpu_ns.median() / by_engine.cpu_ns.median();
  state.counters["engine/defaults_cpu"] = by_defaults.cpu_ns.median() / by_engine.cpu_ns.median();
}

void RegisterAll() {
  for (const DefinitionsShape* shape : kShapes) {
    for (const Sample& content : SingleContents())
      benchmark::RegisterBenchmark(
          ("BM_OneCall_StepByStep/" + std::string(shape->name) + "/" + content.name).c_str(),
          [shape, content](State& state) { BM_OneCall_StepByStep(state, *shape, content); });
    // ScanningThreads may not be less than half the processors and a half.
    for (const int threads : {2, 3, 4, 5})
      benchmark::RegisterBenchmark(
          ("BM_Throughput_EngineAgainstBare/" + std::string(shape->name)).c_str(),
          [shape](State& state) { BM_Throughput_EngineAgainstBare(state, *shape); })
          ->ArgName("threads")
          ->Arg(threads)
          ->UseRealTime();
  }
}

}  // namespace
}  // namespace vsapi::bench

int main(int argc, char** argv) {
  vsapi::bench::RegisterAll();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
