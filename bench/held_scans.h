// SPDX-License-Identifier: Apache-2.0
//
// Stops the engine at a place where requests can meet: every thread of the pool is held inside a
// scan, so what is asked for stays queued.
//
// Thread safety: one thread's.
#pragma once

#include <thread>

#include "engine_under_test.h"

namespace vsapi::bench {

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

}  // namespace vsapi::bench
