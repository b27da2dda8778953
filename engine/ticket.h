// SPDX-License-Identifier: Apache-2.0
//
// What one caller waits for: the decisions on one or many items, with one wait and one deadline.
// A blocking caller waits in Wait; an asynchronous one gave a callback.
//
// Thread safety: all of it from any thread. Each slot is settled once, the first time counts.
// Whoever settles the last slot gets `true` and must call Release, holding no lock.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "clock.h"
#include "scan_request.h"

namespace vsapi::engine {

class Ticket {
 public:
  using Callback = std::function<void(const std::vector<vsapi_decision>&)>;

  // `access` is the caller's VSAPI_ACCESS_... Without a callback: for a blocking caller.
  Ticket(size_t slots, int32_t access, Callback callback = nullptr);

  // True if it was the last open slot.
  bool Settle(size_t slot, const vsapi_decision& decision);
  // Wakes the blocked caller, or calls back.
  void Release();
  // Until all slots are settled or the deadline has come; true in the first case.
  bool Wait(Clock& clock, TimePoint deadline);

  // All of them settled: the decisions, not changed any more.
  const std::vector<vsapi_decision>& decisions() const { return decisions_; }
  // One waiter per slot, linked into requests by the in-flight table.
  Waiter& waiter(size_t slot) { return waiters_[slot]; }
  size_t slots() const { return waiters_.size(); }
  int32_t access() const { return access_; }

 private:
  mutable Mutex mutex_;
  CondVar all_settled_;
  std::vector<vsapi_decision> decisions_;  // guarded by mutex_ until the last slot is settled
  std::vector<bool> settled_ VSAPI_GUARDED_BY(mutex_);
  size_t open_ VSAPI_GUARDED_BY(mutex_);
  std::vector<Waiter> waiters_;
  const int32_t access_;
  const Callback callback_;
};

// A decision as the policy and the reason make it.
vsapi_decision MakeDecision(int32_t answer, int32_t reason, int32_t verdict = VSAPI_VERDICT_NONE,
                            const char* finding = "");

// For an item whose content is gone or changed: `status` is VSAPI_E_GONE or VSAPI_E_CHANGED.
vsapi_decision NotThere(int32_t status);

}  // namespace vsapi::engine
