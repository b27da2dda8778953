// SPDX-License-Identifier: Apache-2.0
//
// Calls back when the deadline of an asynchronous ticket has come; blocking callers keep their own.
//
// Thread safety: Add from any thread. Tickets that were released meanwhile are simply dropped.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "clock.h"
#include "ticket.h"

namespace vsapi::engine {

class Deadlines {
 public:
  using Expired = std::function<void(Ticket&)>;

  Deadlines(Clock& clock, Expired expired);
  ~Deadlines();
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  void Add(TimePoint deadline, std::weak_ptr<Ticket> ticket);
  // Entries kept: at most twice as many as tickets that wait, or 1,024.
  size_t kept() const;

 private:
  void Run();
  void SweepLocked() VSAPI_REQUIRES(mutex_);

  static constexpr size_t kSweepAtLeast = 1024;
  Clock& clock_;
  const Expired expired_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::multimap<TimePoint, std::weak_ptr<Ticket>> waiting_ VSAPI_GUARDED_BY(mutex_);
  size_t sweep_at_ VSAPI_GUARDED_BY(mutex_) = kSweepAtLeast;
  bool stopping_ VSAPI_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vsapi::engine
