// SPDX-License-Identifier: Apache-2.0
//
// The pool's threads: each takes requests from the queue and runs them, one at a time. Roles are
// fixed: of 2n+1 threads n are kept for the high lane, the others serve low work at a lower OS
// priority, and high work when every kept thread is busy. A pool of one does everything.
//
// A thread inherits the priority of the one that starts it, and who asks for another size may have
// a lower one: all are started by `vsapi-pool`, which itself is started with the pool.
//
// Thread safety: Start, Resize and Join by one thread at a time, Replace by one; the rest from any.
#pragma once

#include <array>
#include <atomic>
#include <exception>
#include <functional>
#include <list>
#include <thread>

#include "clock.h"
#include "scan_queue.h"

namespace vsapi::engine {

// One thread of the pool, as others see it.
class Worker {
 public:
  Worker(size_t session, Role role) : session_(session), role_(role) {}

  // Of the vendor, in every generation that this thread scans for.
  size_t session() const { return session_; }
  // Does it run at a lower priority?
  bool is_low() const { return role_ == Role::kAny; }

  // By the thread itself, around the scan of low request `number`.
  void BeginLow(uint64_t number);
  void EndLow();
  // A client waits for low request `number` now: as long as the thread scans that, it has the
  // nice value of a kept one. Only where the system lets priorities be raised.
  void Lift(uint64_t number);
  uint64_t lifts() const;  // so far

  // By the thread itself before its first scan: if it is a low one, and if not.
  void Lower();
  static void ShortenSlice();

 private:
  friend class WorkerPool;

  const size_t session_;
  const Role role_;
  mutable Mutex mutex_;  // held over the system's call alone
  int thread_ VSAPI_GUARDED_BY(mutex_) = 0;
  int full_ VSAPI_GUARDED_BY(mutex_) = 0;  // nice of a kept thread, and of this one
  int low_ VSAPI_GUARDED_BY(mutex_) = 0;
  uint64_t scans_ VSAPI_GUARDED_BY(mutex_) = 0;  // number of the low request, or 0
  uint64_t lifts_ VSAPI_GUARDED_BY(mutex_) = 0;
  bool is_lifted_ VSAPI_GUARDED_BY(mutex_) = false;
};

class WorkerPool {
 public:
  using RunOne = std::function<void(const Taken&, Worker&)>;

  // The threads' sessions are `first_session` and those after it.
  WorkerPool(ScanQueue& queue, RunOne run, size_t first_session = 0)
      : queue_(queue), run_(std::move(run)), first_session_(first_session) {}
  ~WorkerPool() { EndStarter(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // May this process raise a thread's priority again? Probed, on a thread of its own.
  static bool MayLift();

  // These two throw what kept a thread from being started; those that were run on.
  void Start(size_t threads);
  // Adds threads, or lets those go that come first for their next request.
  void Resize(size_t threads);
  // The thread with that session hangs: another one of its role takes its place, and it ends if it
  // ever comes back. False if the new one would need a session past the `sessions` that there are,
  // or none can be started. Not after Join.
  bool Replace(size_t session, size_t sessions);
  // Sessions that the threads may use once there are so many of them.
  size_t SessionsFor(size_t threads) const;

  // After the queue was closed: waits until all threads have ended or the deadline has come. Then
  // leaves the others behind and returns how many; they still use the queue and the runner.
  size_t Join(Clock& clock, TimePoint deadline);

  size_t size() const { return size_.load(std::memory_order_relaxed); }
  size_t kept_for_high() const { return size() / 2; }
  int nice_low() const;  // of those that serve the low lane
  // Threads that run now, those that are to go included.
  size_t live() const;

 private:
  struct Member {
    Member(size_t session, Role role) : worker(session, role) {}
    Worker worker;
    std::atomic<bool> replaced = false;  // by another one; set under the lock, looked at without
    bool ended = false;
    std::thread thread;
  };

  void RunStarter();
  void EndStarter();
  void Apply(size_t threads);
  void Run(Member& member);
  // How many of each role a pool of so many threads has.
  static std::array<size_t, 3> Roles(size_t threads);
  size_t RoleCount(Role role) const;
  void Add(Role role);
  void LetDownTo(Role role, size_t threads);
  bool EndIfReplaced(Member& member);
  void EndLocked(Member& member) VSAPI_REQUIRES(mutex_);
  void AwaitAppliedLocked(uint64_t asked) VSAPI_REQUIRES(mutex_);
  size_t FreeSessionLocked() const VSAPI_REQUIRES(mutex_);
  void JoinEnded();

  ScanQueue& queue_;
  const RunOne run_;
  const size_t first_session_;
  std::atomic<size_t> size_ = 0;
  std::atomic<int> nice_ = 0;  // of the starter, and so of kept threads
  mutable Mutex mutex_;
  std::array<size_t, 3> roles_ VSAPI_GUARDED_BY(mutex_) = {};  // threads of each that are to stay
  CondVar asked_changed_;
  size_t wanted_ VSAPI_GUARDED_BY(mutex_) = 0;  // threads
  uint64_t asked_ VSAPI_GUARDED_BY(mutex_) =
      0;  // how often for that number, and what of it is done
  uint64_t applied_ VSAPI_GUARDED_BY(mutex_) = 0;
  std::exception_ptr failure_ VSAPI_GUARDED_BY(mutex_);
  bool stopping_ VSAPI_GUARDED_BY(mutex_) = false;
  CondVar ended_changed_;
  std::list<Member> members_ VSAPI_GUARDED_BY(mutex_);  // who has ended stays: a client may just
                                                        // be about to lift it
  std::thread starter_;
};

}  // namespace vsapi::engine
