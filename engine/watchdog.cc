// SPDX-License-Identifier: Apache-2.0
#include "watchdog.h"

#include <algorithm>

#include "text.h"

namespace vsapi::engine {
namespace {

std::string Milliseconds(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

// The others are of background threads, which each belong to an MDB.
bool IsOfPool(size_t session) { return session >= Background::kSessions; }

}  // namespace

void Watchdog::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Watchdog::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Watchdog::Run() {
  platform::SetThreadName("vsapi-watchdog");
  mutex_.Lock();
  while (!stopping_) {
    const TimePoint next = parts_.clock.Now() + kPeriod;
    mutex_.Unlock();
    Look();
    mutex_.Lock();
    while (!stopping_ && parts_.clock.Now() < next) parts_.clock.WaitUntil(wake_, mutex_, next);
  }
  mutex_.Unlock();
}

// What there is no memory for is seen at the next look.
void Watchdog::Look() try {
  const TimePoint now = parts_.clock.Now();
  LookAtScans(now);
  Replace();
  SetStuck(IsStuck());
  LookAtControl(now);
} catch (const std::bad_alloc&) {
  return;
}

void Watchdog::LookAtScans(TimePoint now) {
  std::map<size_t, Hung> hung;
  for (const ScanSlots::Overdue& overdue : parts_.slots.FindOverdue(now, kGrace)) {
    const auto known = hung_.find(overdue.session);
    const bool is_new = known == hung_.end() || known->second.began != overdue.call.began;
    if (is_new) {
      Tell(overdue, now);
      parts_.poison.Add(overdue.call.content, overdue.call.judge, "hangs the vendor");
    }
    hung[overdue.session] = is_new ? Hung{overdue.call.began} : known->second;
  }
  hung_ = std::move(hung);
  hung_count_.store(hung_.size(), std::memory_order_relaxed);
}

void Watchdog::Tell(const ScanSlots::Overdue& overdue, TimePoint now) {
  const ScanSlot::Call& call = overdue.call;
  const std::string vendor = parts_.generations.identity().vendor;
  parts_.faults.Add({parts_.clock.WallNs(), vendor, "hangs", "in the vendor's scan, in the host",
                     "", "", call.content, call.number});
  parts_.events.Log(EventId::kScanHangs, "",
                    {{"vendor", vendor},
                     {"number", std::to_string(call.number)},
                     {"digest", Hex(call.content.bytes, sizeof call.content.bytes)},
                     {"milliseconds", Milliseconds(now - call.began)},
                     {"bound", Milliseconds(call.deadline - call.began)}});
}

void Watchdog::Replace() {
  const auto generation = parts_.generations.current();
  if (!generation) return;
  size_t replaced = ReplacedOfPool();
  for (auto& [session, hung] : hung_) {
    if (hung.is_replaced) continue;
    if (!IsOfPool(session)) {
      hung.is_replaced = parts_.background.Replace(session);
    } else if (replaced < MaxHung()) {
      hung.is_replaced = parts_.pool.Replace(session, generation->vendor().sessions());
      replaced += hung.is_replaced ? 1 : 0;
    }
  }
}

size_t Watchdog::ReplacedOfPool() const {
  return static_cast<size_t>(std::count_if(hung_.begin(), hung_.end(), [](const auto& each) {
    return IsOfPool(each.first) && each.second.is_replaced;
  }));
}

size_t Watchdog::MaxHung() const {
  return parts_.generations.settings().MaxHungThreads(parts_.pool.size());
}

// Behind a scan that hangs in a serial vendor nobody else is let in.
bool Watchdog::IsStuck() const {
  const auto generation = parts_.generations.current();
  if (generation && generation->vendor().is_serial()) return !hung_.empty();
  return std::any_of(hung_.begin(), hung_.end(), [](const auto& each) {
    return IsOfPool(each.first) && !each.second.is_replaced;
  });
}

void Watchdog::SetStuck(bool stuck) {
  if (stuck == is_stuck_) return;
  is_stuck_ = stuck;
  parts_.on_demand.set_turns_away(stuck);
  parts_.events.Log(
      stuck ? EventId::kTooManyHang : EventId::kHangIsOver, "",
      {{"vendor", parts_.generations.identity().vendor}, {"hung", std::to_string(hung_.size())}});
}

void Watchdog::LookAtControl(TimePoint now) {
  for (size_t i = 0; i < told_.size(); ++i) {
    const auto call = static_cast<ControlCall>(i);
    const Duration running = parts_.generations.vendor_times().Of(call, now).running;
    const bool hangs = running > BoundOf(call);
    if (hangs && !told_[i])
      parts_.events.Log(EventId::kControlHangs, "",
                        {{"library", parts_.generations.settings().library},
                         {"call", NameOf(call)},
                         {"milliseconds", Milliseconds(running)},
                         {"bound", Milliseconds(BoundOf(call))}});
    told_[i] = hangs;
  }
}

}  // namespace vsapi::engine
