// SPDX-License-Identifier: Apache-2.0
//
// The last times that a vendor brought down or kept who ran it, for the administrator's status.
//
// Thread safety: all of it from any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "mutex.h"
#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {

struct Fault {
  int64_t time_ns = 0;  // since 1970 UTC
  std::string vendor;
  std::string how;
  std::string step;       // what it did last
  std::string backtrace;  // "" unless it crashed in a process of its own
  std::string mdb;        // "": not known
  vsapi_digest content = {};
  uint64_t number = 0;  // of the request
};

class Faults {
 public:
  static constexpr size_t kKept = 16;

  void Add(Fault fault) {
    const MutexLock lock(mutex_);
    if (faults_.size() == kKept) faults_.pop_front();
    faults_.push_back(std::move(fault));
  }
  // The oldest first.
  std::vector<Fault> all() const {
    const MutexLock lock(mutex_);
    return {faults_.begin(), faults_.end()};
  }

 private:
  mutable Mutex mutex_;
  std::deque<Fault> faults_ VSAPI_GUARDED_BY(mutex_);
};

}  // namespace vsapi::engine
