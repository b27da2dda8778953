// SPDX-License-Identifier: Apache-2.0
//
// Lets the scans of a serial vendor in one by one, high lane first. Who is cancelled while it waits
// goes without having been in: the one inside may hang.
//
// Thread safety: a Pass belongs to its thread; any number of threads make them.
#pragma once

#include <atomic>

#include "mutex.h"
#include "scan_request.h"

namespace vsapi::engine {

class SerialGate {
 public:
  // Inside from construction to destruction; without a gate nothing is waited for.
  class Pass {
   public:
    Pass(SerialGate* gate, Lane lane, const std::atomic<bool>& cancelled)
        : gate_(gate), is_in_(gate_ == nullptr || gate_->Enter(lane, cancelled)) {}
    ~Pass() {
      if (gate_ != nullptr && is_in_) gate_->Leave();
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

    bool is_in() const { return is_in_; }

   private:
    SerialGate* const gate_;
    const bool is_in_;
  };

  // So many stand before the gate.
  size_t waiting(Lane lane) const;

 private:
  struct Line {
    size_t waiting = 0;
    CondVar next;
  };

  bool Enter(Lane lane, const std::atomic<bool>& cancelled);
  void Leave();
  bool MayEnter(Lane lane) const VSAPI_REQUIRES(mutex_);
  void WakeNext() VSAPI_REQUIRES(mutex_);

  mutable Mutex mutex_;
  bool busy_ VSAPI_GUARDED_BY(mutex_) = false;
  Line high_ VSAPI_GUARDED_BY(mutex_);
  Line low_ VSAPI_GUARDED_BY(mutex_);
};

}  // namespace vsapi::engine
