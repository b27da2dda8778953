// SPDX-License-Identifier: Apache-2.0
//
// The one scan queue: two lanes, strictly high before low, the rule of who may take what, and the
// sleep of those who find nothing.
//
// Thread safety: all of it from any thread. A request that is pushed, promoted or withdrawn must
// stay the same one meanwhile, so callers hold its shard's lock. Under the queue's own lock nothing
// is called, allocated or woken.
//
// Invariants
//  1. A request is in at most one lane: low in phase kLow, high in kHigh and kSecond, none in
//     kOffered. Only who holds the lock moves it into or out of these phases, except that Claim may
//     overtake a kSecond, which is then withdrawn or, once taken, comes to nothing.
//  2. No low request is taken, and no offered one, while a high one is queued.
//  3. A thread that is kept for high takes only high; any other takes a high one only if the kept
//     threads that are idle are too few for all that are queued, so that kept threads stay ahead;
//     a lone thread takes everything.
//  4. Whenever work is queued that an idle thread may take, a wake-up is on its way to one: the one
//     that fell asleep last, whose caches are warm. At most one of the kept threads and one of the
//     others is being woken at a time; when it comes, it wakes the next if work remains. So a burst
//     costs no more wake-ups than it keeps threads busy.
//  5. The same for background threads, which are outside the pool: those that wait for the high
//  lane
//     to be empty, and those that wait for the low one.
#pragma once

#include <array>
#include <atomic>
#include <boost/intrusive/slist.hpp>
#include <cstddef>

#include "clock.h"
#include "scan_request.h"

namespace vsapi::engine {

enum class Role : uint8_t { kHigh, kAny, kLone };

class ScanQueue {
  // Where one thread sleeps.
  class Bed : public boost::intrusive::slist_base_hook<> {
   public:
    void Sleep();
    void Wake();  // who wakes takes the bed along

   private:
    std::atomic<uint32_t> woken_ = 0;  // set by the waker, once
  };
  using Beds = boost::intrusive::slist<Bed>;

 public:
  enum class Pushed : uint8_t { kQueued, kFull, kClosed };

  // Wakes, when it goes, whom the calls it was given to have called: a caller that holds a lock of
  // its own makes it before that. By default at the end of the call.
  class WakeUp {
   public:
    WakeUp() = default;
    ~WakeUp();
    WakeUp(const WakeUp&) = delete;
    WakeUp& operator=(const WakeUp&) = delete;

   private:
    friend class ScanQueue;
    mutable Beds called_;
  };

  explicit ScanQueue(const Clock& clock) : clock_(clock) {}

  // The request is in no lane: free, or about to be queued again. `now` is the time of the push.
  Pushed PushHigh(ScanRequest& request, TimePoint now, const WakeUp& after = WakeUp());
  // kFull if `limit` requests are in the low lane, unlimited ones not counted; with `displaced`,
  // the oldest of those counted is taken out into that instead, and the caller's then.
  Pushed PushLow(ScanRequest& request, TimePoint now, size_t limit, const WakeUp& after = WakeUp(),
                 Taken* displaced = nullptr);
  // Moves a queued low request to the end of the high lane; false if it is not in the low lane.
  bool Promote(ScanRequest& request, const WakeUp& after = WakeUp());
  // Puts a request that is being scanned into the high lane, for a second thread; false if it
  // can't.
  bool PushSecond(ScanRequest& request, const WakeUp& after = WakeUp());
  // Takes such a request out again if it still is in the lane.
  void Withdraw(ScanRequest& request, const WakeUp& after = WakeUp());

  // For one background thread, to be taken by TakeOffered; never kFull.
  Pushed Offer(ScanRequest& request, TimePoint now);
  // Waits until no high request is queued, then takes the offered one. None if somebody has
  // promoted it, once the queue is closed, or when `stopped` is seen.
  Taken TakeOffered(const Taken& offered, const std::atomic<bool>& stopped);
  // Waits until no low request is queued, the queue is closed, or `stopped` is seen.
  void AwaitDrained(const std::atomic<bool>& stopped);
  // Has the waits of background threads look at their `stopped`.
  void Rouse();

  // Waits for the next request that `role` may take; none once the queue is closed, or if the
  // thread is one of those dismissed.
  Taken Take(Role role);
  // So many threads of that role get nothing any more: the first ones that come.
  void Dismiss(Role role, size_t threads);

  // No more pushes; Take returns none. What is queued is left to TakeLeft.
  void Close();
  // Any request left after Close, or none.
  Taken TakeLeft();

  struct Depth {
    size_t high = 0;
    size_t low = 0;
    Duration oldest_low = {};
  };
  Depth depth() const;

 private:
  using InOneLane = boost::intrusive::list<ScanRequest, boost::intrusive::base_hook<LaneHook>>;

  // The threads that may take the same.
  struct Crew {
    Beds asleep;             // the latest first
    bool is_waking = false;  // one of them has been called and has not come yet
    size_t idle() const { return asleep.size() + (is_waking ? 1 : 0); }
  };

  void PushLocked(InOneLane& lane, ScanRequest& request, TimePoint now, const WakeUp& after)
      VSAPI_REQUIRES(mutex_);
  Taken TakeLocked(Role role) VSAPI_REQUIRES(mutex_);
  Taken TakeFrontLocked(InOneLane& lane) VSAPI_REQUIRES(mutex_);
  Taken TakeAtLocked(InOneLane& lane, InOneLane::iterator at) VSAPI_REQUIRES(mutex_);
  Taken TakeOldestLimitedLocked() VSAPI_REQUIRES(mutex_);
  // Calls who is to be woken for what is queued now, if anybody.
  void CallLocked(const WakeUp& after) VSAPI_REQUIRES(mutex_);
  static void CallFrom(Crew& crew, const WakeUp& after);
  bool LeavesLocked(Role role) VSAPI_REQUIRES(mutex_);
  Crew& CrewOf(Role role) { return role == Role::kHigh ? kept_ : others_; }
  void SleepInLocked(Crew& crew) VSAPI_REQUIRES(mutex_);

  const Clock& clock_;
  mutable Mutex mutex_;
  InOneLane high_ VSAPI_GUARDED_BY(mutex_);
  InOneLane low_ VSAPI_GUARDED_BY(mutex_);
  size_t unlimited_ VSAPI_GUARDED_BY(mutex_) = 0;  // of those in the low lane
  Crew kept_ VSAPI_GUARDED_BY(mutex_);
  Crew others_ VSAPI_GUARDED_BY(mutex_);
  Crew pausing_ VSAPI_GUARDED_BY(mutex_);   // background threads: until the high lane is empty
  Crew draining_ VSAPI_GUARDED_BY(mutex_);  // background threads: until the low lane is empty
  std::array<size_t, 3> dismissed_ VSAPI_GUARDED_BY(mutex_) = {};  // to leave yet, by role
  bool closed_ VSAPI_GUARDED_BY(mutex_) = false;
};

}  // namespace vsapi::engine
