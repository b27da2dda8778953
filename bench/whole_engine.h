// SPDX-License-Identifier: Apache-2.0
//
// The whole engine with a synthetic vendor, as an executor beside others: what it does for a job
// more than they do (in-flight table, generation, stamp, policy, events, counters) counts too.
//
// Thread safety: as Executor's.
#pragma once

#include "engine_under_test.h"
#include "executor.h"

namespace vsapi::bench {

class WholeEngine final : public Executor {
 public:
  WholeEngine(size_t threads, const Work& work)
      : engine_(IsNothing(work) ? VSAPI_BENCH_NO_OP : VSAPI_BENCH_SPIN,
                std::to_string(work.high_us) + ";" + std::to_string(work.low_us), {"Good morning!"},
                {{"ProactiveLimit", std::to_string(kLowLimit)},
                 {"ScanningThreads", std::to_string(threads)}}) {}

  const char* name() const override { return "our_engine"; }
  // Nobody is told when a low job is done: it counts as done once it is queued.
  bool Submit(Job& job) override {
    const Item item = engine_.NewItem(0);
    if (job.lane == Lane::kLow) return engine_.engine().Submitted(item) == VSAPI_SUBMITTED_QUEUED;
    job.Begin();
    if (vsapi_open_async(engine_.engine().get(), &item, 1, nullptr, Opened, &job) != VSAPI_OK)
      throw std::runtime_error("the engine refused an item");
    return true;
  }

 private:
  static bool IsNothing(const Work& work) { return work.high_us == 0 && work.low_us == 0; }
  static void VSAPI_CALL Opened(void* job, const vsapi_decision*, size_t) {
    static_cast<Job*>(job)->Finish();
  }

  EngineUnderTest engine_;
};

}  // namespace vsapi::bench
