// SPDX-License-Identifier: Apache-2.0
#include "event_ring.h"

#include <algorithm>

namespace store_sim {

void EventRing::Add(const vsapi::Event& event) {
  if (event.severity < VSAPI_SEVERITY_INFO) return;
  RecordedEvent recorded{0,          event.id, event.severity, event.time_ns, event.category,
                         event.text, {}};
  for (size_t i = 0; i < event.field_count; ++i) {
    recorded.fields.emplace_back(event.fields[i].name, event.fields[i].value);
  }
  {
    const std::lock_guard lock(mutex_);
    recorded.sequence = ++last_;
    events_.push_back(std::move(recorded));
    if (events_.size() > kMostEvents) events_.pop_front();
  }
  changed_.notify_all();
}

EventRing::Found EventRing::Find(const Wanted& wanted, std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return closed_ || last_ > wanted.after; });
  return FindLocked(wanted);
}

EventRing::Found EventRing::FindLocked(const Wanted& wanted) const {
  Found found;
  const uint64_t first = last_ - events_.size() + 1;
  const uint64_t from = std::min(wanted.after, last_);
  found.missed = first > from + 1 ? first - from - 1 : 0;
  found.next = last_;
  for (auto event = events_.begin() + static_cast<ptrdiff_t>(from + 1 + found.missed - first);
       event != events_.end(); ++event) {
    if (event->time_ns < wanted.since_ns || (wanted.id && event->id != *wanted.id)) continue;
    if (found.events.size() == kMostAtOnce) {
      found.next = found.events.back().sequence;
      found.is_all = false;
      break;
    }
    found.events.push_back(*event);
  }
  return found;
}

void EventRing::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace store_sim
