// SPDX-License-Identifier: Apache-2.0
//
// Scans what comes into a store while it comes: tells the engine of new contents, which it scans
// when no client waits, and at most a few wait for that. What it does not get to stays unscanned
// and is scanned when it is opened. Import never waits for it, and goes on without it.
//
// Thread safety: one thread.
#pragma once

#include <optional>

#include "scanning.h"

namespace store_sim {

class ProactiveScan {
 public:
  // Without an engine (a wrong line in virusscan.reg, say), which `events` tells, nothing is
  // scanned.
  ProactiveScan(const Store& store, EventLines& events);

  void Submit(const Mdb& mdb, const std::vector<NewItem>& items);

  // Ends the scans that run, and says in one line what became of all items; "" if the settings turn
  // this off.
  std::string End();

 private:
  std::optional<Scanning> scanning_;
  bool is_off_ = false;
  uint64_t new_ = 0;
  uint64_t queued_ = 0;
};

}  // namespace store_sim
