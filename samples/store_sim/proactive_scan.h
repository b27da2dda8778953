// SPDX-License-Identifier: Apache-2.0
//
// Scans what comes into a store while it comes: tells the engine of new contents, which it scans
// when no client waits, and at most a few wait for that. What it does not get to stays unscanned
// and is scanned when it is opened. Import never waits for it, and goes on without it.
//
// Thread safety: one thread.
#pragma once

#include "scanning.h"

namespace store_sim {

class ProactiveScan {
 public:
  // What End does with the scans that run, and the engine.
  enum class AtEnd { kFinish, kLeaveRunning };

  ProactiveScan(Scanning& scanning, AtEnd at_end) : scanning_(scanning), at_end_(at_end) {}

  void Submit(const Mdb& mdb, const std::vector<NewItem>& items);
  Scanning& scanning() { return scanning_; }

  // What became of all items in one line; "" if the settings turn this off.
  std::string End();

 private:
  std::string Summary(uint64_t done, const std::string& scanned = "") const;
  std::string Finish();

  Scanning& scanning_;
  const AtEnd at_end_;
  bool is_off_ = false;
  uint64_t new_ = 0;
  uint64_t queued_ = 0;
};

}  // namespace store_sim
