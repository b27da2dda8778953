// SPDX-License-Identifier: Apache-2.0
//
// Time as an object that is handed in: the engine uses SystemClock, tests a clock that they move.
//
// Thread safety: all of it may be called from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "mutex.h"
#include "platform.h"

namespace vsapi::engine {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic; for deadlines and waits.
  virtual TimePoint Now() const = 0;
  // Nanoseconds since 1970 UTC; for stamps and events.
  virtual int64_t WallNs() const = 0;
  // Waits on `condition` until it is notified or `deadline` has come; may also return early.
  virtual void WaitUntil(CondVar& condition, Mutex& mutex, TimePoint deadline)
      VSAPI_REQUIRES(mutex) = 0;
  // Sleeps while `word` holds `value`, until platform::WakeOne or `deadline`; may return early.
  virtual void Sleep(const std::atomic<uint32_t>& word, uint32_t value, TimePoint deadline) = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint Now() const override { return std::chrono::steady_clock::now(); }
  int64_t WallNs() const override {
    return std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  void WaitUntil(CondVar& condition, Mutex& mutex, TimePoint deadline) override
      VSAPI_REQUIRES(mutex) {
    condition.WaitUntil(mutex, deadline);
  }
  void Sleep(const std::atomic<uint32_t>& word, uint32_t value, TimePoint deadline) override {
    platform::Sleep(word, value, deadline);
  }
};

}  // namespace vsapi::engine
