// SPDX-License-Identifier: Apache-2.0
//
// Our queue and our whole engine beside the executors that others would take: the same jobs, the
// same number of threads, in turns within one iteration. Counters are medians over the turns, named
// EXECUTOR/FIGURE; a latency counts from the call of Submit until the job is done on its thread.
#include <benchmark/benchmark.h>
#include <sys/prctl.h>

#include <algorithm>
#include <latch>
#include <map>
#include <string>
#include <thread>

#include "executor.h"
#include "hogs.h"
#include "queue_alone.h"
#include "whole_engine.h"

namespace vsapi::bench {
namespace {

using benchmark::State;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

size_t ThreadCount() { return 2 * std::thread::hardware_concurrency() + 1; }

Executors AllExecutors(const Work& work) {
  Executors all = MakePeers(ThreadCount(), work);
  all.push_back(std::make_unique<QueueAlone>(ThreadCount(), work));
  all.push_back(std::make_unique<WholeEngine>(ThreadCount(), work));
  return all;
}

// One turn of each; another one begins each time.
template <class Turn>
void TakeTurns(const Executors& executors, size_t round, Turn turn) {
  for (size_t i = 0; i < executors.size(); ++i) turn(*executors[(i + round) % executors.size()]);
}

// ---- Cost of one job --------------------------------------------------------------------------

// A client's jobs, of which it keeps hundreds on their way.
class Pipelined {
 public:
  explicit Pipelined(Executor& executor) : executor_(executor) {
    for (size_t i = 0; i < kAhead; ++i) jobs_.push_back(executor.NewJob());
  }
  void Run(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      const size_t at = i % kAhead;
      if (at % kBatch == 0) Wait(at);
      executor_.Submit(*jobs_[at]);
    }
    for (size_t at = 0; at < kAhead; at += kBatch) Wait(at);
  }

 private:
  static constexpr size_t kAhead = 512;
  static constexpr size_t kBatch = 128;

  // For a batch from `first` on: its last job first, so that the client is hardly ever woken twice.
  void Wait(size_t first) {
    for (size_t at = first + kBatch; at > first; --at) jobs_[at - 1]->Wait();
  }

  Executor& executor_;
  std::vector<std::unique_ptr<Job>> jobs_;
};

struct Cost {
  Samples ns, cpu_ns;

