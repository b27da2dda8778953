// SPDX-License-Identifier: Apache-2.0
#include "deadlines.h"

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

void Deadlines::Add(Ticket& ticket, TimePoint deadline) {
  bool is_earlier;
  {
    const MutexLock lock(mutex_);
    ticket.due = deadline;
    waiting_.insert(waiting_.end(), ticket);
    is_earlier = deadline < sleeps_until_;
    if (is_earlier) sleeps_until_ = TimePoint::min();  // once is enough
  }
  if (is_earlier) changed_.NotifyAll();
}

void Deadlines::Remove(Ticket& ticket) {
  const MutexLock lock(mutex_);
  if (ticket.is_linked()) waiting_.erase(waiting_.iterator_to(ticket));
}

void Deadlines::Run() {
  platform::SetThreadName("vsapi-deadlines");
  mutex_.Lock();
  while (!stopping_) {
    Ticket* const due = TakeDueLocked();
    if (due == nullptr) {
      SleepLocked();
      continue;
    }
    mutex_.Unlock();
    expired_(*due);
    mutex_.Lock();
  }
  waiting_.clear();
  mutex_.Unlock();
}

Ticket* Deadlines::TakeDueLocked() {
  const TimePoint now = clock_.Now();
  while (!waiting_.empty() && waiting_.begin()->due <= now) {
    Ticket& first = *waiting_.begin();
    waiting_.erase(waiting_.begin());
    if (first.Hold()) return &first;  // else it has just been settled
  }
  return nullptr;
}

void Deadlines::SleepLocked() {
  sleeps_until_ = waiting_.empty() ? TimePoint::max() : waiting_.begin()->due;
  if (sleeps_until_ == TimePoint::max())
    changed_.Wait(mutex_);
  else
    clock_.WaitUntil(changed_, mutex_, sleeps_until_);
  sleeps_until_ = TimePoint::min();
}

}  // namespace vsapi::engine
