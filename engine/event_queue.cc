// SPDX-License-Identifier: Apache-2.0
#include "event_queue.h"

#include <memory>
#include <utility>

#include "platform.h"

namespace vsapi::engine {

LoggedEvent MakeEvent(EventId id, int32_t severity, int64_t time_ns, std::string what,
                      EventFields fields) {
  std::string text = TextOf(KindOf(id), what, fields);
  return {id, severity, time_ns, std::move(text), std::move(fields), std::move(what)};
}

EventQueue::EventQueue(Clock& clock, EventReceiver& receiver, const char* thread_name)
    : clock_(clock), receiver_(receiver), thread_name_(thread_name) {}

EventQueue::~EventQueue() {
  Close(TimePoint::max());
  ring_.consume_all([](LoggedEvent* event) { std::unique_ptr<LoggedEvent> gone(event); });
}

void EventQueue::Start() {
  if (!thread_.joinable() && !closing_) thread_ = std::thread([this] { Run(); });
}

void EventQueue::Put(LoggedEvent event) {
  if (closing_) return;
  auto entry = std::make_unique<LoggedEvent>(std::move(event));
  if (ring_.push(entry.get()))
    static_cast<void>(entry.release());
  else
    ++dropped_;
  ++put_;
  if (!sleeping_) return;
  const MutexLock lock(mutex_);
  wake_.NotifyOne();
}

bool EventQueue::Close(TimePoint deadline) {
  {
    const MutexLock lock(mutex_);
    closing_ = true;
    wake_.NotifyOne();
    if (!thread_.joinable()) return !abandoned_;
    while (!ended_ && clock_.Now() < deadline) {
      if (deadline == TimePoint::max())
        ended_changed_.Wait(mutex_);
      else
        clock_.WaitUntil(ended_changed_, mutex_, deadline);
    }
    abandoned_ = !ended_;
  }
  if (abandoned_)
    thread_.detach();  // left behind, with this object
  else
    thread_.join();
  return !abandoned_;
}

void EventQueue::Run() {
  platform::SetThreadName(thread_name_);
  for (bool goes_on = true; goes_on && !abandoned_;) {
    const uint64_t seen = put_;
    TakeAll();
    TellDropped();
    if (!abandoned_) goes_on = Await(seen, receiver_.Idle(clock_.Now()));
  }
  if (!abandoned_) receiver_.End();
  const MutexLock lock(mutex_);
  ended_ = true;
  ended_changed_.NotifyAll();
}

void EventQueue::TakeAll() {
  for (LoggedEvent* entry = nullptr; !abandoned_ && ring_.pop(entry);)
    receiver_.Take(*std::unique_ptr<LoggedEvent>(entry));
}

void EventQueue::TellDropped() {
  const uint64_t dropped = dropped_.exchange(0);
  if (dropped == 0 || abandoned_) return;
  const EventId id = EventId::kEventsDropped;
  receiver_.Take(MakeEvent(id, KindOf(id).severity, clock_.WallNs(), "who takes them is too slow",
                           {{"count", std::to_string(dropped)}}));
}

// False when it is closed and nothing has come since `seen`.
bool EventQueue::Await(uint64_t seen, TimePoint until) {
  const MutexLock lock(mutex_);
  sleeping_ = true;
  while (put_ == seen && !closing_ && clock_.Now() < until) {
    if (until == TimePoint::max())
      wake_.Wait(mutex_);
    else
      clock_.WaitUntil(wake_, mutex_, until);
  }
  sleeping_ = false;
  return !closing_ || put_ != seen;
}

}  // namespace vsapi::engine
