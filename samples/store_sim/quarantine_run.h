// SPDX-License-Identifier: Apache-2.0
//
// Takes messages out of quarantine, by an administrator's order or since the vendor thinks better
// of them now: the work of `store_sim quarantine`, whoever holds the store.
//
// Thread safety: any thread.
#pragma once

#include <string>
#include <vector>

#include "desk.h"
#include "scanning.h"

namespace store_sim {

struct QuarantineArguments {
  bool rescan = false;  // release only what is clean now
  // None: all, to be scanned again, but those that leave quarantine meanwhile.
  std::vector<std::string> messages;
};

// "" if they go together.
std::string WrongWith(const QuarantineArguments& arguments);

// Returns the exit status. `scanning` may be null unless there is something to scan.
int RunQuarantine(const QuarantineArguments& arguments, const Store& store, Scanning* scanning,
                  const Desk& desk);

}  // namespace store_sim
