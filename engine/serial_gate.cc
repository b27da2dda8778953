// SPDX-License-Identifier: Apache-2.0
#include "serial_gate.h"

#include <chrono>

namespace vsapi::engine {
namespace {

// How soon a cancellation, which tells nobody, is seen.
constexpr auto kLook = std::chrono::milliseconds(50);

}  // namespace

size_t SerialGate::waiting(Lane lane) const {
  const MutexLock lock(mutex_);
  return (lane == Lane::kHigh ? high_ : low_).waiting;
}

bool SerialGate::Enter(Lane lane, const std::atomic<bool>& cancelled) {
  const MutexLock lock(mutex_);
  Line& line = lane == Lane::kHigh ? high_ : low_;
  ++line.waiting;
  while (!cancelled && !MayEnter(lane))
    line.next.WaitUntil(mutex_, std::chrono::steady_clock::now() + kLook);
  --line.waiting;
  if (cancelled) {
    WakeNext();  // it may have been this one that was woken
    return false;
  }
  busy_ = true;
  return true;
}

void SerialGate::Leave() {
  const MutexLock lock(mutex_);
  busy_ = false;
  WakeNext();
}

bool SerialGate::MayEnter(Lane lane) const {
  return !busy_ && (lane == Lane::kHigh || high_.waiting == 0);
}

void SerialGate::WakeNext() {
  if (busy_) return;
  (high_.waiting > 0 ? high_ : low_).next.NotifyOne();
}

}  // namespace vsapi::engine
