// SPDX-License-Identifier: Apache-2.0
//
// A mutex, its scoped lock and a condition variable that clang's thread-safety analysis can see
// (libstdc++'s own it cannot). Nothing but annotations is added.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define VSAPI_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define VSAPI_THREAD_ANNOTATION(x)
#endif

#define VSAPI_GUARDED_BY(x) VSAPI_THREAD_ANNOTATION(guarded_by(x))
#define VSAPI_REQUIRES(...) VSAPI_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define VSAPI_EXCLUDES(...) VSAPI_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))

namespace vsapi::engine {

class VSAPI_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void Lock() VSAPI_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void Unlock() VSAPI_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class VSAPI_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) VSAPI_THREAD_ANNOTATION(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() VSAPI_THREAD_ANNOTATION(release_capability()) { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Spurious wake-ups happen: wait in a loop on the condition.
class CondVar {
 public:
  void Wait(Mutex& mutex) VSAPI_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  template <class TimePoint>
  void WaitUntil(Mutex& mutex, TimePoint deadline) VSAPI_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_until(lock, deadline);
    lock.release();
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace vsapi::engine
