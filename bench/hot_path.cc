// SPDX-License-Identifier: Apache-2.0
//
// The engine's own cost for each kind of question, by the doors that a host uses, with vendors that
// do nothing or are busy for a known time. Counters give the CPU of the whole process per item
// beside the time.
#include <benchmark/benchmark.h>

#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "engine_under_test.h"
#include "measure.h"
#include "scan_queue.h"

namespace vsapi::bench {
namespace {

using benchmark::Counter;
using benchmark::State;

// One engine for each vendor, kept until the end: starting one is no part of the questions. Vendor
// time in microseconds; 0 is the one that does nothing.
EngineUnderTest& EngineWith(int64_t vendor_us) {
  static std::map<int64_t, std::unique_ptr<EngineUnderTest>> all;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  auto& engine = all[vendor_us];
  if (!engine)
    engine = std::make_unique<EngineUnderTest>(
        vendor_us == 0 ? VSAPI_BENCH_NO_OP : VSAPI_BENCH_SPIN, std::to_string(vendor_us),
        std::vector<std::string>{"Good morning!"},
        EngineUnderTest::Settings{{"ProactiveLimit", "100000"}, {"MaxWaiters", "1000"}});
  return *engine;
}

// Time and CPU of the whole process, per item, from construction to Report.
class PerItem {
 public:
  void Report(State& state, uint64_t items) const {
    const auto count = static_cast<double>(items);
    state.counters["ns_per_item"] = static_cast<double>(WallNs() - wall_) / count;
    state.counters["cpu_ns_per_item"] = static_cast<double>(ProcessCpuNs() - cpu_) / count;
  }

 private:
  const int64_t wall_ = WallNs();
  const int64_t cpu_ = ProcessCpuNs();
};

// CPU of the calling thread alone, in the stretches between what only prepares: their median.
class OwnCpu {
 public:
  template <class Work>
  void Measure(Work work) {
    const int64_t before = ThreadCpuNs();
    work();
    ns_.Add(static_cast<double>(ThreadCpuNs() - before));
  }
  void Report(State& state, size_t items) const {
    state.counters["cpu_ns_per_item"] = ns_.median() / static_cast<double>(items);
  }

 private:
  Samples ns_;
};

// ---- Answers without a scan -------------------------------------------------------------------

void BM_Open_StampHit(State& state) {
  EngineUnderTest& engine = EngineWith(0);
  static const Item item = engine.Stamped(engine.NewItem(0));
  vsapi_engine* const handle = engine.engine().get();
  Decision decision = {};
  const int64_t before = ThreadCpuNs();
  for (auto _ : state) {
    vsapi_open(handle, &item, nullptr, &decision);
    benchmark::DoNotOptimize(decision);
  }
  if (decision.reason != VSAPI_REASON_STAMP) state.SkipWithError("the stamp was not current");
  state.counters["cpu_ns_per_item"] =
      Counter(static_cast<double>(ThreadCpuNs() - before) / static_cast<double>(state.iterations()),
              Counter::kAvgThreads);
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
}
BENCHMARK(BM_Open_StampHit)->ThreadRange(1, 8)->UseRealTime();

// ---- Scans ------------------------------------------------------------------------------------

void BM_Open_RoundTrip(State& state) {
  EngineUnderTest& engine = EngineWith(state.range(0));
  Decision decision = {};
  const PerItem cost;
  for (auto _ : state) decision = engine.engine().Open(engine.NewItem(0));
  cost.Report(state, state.iterations());
  if (decision.reason != VSAPI_REASON_SCANNED) state.SkipWithError("it was not scanned");
  engine.Flush();
}
BENCHMARK(BM_Open_RoundTrip)
    ->ArgName("vendor_us")
    ->Arg(0)
    ->Arg(1)
    ->Arg(20)
    ->Arg(200)
    ->UseRealTime();

void BM_OpenMessage_TenParts(State& state) {
  constexpr size_t kParts = 10;
  EngineUnderTest& engine = EngineWith(state.range(0));
  std::vector<Item> parts(kParts);
  const PerItem cost;
  for (auto _ : state) {
    for (Item& part : parts) part = engine.NewItem(0);
    benchmark::DoNotOptimize(engine.engine().OpenMessage(parts));
  }
  cost.Report(state, state.iterations() * kParts);
  engine.Flush();
}
BENCHMARK(BM_OpenMessage_TenParts)->ArgName("vendor_us")->Arg(0)->Arg(20)->Arg(200)->UseRealTime();

// `count` items from `producers` threads, each of which keeps hundreds on their way.
void AskPipelined(EngineUnderTest& engine, size_t producers, size_t count) {
  std::vector<std::jthread> crowd;
  for (size_t i = 0; i < producers; ++i)
    crowd.emplace_back([&engine, share = count / producers] {
      Pipeline pipeline(engine);
      for (size_t asked = 0; asked < share; ++asked) pipeline.Ask(0);
    });
}

void BM_OpenAsync_Pipelined(State& state) {
  const int64_t vendor_us = state.range(0);
  const auto producers = static_cast<size_t>(state.range(1));
  // So many that starting the producers does not count.
  const size_t items = vendor_us > 20 ? 1024 : vendor_us > 1 ? 4096 : 32768;
  EngineUnderTest& engine = EngineWith(vendor_us);
  const PerItem cost;
  for (auto _ : state) AskPipelined(engine, producers, items);
  cost.Report(state, state.iterations() * items);
  engine.Flush();
}
BENCHMARK(BM_OpenAsync_Pipelined)
    ->ArgNames({"vendor_us", "producers"})
    ->ArgsProduct({{0, 1, 20, 200}, {1, 2, 4, 8}})
    ->UseRealTime();

// ---- Requests that meet -----------------------------------------------------------------------

// While it lives, no scan gets past opening its content.
class HeldScans {
 public:
  // Every thread of the pool is inside a scan when it returns.
  explicit HeldScans(EngineUnderTest& engine) : engine_(engine) {
    engine.store().Hold();
    const uint32_t threads = engine.engine().Status().threads;
    for (uint32_t i = 0; i < threads; ++i) Ask(engine.NewItem(0));
    while (engine.engine().Status().scanning < threads) std::this_thread::yield();
  }
  ~HeldScans() {
    engine_.store().LetGo();
    while (answered_ < asked_) std::this_thread::yield();
    engine_.Flush();
  }
  void Ask(const Item& item) {
    ++asked_;
    vsapi_open_async(engine_.engine().get(), &item, 1, nullptr, Answered, &answered_);
  }

