// SPDX-License-Identifier: Apache-2.0
//
// The pool's threads: each takes requests from the queue and runs them, one at a time. Roles are
// fixed: of 2n+1 threads n are kept for the high lane, the others serve low work at a lower OS
// priority, and high work when every kept thread is busy. A pool of one does everything.
//
// Thread safety: Start and Join from one thread.
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "clock.h"
#include "scan_queue.h"

namespace vsapi::engine {

class WorkerPool {
 public:
  // Runs one request on thread `worker`.
  using RunOne = std::function<void(ScanRequest&, size_t worker)>;

  WorkerPool(ScanQueue& queue, RunOne run) : queue_(queue), run_(std::move(run)) {}

  void Start(size_t threads);
  // After the queue was closed: waits until all threads have ended or the deadline has come. Then
  // leaves the others behind and returns how many; they still use the queue and the runner.
  size_t Join(Clock& clock, TimePoint deadline);

  size_t size() const { return size_; }
  size_t kept_for_high() const { return kept_; }

 private:
  void Run(size_t worker, Role role);

  ScanQueue& queue_;
  const RunOne run_;
  size_t size_ = 0;  // both constant after Start
  size_t kept_ = 0;
  std::vector<std::thread> threads_;
  Mutex mutex_;
  CondVar ended_changed_;
  std::vector<bool> ended_ VSAPI_GUARDED_BY(mutex_);
  size_t running_ VSAPI_GUARDED_BY(mutex_) = 0;
};

}  // namespace vsapi::engine
