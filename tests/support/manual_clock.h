// SPDX-License-Identifier: Apache-2.0
//
// A clock that the test moves. Who waits for a time on it is woken when the test moves it there, so
// that a test of a deadline takes no time and never sleeps.
//
// Thread safety: all of it from any thread; Advance with no lock held that a waiter needs.
#ifndef VSAPI_TESTS_SUPPORT_MANUAL_CLOCK_H_
#define VSAPI_TESTS_SUPPORT_MANUAL_CLOCK_H_

#include <functional>
#include <list>
#include <thread>

#include "clock.h"

namespace vsapi::test {

class ManualClock : public engine::Clock {
 public:
  static constexpr int64_t kWallAtStartNs = 1'700'000'000'000'000'000;

  engine::TimePoint Now() const override {
    const engine::MutexLock lock(mutex_);
    return engine::TimePoint(now_);
  }
  int64_t WallNs() const override { return kWallAtStartNs + (Now() - kStart).count(); }

  void WaitUntil(engine::CondVar& condition, engine::Mutex& mutex,
                 engine::TimePoint deadline) override VSAPI_REQUIRES(mutex) {
    WaitOnce(
        deadline, [&] { condition.NotifyAll(); },
        [&]() VSAPI_THREAD_ANNOTATION(no_thread_safety_analysis) { condition.Wait(mutex); });
  }
  void Sleep(const std::atomic<uint32_t>& word, uint32_t value,
             engine::TimePoint deadline) override {
    WaitOnce(
        deadline, [&] { engine::platform::WakeOne(&word); },
        [&] { engine::platform::Sleep(word, value); });
  }

  // Moves the time, and returns when all that waited have been woken. A waiter that has been
  // entered but does not sleep yet misses a notification: hence again and again. It can't leave,
  // and take its condition with it, while the lock is held.
  void Advance(engine::Duration by) {
    mutex_.Lock();
    now_ += by;
    for (Waiter& waiter : waiters_) waiter.to_wake = true;
    while (NotifyLocked()) {
      mutex_.Unlock();
      std::this_thread::yield();
      mutex_.Lock();
    }
    mutex_.Unlock();
  }

  // Until at least `count` threads wait for a time.
  void AwaitWaiters(size_t count) {
    const engine::MutexLock lock(mutex_);
    while (waiters_.size() < count) waits_.Wait(mutex_);
  }

 private:
  struct Waiter {
    std::function<void()> wake;
    bool to_wake = false;
  };

  // Returns when woken, be it by Advance.
  template <class Wake, class Wait>
  void WaitOnce(engine::TimePoint deadline, Wake wake, Wait wait) {
    std::list<Waiter>::iterator me;
    {
      const engine::MutexLock lock(mutex_);
      if (engine::TimePoint(now_) >= deadline) return;
      me = waiters_.insert(waiters_.end(), {wake});
    }
    waits_.NotifyAll();
    wait();
    const engine::MutexLock lock(mutex_);
    waiters_.erase(me);
  }

  bool NotifyLocked() {
    bool any = false;
    for (Waiter& waiter : waiters_) {
      if (!waiter.to_wake) continue;
      waiter.wake();
      any = true;
    }
    return any;
  }

  static constexpr engine::TimePoint kStart{std::chrono::hours(1000)};

  mutable engine::Mutex mutex_;
  engine::CondVar waits_;
  engine::Duration now_ = kStart.time_since_epoch();
  std::list<Waiter> waiters_;
};

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_MANUAL_CLOCK_H_
