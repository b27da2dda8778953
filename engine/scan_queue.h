// SPDX-License-Identifier: Apache-2.0
//
// The one scan queue: two lanes, strictly high before low, and the rule of who may take what.
//
// Thread safety: all of it from any thread. A request that is pushed or promoted must stay valid,
// so callers hold its shard's lock. No wake-up happens under the queue's own lock.
//
// Invariants
//  1. A request is in at most one lane; `queued` and `lane` say in which.
//  2. No low request is taken while a high one is queued.
//  3. A thread that is kept for high takes only high; any other takes high only when no kept thread
//     is idle, so that kept threads stay ahead; a lone thread takes everything.
//  4. Whenever work is queued that an idle thread may take, a wake-up is on its way to one.
#pragma once

#include <cstddef>

#include "clock.h"
#include "scan_request.h"

namespace vsapi::engine {

enum class Role : uint8_t { kHigh, kAny, kLone };

class ScanQueue {
 public:
  enum class Pushed : uint8_t { kQueued, kFull, kClosed };

  explicit ScanQueue(const Clock& clock) : clock_(clock) {}

  Pushed PushHigh(ScanRequest& request);
  // kFull if `limit` requests are in the low lane.
  Pushed PushLow(ScanRequest& request, size_t limit);
  // Moves a queued low request to the end of the high lane; false if it is not in the low lane.
  bool Promote(ScanRequest& request);

  // Waits for the next request that `role` may take; nullptr once the queue is closed.
  ScanRequest* Take(Role role);

  // No more pushes; Take returns nullptr. What is queued is left to TakeLeft.
  void Close();
  // Any request left after Close, or nullptr.
  ScanRequest* TakeLeft();

  struct Depth {
    size_t high = 0;
    size_t low = 0;
    Duration oldest_low = {};
  };
  Depth depth() const;

 private:
  using Lanes = boost::intrusive::list<ScanRequest>;

  void LinkLocked(ScanRequest& request, Lane lane) VSAPI_REQUIRES(mutex_);
  ScanRequest* UnlinkLocked(Lanes& lane) VSAPI_REQUIRES(mutex_);
  ScanRequest* NextLocked(Role role) VSAPI_REQUIRES(mutex_);
  // Whom to wake for what is queued now, or nullptr.
  CondVar* WakeLocked() VSAPI_REQUIRES(mutex_);
  Pushed Push(ScanRequest& request, Lane lane, size_t low_limit);

  const Clock& clock_;
  mutable Mutex mutex_;
  CondVar high_ready_;
  CondVar any_ready_;
  Lanes high_ VSAPI_GUARDED_BY(mutex_);
  Lanes low_ VSAPI_GUARDED_BY(mutex_);
  size_t idle_high_ VSAPI_GUARDED_BY(mutex_) = 0;
  size_t idle_any_ VSAPI_GUARDED_BY(mutex_) = 0;
  bool closed_ VSAPI_GUARDED_BY(mutex_) = false;
};

}  // namespace vsapi::engine