  template <class Jobs>
  void Measure(size_t count, Jobs jobs) {
    const int64_t wall = WallNs(), cpu = ProcessCpuNs();
    jobs();
    ns.Add(static_cast<double>(WallNs() - wall) / static_cast<double>(count));
    cpu_ns.Add(static_cast<double>(ProcessCpuNs() - cpu) / static_cast<double>(count));
  }
};
using Costs = std::map<std::string, Cost>;

void Report(State& state, const Costs& costs) {
  for (const auto& [name, cost] : costs) {
    state.counters[name + "/ns"] = cost.ns.median();
    state.counters[name + "/cpu_ns"] = cost.cpu_ns.median();
  }
}

// `count` jobs from `producers` clients at once.
void RunPipelined(Executor& executor, size_t producers, size_t count, Cost& cost) {
  std::latch ready(static_cast<ptrdiff_t>(producers) + 1), start(1);
  std::vector<std::jthread> crowd;
  for (size_t i = 0; i < producers; ++i)
    crowd.emplace_back([&] {
      Pipelined jobs(executor);
      ready.count_down();
      start.wait();
      jobs.Run(count / producers);
    });
  ready.arrive_and_wait();
  cost.Measure(count, [&] {
    start.count_down();
    crowd.clear();
  });
}

void BM_Executors_Pipelined(State& state) {
  const int64_t vendor_us = state.range(0);
  const auto producers = static_cast<size_t>(state.range(1));
  // So many that waking the producers does not count.
  const size_t count = vendor_us > 20 ? 512 : vendor_us > 1 ? 2048 : 32768;
  const auto executors = AllExecutors({vendor_us, vendor_us});
  Cost warm_up;
  TakeTurns(executors, 0, [&](Executor& one) { RunPipelined(one, producers, count, warm_up); });
  Costs costs;
  size_t round = 0;
  for (auto _ : state)
    TakeTurns(executors, ++round,
              [&](Executor& one) { RunPipelined(one, producers, count, costs[one.name()]); });
  Report(state, costs);
}
BENCHMARK(BM_Executors_Pipelined)
    ->ArgNames({"vendor_us", "producers"})
    ->ArgsProduct({{0, 1, 20, 200}, {1, 2, 4, 8}})
    ->UseRealTime();

// One client that waits for each job before it submits the next.
void RunRoundTrips(Executor& executor, size_t count, Cost& cost) {
  const auto job = executor.NewJob();
  cost.Measure(count, [&] {
    for (size_t i = 0; i < count; ++i) {
      executor.Submit(*job);
      job->Wait();
    }
  });
}

void BM_Executors_RoundTrip(State& state) {
  const int64_t vendor_us = state.range(0);
  constexpr size_t kTrips = 500;
  const auto executors = AllExecutors({vendor_us, vendor_us});
  Cost warm_up;
  TakeTurns(executors, 0, [&](Executor& one) { RunRoundTrips(one, kTrips, warm_up); });
  Costs costs;
  size_t round = 0;
  for (auto _ : state)
    TakeTurns(executors, ++round,
              [&](Executor& one) { RunRoundTrips(one, kTrips, costs[one.name()]); });
  Report(state, costs);
}
BENCHMARK(BM_Executors_RoundTrip)
    ->ArgName("vendor_us")
    ->Arg(0)
    ->Arg(1)
    ->Arg(20)
    ->Arg(200)
    ->UseRealTime();

// ---- Latency of the high lane -----------------------------------------------------------------

constexpr auto kTurn = milliseconds(1000);
constexpr auto kPeriod = milliseconds(1);

// Keeps the low lane full as long as it lives.
class LowJobs {
 public:
  explicit LowJobs(Executor& executor) : executor_(executor) {
    for (size_t i = 0; i < 2 * Executor::kLowLimit + ThreadCount(); ++i) {
      jobs_.push_back(executor.NewJob());
      jobs_.back()->lane = Lane::kLow;
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }
  ~LowJobs() {
    thread_ = {};
    for (auto& job : jobs_) job->Wait();
  }

 private:
  void Run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      Fill();
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  void Fill() {
    for (auto& job : jobs_)
      if (job->done() && !executor_.Submit(*job)) return;
  }

  Executor& executor_;
  std::vector<std::unique_ptr<Job>> jobs_;
  std::jthread thread_;
};

// One high job each period by a fixed timetable. The client waits for none of them, so that one
// that is late does not keep the next ones away.
void SubmitByTimetable(Executor& executor, Samples& latency_us) {
  prctl(PR_SET_TIMERSLACK, 1);  // nanosecond: the system may not wake it late to save power
  std::vector<std::unique_ptr<Job>> jobs(kTurn / kPeriod);
  for (auto& job : jobs) (job = executor.NewJob())->is_timed = true;
  std::vector<int64_t> submitted_ns;
  auto due = SteadyClock::now();
  for (auto& job : jobs) {
    std::this_thread::sleep_until(due += kPeriod);
    submitted_ns.push_back(WallNs());
    executor.Submit(*job);
  }
  for (size_t i = 0; i < jobs.size(); ++i) {
    jobs[i]->Wait();
    latency_us.Add(static_cast<double>(jobs[i]->finished_ns - submitted_ns[i]) / 1000);
  }
}

void ReportPercentiles(State& state, const std::string& name, const Samples& samples) {
  state.counters[name + "/p50_us"] = samples.Percentile(50);
  state.counters[name + "/p99_us"] = samples.Percentile(99);
  state.counters[name + "/p99.9_us"] = samples.Percentile(99.9);
}

// Low jobs of a millisecond fill the low lane, a high job that does nothing comes each millisecond.
// Beside that, ours without low jobs and without hogs: `our_queue_idle`, `our_engine_idle`.
void BM_Executors_HighLatencyUnderLow(State& state) {
  const auto executors = AllExecutors({0, 1000});
  std::map<std::string, Samples> latencies;
  size_t round = 0;
  for (auto _ : state) {
    TakeTurns(executors, round++, [&](Executor& one) {
      const std::string name = one.name();
      if (name.starts_with("our_")) SubmitByTimetable(one, latencies[name + "_idle"]);
      const LowJobs low(one);
      const Hogs hogs(state.range(0));
      SubmitByTimetable(one, latencies[name]);
    });
  }
  for (const auto& [name, samples] : latencies) ReportPercentiles(state, name, samples);
}
BENCHMARK(BM_Executors_HighLatencyUnderLow)->ArgName("hogs")->Arg(0)->Arg(2)->UseRealTime();

}  // namespace
}  // namespace vsapi::bench

BENCHMARK_MAIN();
