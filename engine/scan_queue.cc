// SPDX-License-Identifier: Apache-2.0
#include "scan_queue.h"

#include <limits>

namespace vsapi::engine {

ScanQueue::Pushed ScanQueue::PushHigh(ScanRequest& request) {
  return Push(request, Lane::kHigh, std::numeric_limits<size_t>::max());
}

ScanQueue::Pushed ScanQueue::PushLow(ScanRequest& request, size_t limit) {
  return Push(request, Lane::kLow, limit);
}

ScanQueue::Pushed ScanQueue::Push(ScanRequest& request, Lane lane, size_t low_limit) {
  CondVar* wake = nullptr;
  {
    const MutexLock lock(mutex_);
    if (closed_) return Pushed::kClosed;
    if (lane == Lane::kLow && low_.size() >= low_limit) return Pushed::kFull;
    LinkLocked(request, lane);
    request.queued_at = clock_.Now();
    wake = WakeLocked();
  }
  if (wake != nullptr) wake->NotifyOne();
  return Pushed::kQueued;
}

bool ScanQueue::Promote(ScanRequest& request) {
  CondVar* wake = nullptr;
  {
    const MutexLock lock(mutex_);
    if (!request.queued || request.lane == Lane::kHigh) return false;
    low_.erase(low_.iterator_to(request));
    LinkLocked(request, Lane::kHigh);
    wake = WakeLocked();
  }
  if (wake != nullptr) wake->NotifyOne();
  return true;
}

ScanRequest* ScanQueue::Take(Role role) {
  size_t& idle = role == Role::kHigh ? idle_high_ : idle_any_;
  CondVar& ready = role == Role::kHigh ? high_ready_ : any_ready_;
  CondVar* wake = nullptr;
  ScanRequest* taken = nullptr;
  {
    const MutexLock lock(mutex_);
    while (!closed_ && (taken = NextLocked(role)) == nullptr) {
      ++idle;
      ready.Wait(mutex_);
      --idle;
    }
    if (taken != nullptr) wake = WakeLocked();
  }
  if (wake != nullptr) wake->NotifyOne();
  return taken;
}

void ScanQueue::Close() {
  {
    const MutexLock lock(mutex_);
    closed_ = true;
  }
  high_ready_.NotifyAll();
  any_ready_.NotifyAll();
}

ScanRequest* ScanQueue::TakeLeft() {
  const MutexLock lock(mutex_);
  if (!high_.empty()) return UnlinkLocked(high_);
  return low_.empty() ? nullptr : UnlinkLocked(low_);
}

ScanQueue::Depth ScanQueue::depth() const {
  const MutexLock lock(mutex_);
  Depth depth{high_.size(), low_.size(), {}};
  if (!low_.empty()) depth.oldest_low = clock_.Now() - low_.front().queued_at;
  return depth;
}

void ScanQueue::LinkLocked(ScanRequest& request, Lane lane) {
  (lane == Lane::kHigh ? high_ : low_).push_back(request);
  request.queued = true;
  request.lane = lane;
}

ScanRequest* ScanQueue::UnlinkLocked(Lanes& lane) {
  ScanRequest& request = lane.front();
  lane.pop_front();
  request.queued = false;
  return &request;
}

ScanRequest* ScanQueue::NextLocked(Role role) {
  if (!high_.empty()) return role == Role::kAny && idle_high_ > 0 ? nullptr : UnlinkLocked(high_);
  if (role == Role::kHigh || low_.empty()) return nullptr;
  return UnlinkLocked(low_);
}

CondVar* ScanQueue::WakeLocked() {
  if (!high_.empty() && idle_high_ > 0) return &high_ready_;
  if ((!high_.empty() || !low_.empty()) && idle_any_ > 0) return &any_ready_;
  return nullptr;
}

}  // namespace vsapi::engine
