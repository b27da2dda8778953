// SPDX-License-Identifier: Apache-2.0
#include "deadlines.h"

#include <algorithm>

#include "platform.h"

namespace vsapi::engine {

Deadlines::Deadlines(Clock& clock, Expired expired)
    : clock_(clock), expired_(std::move(expired)), thread_([this] { Run(); }) {}

Deadlines::~Deadlines() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void Deadlines::Add(TimePoint deadline, std::weak_ptr<Ticket> ticket) {
  bool is_next;
  {
    const MutexLock lock(mutex_);
    is_next = waiting_.empty() || deadline < waiting_.begin()->first;
    waiting_.emplace(deadline, std::move(ticket));
    if (waiting_.size() >= sweep_at_) SweepLocked();
  }
  if (is_next) changed_.NotifyAll();
}

size_t Deadlines::kept() const {
  const MutexLock lock(mutex_);
  return waiting_.size();
}

// Most tickets are released long before their deadline: their entries go when there are twice as
// many as were left the last time.
void Deadlines::SweepLocked() {
  std::erase_if(waiting_, [](const auto& entry) { return entry.second.expired(); });
  sweep_at_ = std::max(kSweepAtLeast, 2 * waiting_.size());
}

void Deadlines::Run() {
  platform::SetThreadName("vsapi-deadlines");
  mutex_.Lock();
  while (!stopping_) {
    if (waiting_.empty()) {
      changed_.Wait(mutex_);
      continue;
    }
    const TimePoint next = waiting_.begin()->first;
    if (clock_.Now() < next) {
      clock_.WaitUntil(changed_, mutex_, next);
      continue;
    }
    const std::shared_ptr<Ticket> ticket = waiting_.begin()->second.lock();
    waiting_.erase(waiting_.begin());
    mutex_.Unlock();
    if (ticket) expired_(*ticket);
    mutex_.Lock();
  }
  mutex_.Unlock();
}

}  // namespace vsapi::engine
