// SPDX-License-Identifier: Apache-2.0
//
// The engine's own cost for each kind of question, by the doors that a host uses, with vendors that
// do nothing or are busy for a known time. Counters give the CPU of the whole process per item
// beside the time.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "engine_under_test.h"
#include "held_scans.h"
#include "measure.h"
#include "queue_alone.h"

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
  decision.struct_size = sizeof decision;
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
  decision.struct_size = sizeof decision;
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
  QueueAlone queue(0, {}, kQueued);
  std::vector<std::unique_ptr<Job>> jobs(kQueued);
  for (auto& job : jobs) (job = queue.NewJob())->lane = Lane::kLow;
  OwnCpu promoter;
  for (auto _ : state) {
    for (auto& job : jobs) queue.Submit(*job);
    promoter.Measure([&] {
      for (auto& job : jobs) queue.Promote(*job);
    });
    for (size_t i = 0; i < kQueued; ++i) queue.RunNext();
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

// The same while a client asks, beside the same client without it: no item may stay unscanned.
Samples OpenOneByOne(EngineUnderTest& engine, State& state) {
  constexpr size_t kItems = 2000;
  Samples us;
  for (size_t i = 0; i < kItems; ++i) {
    const int64_t before = WallNs();
    if (engine.engine().Open(engine.NewItem(0)).reason != VSAPI_REASON_SCANNED)
      state.SkipWithError("an item was not scanned");
    us.Add(static_cast<double>(WallNs() - before) / 1000);
  }
  return us;
}

void BM_Open_ReloadUnderLoad(State& state) {
  EngineUnderTest& engine = EngineWith(20);
  Samples quiet, reloading;
  double reloads = 0;
  for (auto _ : state) {
    quiet.Add(OpenOneByOne(engine, state));
    const std::jthread reloader([&](const std::stop_token& stop) {
      for (; !stop.stop_requested(); ++reloads) engine.engine().Reload();
    });
    reloading.Add(OpenOneByOne(engine, state));
  }
  state.counters["quiet_p99_us"] = quiet.Percentile(99);
  state.counters["reloading_p99_us"] = reloading.Percentile(99);
  state.counters["p99_ratio"] = reloading.Percentile(99) / quiet.Percentile(99);
  state.counters["reloads"] = reloads;
}
BENCHMARK(BM_Open_ReloadUnderLoad)->UseRealTime();

// ---- Limits -----------------------------------------------------------------------------------

size_t HeapInUse() {
  const struct mallinfo2 heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

// Heap that a queued request takes, with what its client waits on if it has one; and what the same
// number takes once more, after the engine has learnt how much it needs.
void BM_Engine_MemoryPerRequest(State& state) {
  constexpr size_t kRequests = 10000;
  const bool has_client = state.range(0) != 0;
  std::vector<Item> items(kRequests);
  double first = 0, again = 0;
  for (auto _ : state) {
    EngineUnderTest engine(VSAPI_BENCH_NO_OP, "", {"Good morning!"},
                           {{"ProactiveLimit", std::to_string(kRequests)}});
    for (double* bytes : {&first, &again}) {
      HeldScans held(engine);
      for (Item& item : items) item = engine.NewItem(0);
      const size_t before = HeapInUse();
      for (const Item& item : items)
        has_client ? held.Ask(item) : static_cast<void>(engine.engine().Submitted(item));
      *bytes = static_cast<double>(HeapInUse() - before) / kRequests;
    }
  }
  state.counters["bytes_per_item"] = first;
  state.counters["bytes_again"] = again;
}
BENCHMARK(BM_Engine_MemoryPerRequest)->ArgName("has_client")->Arg(0)->Arg(1);

// A new item when 30 are queued: it is left in the store.
void BM_Submitted_Overflow(State& state) {
  constexpr int kItems = 1000;
  EngineUnderTest engine(VSAPI_BENCH_NO_OP, "", {"Good morning!"});
  OwnCpu transport;
  for (auto _ : state) {
    HeldScans held(engine);
    const Item item = engine.NewItem(0);
    while (engine.engine().Submitted(engine.NewItem(0)) == VSAPI_SUBMITTED_QUEUED) {
    }
    transport.Measure([&] {
      for (int i = 0; i < kItems; ++i) engine.engine().Submitted(item);
    });
  }
  transport.Report(state, kItems);
}
BENCHMARK(BM_Submitted_Overflow);

// A client whose time is up while its item is queued: how late is its answer, what does it cost?
void BM_Open_TimeOut(State& state) {
  constexpr auto kTimeOut = std::chrono::milliseconds(2);
  EngineUnderTest& engine = EngineWith(0);
  const HeldScans held(engine);
  OpenOptions how;
  how.timeout = kTimeOut;
  OwnCpu client;
  Samples late_us;
  for (auto _ : state) {
    const Item item = engine.NewItem(0);
    const int64_t before = WallNs();
    client.Measure([&] {
      if (engine.engine().Open(item, how).answer != VSAPI_ANSWER_IN_PROGRESS)
        state.SkipWithError("its time was not up");
    });
    late_us.Add(static_cast<double>(WallNs() - before) / 1000 -
                static_cast<double>(std::chrono::microseconds(kTimeOut).count()));
  }
  client.Report(state, 1);
  state.counters["late_p50_us"] = late_us.Percentile(50);
  state.counters["late_p99_us"] = late_us.Percentile(99);
}
BENCHMARK(BM_Open_TimeOut)->UseRealTime();

}  // namespace
}  // namespace vsapi::bench

BENCHMARK_MAIN();
