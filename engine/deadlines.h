// SPDX-License-Identifier: Apache-2.0
//
// Calls back when the deadline of an asynchronous ticket has come; blocking callers keep their own.
// Tickets are linked, not copied: adding and removing allocate nothing, and where deadlines come in
// their order (the same time-out for all) each takes the same time whatever their number.
//
// Thread safety: all of it from any thread. A ticket is removed before it is used again.
#pragma once

#include <boost/intrusive/set.hpp>
#include <functional>
#include <thread>

#include "clock.h"
#include "ticket.h"

namespace vsapi::engine {

class Deadlines {
 public:
  // Gets a ticket that it is to release; it can't be settled as a whole before that.
  using Expired = std::function<void(Ticket&)>;

  Deadlines(Clock& clock, Expired expired);
  ~Deadlines();
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  // The caller has a hold of the ticket.
  void Add(Ticket& ticket, TimePoint deadline);
  // The ticket is settled: it may be here, or expire at this moment, or neither.
  void Remove(Ticket& ticket);

 private:
  struct DeadlineOf {
    using type = TimePoint;
    const type& operator()(const Ticket& ticket) const { return ticket.due; }
  };
  using ByTime = boost::intrusive::multiset<Ticket, boost::intrusive::key_of_value<DeadlineOf>,
                                            boost::intrusive::constant_time_size<false>>;

  void Run();
  // The first one if its time has come, held; else nullptr.
  Ticket* TakeDueLocked() VSAPI_REQUIRES(mutex_);
  void SleepLocked() VSAPI_REQUIRES(mutex_);

  Clock& clock_;
  const Expired expired_;
  Mutex mutex_;
  CondVar changed_;
  ByTime waiting_ VSAPI_GUARDED_BY(mutex_);
  // Until then the thread sleeps, though the ticket for which it does may be gone: who has a later
  // deadline need not wake it.
  TimePoint sleeps_until_ VSAPI_GUARDED_BY(mutex_) = TimePoint::min();
  bool stopping_ VSAPI_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vsapi::engine
