// SPDX-License-Identifier: Apache-2.0
//
// The engine's queue and threads without the rest of the engine, as an executor beside others. The
// one file of the benchmarks that knows how they are driven.
//
// Thread safety: as Executor's.
#pragma once

#include <functional>

#include "executor.h"
#include "scan_queue.h"
#include "worker_pool.h"

namespace vsapi::bench {

class QueueAlone final : public Executor {
 public:
  // Without threads, RunNext does the work.
  QueueAlone(size_t threads, const Work& work, size_t low_limit = kLowLimit);
  ~QueueAlone() override;

  const char* name() const override { return "our_queue"; }
  std::unique_ptr<Job> NewJob() override;
  bool Submit(Job& job) override;

  // Moves a job that is queued in the low lane to the high one.
  void Promote(Job& job);
  // The next job, on the calling thread.
  void RunNext();

 private:
  struct QueuedJob;

  void Run(engine::ScanRequest& request);

  const Work work_;
  const size_t low_limit_;
  engine::SystemClock clock_;
  engine::ScanQueue queue_{clock_};
  engine::WorkerPool pool_;
};

}  // namespace vsapi::bench
