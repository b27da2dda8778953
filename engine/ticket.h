// SPDX-License-Identifier: Apache-2.0
//
// What one caller waits for: the decisions on one or many items, with one wait and one deadline.
// A blocking caller sleeps in Wait on the count of what is open; for an asynchronous one whoever
// settles the last slot calls back. Tickets are used again and again, and so is their memory.
//
// Thread safety: Open before anybody else knows the ticket; the rest from any thread.
//
// Invariants
//  1. Each slot is settled once, and the asker's hold is released once: when the count of these
//     comes to zero, nobody else uses the ticket any more, and it is the caller's (or the
//     callback's) to use again. Who brought it to zero only wakes, by address.
//  2. At most one wake-up for a ticket, and none if its caller does not sleep.
#pragma once

#include <atomic>
#include <boost/intrusive/set_hook.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "clock.h"
#include "mutex.h"
#include "scan_request.h"
#include "trace.h"

namespace vsapi::engine {

class Ticket : public boost::intrusive::set_base_hook<> {
 public:
  // Whom to tell that all is settled; it holds no lock of ours then.
  class Caller {
   public:
    virtual void Answered(Ticket& ticket) = 0;

   protected:
    ~Caller() = default;
  };

  // For `slots` items asked for with `access` (VSAPI_ACCESS_...), and one hold of the asker.
  // A blocking caller gives the place for its decisions and no `caller`, an asynchronous one the
  // other way round. May throw std::bad_alloc; then it is not open.
  void Open(size_t slots, int32_t access, vsapi_decision* decisions, Caller* caller);

  // Who asks, and when; null: not known. Before any slot is linked.
  void Introduce(const char* client, const char* user, TimePoint now) noexcept;
  const Asker& asker() const { return asker_; }

  // No lock may be held: the last one calls the caller.
  void Settle(size_t slot, const vsapi_decision& decision);
  void Release();  // the hold of the asker, or one that Hold took
  // Keeps the ticket from being settled; false if it is already.
  bool Hold();

  // Is there an open slot? Asked by who has the one hold.
  bool is_waiting() const { return open_.load(std::memory_order_relaxed) > 1; }
  // Until all is settled or the deadline has come; true in the first case. After Release.
  bool Wait(Clock& clock, TimePoint deadline);

  // All of them settled: the decisions.
  const vsapi_decision* decisions() const { return decisions_; }
  size_t slots() const { return slots_; }
  int32_t access() const { return access_; }
  // One per slot, linked into requests by the in-flight table.
  Waiter& waiter(size_t slot) { return waiters_[slot]; }

  bool waits = false;       // a scan was asked for; of the asker's hold
  Lane lane = Lane::kHigh;  // it is asked for there; before any slot is linked
  Traces traces;            // what the asker wants to know; filled by who has a slot
  TimePoint due;            // guarded by `Deadlines`, while linked there
  // Of an asynchronous caller.
  vsapi_opened opened = nullptr;
  void* context = nullptr;

 private:
  static constexpr uint32_t kSleeps = uint32_t{1} << 31;

  void CountDown();

  std::atomic<uint32_t> open_ = 0;  // slots and holds; kSleeps: the caller is to be woken. Its last
                                    // decrement publishes the decisions to who reads zero
  size_t slots_ = 0;
  int32_t access_ = 0;
  Asker asker_;
  Caller* caller_ = nullptr;
  vsapi_decision* decisions_ = nullptr;
  std::vector<vsapi_decision> own_decisions_;
  std::vector<Waiter> waiters_;
};

// Tickets to be used again.
class TicketStock {
 public:
  // From the stock, or a new one; may throw std::bad_alloc.
  Ticket& Take();
  void PutBack(Ticket& ticket);

 private:
  Mutex mutex_;
  std::vector<std::unique_ptr<Ticket>> all_ VSAPI_GUARDED_BY(mutex_);
  std::vector<Ticket*> free_ VSAPI_GUARDED_BY(mutex_);  // has room for all of them
};

// A decision as the policy and the reason make it.
vsapi_decision MakeDecision(int32_t answer, int32_t reason, int32_t verdict = VSAPI_VERDICT_NONE,
                            std::string_view finding = {});

// For an item whose content is gone or changed: `status` is VSAPI_E_GONE or VSAPI_E_CHANGED.
vsapi_decision NotThere(int32_t status);

}  // namespace vsapi::engine
