// SPDX-License-Identifier: Apache-2.0
#include "scan_queue.h"

#include <algorithm>

#include "platform.h"

namespace vsapi::engine {

void ScanQueue::Bed::Sleep() {
  while (woken_.load(std::memory_order_acquire) == 0) platform::Sleep(woken_, 0);
}

void ScanQueue::Bed::Wake() {
  const std::atomic<uint32_t>* const word = &woken_;
  woken_.store(1, std::memory_order_release);
  platform::WakeOne(word);
}

ScanQueue::WakeUp::~WakeUp() {
  while (!called_.empty()) {
    Bed& bed = called_.front();
    called_.pop_front();
    bed.Wake();
  }
}

ScanQueue::Pushed ScanQueue::PushHigh(ScanRequest& request, TimePoint now, const WakeUp& after) {
  const MutexLock lock(mutex_);
  if (closed_) return Pushed::kClosed;
  PushLocked(high_, request, now, after);
  return Pushed::kQueued;
}

ScanQueue::Pushed ScanQueue::PushLow(ScanRequest& request, TimePoint now, size_t limit,
                                     const WakeUp& after, Taken* displaced) {
  const MutexLock lock(mutex_);
  if (closed_) return Pushed::kClosed;
  if (!request.is_unlimited && low_.size() - unlimited_ >= limit) {
    if (displaced == nullptr) return Pushed::kFull;
    *displaced = TakeOldestLimitedLocked();
  }
  PushLocked(low_, request, now, after);
  return Pushed::kQueued;
}

void ScanQueue::PushLocked(InOneLane& lane, ScanRequest& request, TimePoint now,
                           const WakeUp& after) {
  const bool is_high = &lane == &high_;
  const Phase queued = is_high ? Phase::kHigh : Phase::kLow;
  request.queued_at = now;
  request.lane = is_high ? Lane::kHigh : Lane::kLow;
  if (!request.state.Move(Phase::kFree, queued)) request.state.Move(Phase::kOffered, queued);
  lane.push_back(request);
  if (!is_high && request.is_unlimited) ++unlimited_;
  CallLocked(after);
}

bool ScanQueue::Promote(ScanRequest& request, const WakeUp& after) {
  const Phase phase = request.state.phase();  // no other one becomes these two meanwhile
  if (phase != Phase::kLow && phase != Phase::kOffered) return false;
  const MutexLock lock(mutex_);
  if (!request.state.Move(phase, Phase::kHigh)) return false;
  if (phase == Phase::kLow) low_.erase(low_.iterator_to(request));
  if (phase == Phase::kLow && request.is_unlimited) --unlimited_;
  high_.push_back(request);
  request.lane = Lane::kHigh;
  CallLocked(after);
  return true;
}

bool ScanQueue::PushSecond(ScanRequest& request, const WakeUp& after) {
  const MutexLock lock(mutex_);
  if (closed_ || !request.state.Move(Phase::kScanning, Phase::kSecond)) return false;
  high_.push_back(request);
  CallLocked(after);
  return true;
}

void ScanQueue::Withdraw(ScanRequest& request, const WakeUp& after) {
  const MutexLock lock(mutex_);
  if (!request.LaneHook::is_linked()) return;
  high_.erase(high_.iterator_to(request));
  CallLocked(after);  // low ones may be taken now
}

ScanQueue::Pushed ScanQueue::Offer(ScanRequest& request, TimePoint now) {
  const MutexLock lock(mutex_);
  if (closed_) return Pushed::kClosed;
  request.queued_at = now;
  request.lane = Lane::kLow;
  request.state.Move(Phase::kFree, Phase::kOffered);
  return Pushed::kQueued;
}

Taken ScanQueue::TakeOffered(const Taken& offered, const std::atomic<bool>& stopped) {
  const WakeUp after;
  const MutexLock lock(mutex_);
  RequestState& state = offered.request->state;
  const auto is_offered = [&] {
    return state.life() == offered.life && state.phase() == Phase::kOffered;
  };
  while (!high_.empty() && !closed_ && !stopped && is_offered()) SleepInLocked(pausing_);
  const bool takes = !closed_ && !stopped && is_offered();
  if (takes) state.Move(Phase::kOffered, Phase::kTaken);
  CallLocked(after);
  return takes ? offered : Taken{};
}

void ScanQueue::AwaitDrained(const std::atomic<bool>& stopped) {
  const WakeUp after;
  const MutexLock lock(mutex_);
  while (!low_.empty() && !closed_ && !stopped) SleepInLocked(draining_);
  CallLocked(after);
}

void ScanQueue::Rouse() {
  const WakeUp pausing, draining;
  const MutexLock lock(mutex_);
  pausing.called_.swap(pausing_.asleep);
  draining.called_.swap(draining_.asleep);
}

Taken ScanQueue::Take(Role role) {
  const WakeUp after;
  const MutexLock lock(mutex_);
  Taken taken;
  while (!LeavesLocked(role) && (taken = TakeLocked(role)).request == nullptr)
    SleepInLocked(CrewOf(role));
  CallLocked(after);
  return taken;
}

bool ScanQueue::LeavesLocked(Role role) {
  if (closed_) return true;
  size_t& dismissed = dismissed_[static_cast<size_t>(role)];
  if (dismissed == 0) return false;
  --dismissed;
  return true;
}

// Who came for nothing may be the one that others waited for: it calls the next before it sleeps.
void ScanQueue::SleepInLocked(Crew& crew) {
  Bed mine;
  {
    const WakeUp after;
    CallLocked(after);
    crew.asleep.push_front(mine);
    mutex_.Unlock();
  }
  mine.Sleep();
  mutex_.Lock();
  crew.is_waking = false;
}

void ScanQueue::Dismiss(Role role, size_t threads) {
  const WakeUp after;
  const MutexLock lock(mutex_);
  dismissed_[static_cast<size_t>(role)] += threads;
  after.called_.swap(CrewOf(role).asleep);  // those that may stay find out when they come
}

void ScanQueue::Close() {
  const WakeUp kept, others, pausing, draining;
  const MutexLock lock(mutex_);
  closed_ = true;
  kept.called_.swap(kept_.asleep);
  others.called_.swap(others_.asleep);
  pausing.called_.swap(pausing_.asleep);
  draining.called_.swap(draining_.asleep);
}

Taken ScanQueue::TakeLeft() {
  const MutexLock lock(mutex_);
  while (!high_.empty() || !low_.empty()) {
    const Taken taken = TakeFrontLocked(high_.empty() ? low_ : high_);
    if (!taken.is_second) return taken;
    taken.request->state.Move(Phase::kTwice, Phase::kScanning);  // who scans it already answers
  }
  return {};
}

ScanQueue::Depth ScanQueue::depth() const {
  const MutexLock lock(mutex_);
  Depth depth{high_.size(), low_.size(), {}};
  if (!low_.empty()) depth.oldest_low = clock_.Now() - low_.front().queued_at;
  return depth;
}

Taken ScanQueue::TakeLocked(Role role) {
  if (!high_.empty()) {
    const bool leaves_it = role == Role::kAny && high_.size() <= kept_.idle();
    return leaves_it ? Taken{} : TakeFrontLocked(high_);
  }
  if (role == Role::kHigh || low_.empty()) return {};
  return TakeFrontLocked(low_);
}

Taken ScanQueue::TakeFrontLocked(InOneLane& lane) { return TakeAtLocked(lane, lane.begin()); }

Taken ScanQueue::TakeOldestLimitedLocked() {
  return TakeAtLocked(low_, std::find_if(low_.begin(), low_.end(), [](const ScanRequest& each) {
                        return !each.is_unlimited;
                      }));
}

Taken ScanQueue::TakeAtLocked(InOneLane& lane, InOneLane::iterator at) {
  ScanRequest& request = *at;
  lane.erase(at);
  if (&lane == &low_ && request.is_unlimited) --unlimited_;
  RequestState& state = request.state;
  const bool is_second =
      !state.Move(Phase::kLow, Phase::kTaken) && !state.Move(Phase::kHigh, Phase::kTaken);
  if (is_second) state.Move(Phase::kSecond, Phase::kTwice);  // unless its result has just come
  return {&request, state.life(), is_second};
}

void ScanQueue::CallLocked(const WakeUp& after) {
  if (low_.empty()) CallFrom(draining_, after);
  if (high_.empty()) {
    if (!low_.empty()) CallFrom(others_, after);
    CallFrom(pausing_, after);
  } else if (kept_.idle() > 0) {
    CallFrom(kept_, after);
  } else {
    CallFrom(others_, after);
  }
}

void ScanQueue::CallFrom(Crew& crew, const WakeUp& after) {
  if (crew.is_waking || crew.asleep.empty()) return;
  crew.is_waking = true;
  Bed& bed = crew.asleep.front();
  crew.asleep.pop_front();
  after.called_.push_front(bed);
}

}  // namespace vsapi::engine