 private:
  static void VSAPI_CALL Answered(void* context, const vsapi_decision*, size_t) {
    ++*static_cast<std::atomic<uint64_t>*>(context);
  }

  EngineUnderTest& engine_;
  uint64_t asked_ = 0;
  std::atomic<uint64_t> answered_ = 0;
};

// One more client for a content that is queued already: what it costs that client.
void BM_OpenAsync_Join(State& state) {
  constexpr int kJoins = 1000;
  EngineUnderTest& engine = EngineWith(0);
  OwnCpu clients;
  for (auto _ : state) {
    HeldScans held(engine);
    const Item item = engine.NewItem(0);
    held.Ask(item);
    clients.Measure([&] {
      for (int i = 0; i < kJoins; ++i) held.Ask(item);
    });
  }
  clients.Report(state, kJoins);
}
BENCHMARK(BM_OpenAsync_Join);

// A client asks for an item that waits in the low lane.
void BM_OpenAsync_Promote(State& state) {
  constexpr size_t kQueued = 1000;
  EngineUnderTest& engine = EngineWith(0);
  OwnCpu clients;
  std::vector<Item> items(kQueued);
  for (auto _ : state) {
    HeldScans held(engine);
    for (Item& item : items) {
      item = engine.NewItem(0);
      if (engine.engine().Submitted(item) != VSAPI_SUBMITTED_QUEUED)
        return state.SkipWithError("it was not queued");
    }
    clients.Measure([&] {
      for (const Item& item : items) held.Ask(item);
    });
  }
  clients.Report(state, kQueued);
}
BENCHMARK(BM_OpenAsync_Promote);

// The promotion alone, without the client's ticket, its stamp and its deadline.
void BM_ScanQueue_Promote(State& state) {
  constexpr size_t kQueued = 1000;
  const engine::SystemClock clock;
  std::vector<engine::ScanRequest> requests(kQueued);
  OwnCpu promoter;
  for (auto _ : state) {
    engine::ScanQueue queue(clock);
    for (auto& request : requests) queue.PushLow(request, clock.Now(), kQueued);
    promoter.Measure([&] {
      for (auto& request : requests) queue.Promote(request);
    });
    queue.Close();
    while (queue.TakeLeft().request != nullptr) {
    }
  }
  promoter.Report(state, kQueued);
}
BENCHMARK(BM_ScanQueue_Promote);

// A vendor's definitions are renewed: what the engine itself takes.
void BM_Engine_Reload(State& state) {
  EngineUnderTest& engine = EngineWith(0);
  for (auto _ : state)
    if (!engine.engine().Reload()) state.SkipWithError("it was refused");
}
BENCHMARK(BM_Engine_Reload)->UseRealTime();

}  // namespace
}  // namespace vsapi::bench

BENCHMARK_MAIN();
