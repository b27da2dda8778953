// SPDX-License-Identifier: Apache-2.0
//
// A client opens items, or transport hands over a message: answer at once where the stamp or the
// settings already know, else see to a scan in the high lane and wait for it.
//
// The check of a current clean stamp takes no lock, allocates nothing and writes no cache line that
// another thread writes (nor does the counter of it, for the first 255 threads of the process).
//
// Thread safety: all of it from any thread.
#pragma once

#include <atomic>
#include <span>

#include "counters.h"
#include "deadlines.h"
#include "generations.h"
#include "histograms.h"
#include "in_flight.h"
#include "mdb.h"

namespace vsapi::engine {

// The items of a caller, `stride` bytes apart: a younger host may know a longer item.
class ItemSpan {
 public:
  ItemSpan(const vsapi_item* first, size_t count)
      : first_(reinterpret_cast<const char*>(first)),
        stride_(count == 0 ? 0 : first->struct_size),
        count_(count) {}
  size_t size() const { return count_; }
  const vsapi_item& operator[](size_t i) const {
    return *reinterpret_cast<const vsapi_item*>(first_ + i * stride_);
  }

 private:
  const char* first_;
  size_t stride_;
  size_t count_;
};

class OnDemand final : Ticket::Caller {
 public:
  OnDemand(InFlight& in_flight, Generations& generations, MdbTable& mdbs, Clock& clock,
           Counters& counters, Histograms& histograms);

  // Of the pool.
  void set_threads(size_t threads) { threads_.store(threads, std::memory_order_relaxed); }
  // Who would have to wait for a scan is answered at once that it goes on: too many threads hang.
  void set_turns_away(bool turns_away) { turns_away_.store(turns_away, std::memory_order_relaxed); }

  struct How {
    int32_t access = VSAPI_ACCESS_ON_DEMAND;
    Lane lane = Lane::kHigh;
    Duration timeout{};             // zero: ScanTimeout; in Profile 1.0 nobody waits then
    vsapi_trace* traces = nullptr;  // wanted, one for each item
    const char* client = nullptr;
    const char* user = nullptr;
  };
  // Fills one decision per item; blocks at most the time-out.
  void Open(const ItemSpan& items, const How& how, vsapi_decision* decisions);
  // Calls back once, maybe before it returns.
  void OpenAsync(const ItemSpan& items, const How& how, vsapi_opened opened, void* context);

  // Blocked callers.
  size_t waiters() const { return waiters_.load(std::memory_order_relaxed); }

 private:
  // True if the decision needs no scan.
  bool DecideAtOnce(const vsapi_item& item, int32_t access, vsapi_decision& decision);
  // Is scanning switched off for its MDB?
  bool IsOff(const vsapi_item& item, const Identity& identity) const;
  bool IsOfAStore(const vsapi_item& item) const;
  // Why it is let out unscanned though a vendor serves, or is being loaded; or 0.
  int32_t ReasonNotToScan(const vsapi_item& item, int32_t access, const Identity& identity) const;
  // For a current stamp.
  vsapi_decision DecideByStamp(const vsapi_stamp& stamp, int32_t access);
  vsapi_decision DecideUnscanned(int32_t reason, int32_t access);
  // Why a client is given it though its stamp, read anew, is not current: VSAPI_REASON_..., or 0.
  int32_t ReasonToTrust(const Mdb& mdb, const vsapi_item& item, const vsapi_stamp& stamp) const;
  bool IsTooOld(const vsapi_item& item, const vsapi_stamp& stamp) const;
  // Sees to a scan for `slot` of the ticket, or settles it. `now` is about now.
  void Ask(const vsapi_item& item, Ticket& ticket, size_t slot, TimePoint now);
  bool Admit(const vsapi_item& item, Ticket& ticket, size_t slot, TimePoint now,
             vsapi_decision& decision);
  // Asks for the slots from `first` on; with a `refusal` (VSAPI_REASON_...) those that would need a
  // scan get that.
  void AskFrom(size_t first, const ItemSpan& items, Ticket& ticket, int32_t refusal, TimePoint now);
  // Why one more can't be taken in, or 0.
  int32_t Refusal(bool too_many) const;
  void WaitFor(Ticket& ticket, TimePoint deadline);
  void LeaveAt(Ticket& ticket, TimePoint deadline);
  void CountWait(const Ticket& ticket);
  void Begin(Ticket& ticket, const How& how, TimePoint now);
  void Expire(Ticket& ticket);
  void Answered(Ticket& ticket) override;
  TimePoint DeadlineOf(const How& how, TimePoint now) const;
  size_t MaxWaiters() const;

  InFlight& in_flight_;
  Generations& generations_;
  MdbTable& mdbs_;
  Clock& clock_;
  Counters& counters_;
  Histograms& histograms_;
  std::atomic<size_t> threads_ = 1;
  std::atomic<bool> turns_away_ = false;  // of the watchdog
  std::atomic<size_t> waiters_ = 0;
  std::atomic<size_t> requests_ = 0;  // asynchronous callers
  TicketStock tickets_;
  Deadlines deadlines_;
};

}  // namespace vsapi::engine
