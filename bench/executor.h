// SPDX-License-Identifier: Apache-2.0
//
// What every executor is asked to do, ours and its peers: take jobs in two lanes, be busy for a
// known time with each, tell whoever waits.
//
// Thread safety: executors from many threads; a Job is the client's between Wait and Submit, the
// executor's from Submit until it is finished.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "measure.h"

namespace vsapi::bench {

enum class Lane : uint8_t { kLow, kHigh };

class Job {
 public:
  virtual ~Job() = default;

  // By executors: before it is queued, and when it is done.
  virtual void Begin() { done_.store(false, std::memory_order_relaxed); }
  void Finish() {
    if (is_timed) finished_ns = WallNs();
    Tell();
  }
  // By clients: until it is done; returns at once if it was never submitted.
  virtual void Wait() { done_.wait(false, std::memory_order_acquire); }
  virtual bool done() const { return done_.load(std::memory_order_acquire); }

  Lane lane = Lane::kHigh;
  bool is_timed = false;
  int64_t finished_ns = 0;  // of a timed one, valid once it is done

 protected:
  virtual void Tell() {
    done_.store(true, std::memory_order_release);
    done_.notify_one();
  }

 private:
  std::atomic<bool> done_ = true;  // publishes finished_ns; read by the client
};

// Processor time that a job takes, by its lane.
struct Work {
  int64_t high_us = 0;
  int64_t low_us = 0;
};

class Executor {
 public:
  virtual ~Executor() = default;

  virtual const char* name() const = 0;
  virtual std::unique_ptr<Job> NewJob() { return std::make_unique<Job>(); }
  // False if kLowLimit jobs are queued in the low lane already.
  virtual bool Submit(Job& job) = 0;

  static constexpr size_t kLowLimit = 30;
};
using Executors = std::vector<std::unique_ptr<Executor>>;

// Busy as the vendor DLL `spin` is.
inline void BeBusy(const Work& work, Lane lane) {
  const int64_t us = lane == Lane::kHigh ? work.high_us : work.low_us;
  if (us == 0) return;
  for (const int64_t end = ThreadCpuNs() + us * 1000; ThreadCpuNs() < end;) {
  }
}

// The peers, each with `threads` threads.
Executors MakePeers(size_t threads, const Work& work);

}  // namespace vsapi::bench
