// SPDX-License-Identifier: Apache-2.0
//
// Saves a changed attachment in its message, as the owner of a mailbox does who has edited it: the
// work of `store_sim replace`, whoever holds the store. What is new by it is scanned like what a
// new message brings.
//
// Thread safety: any thread.
#pragma once

#include <string>

#include "desk.h"
#include "proactive_scan.h"
#include "progress.h"

namespace store_sim {

struct ReplaceArguments {
  std::string message;
  std::string part;     // its path: "2"
  std::string file;     // with the new content
  std::string mailbox;  // whose it is; "": the only one that has it
};

// "" if they go together.
std::string WrongWith(const ReplaceArguments& arguments);

// Returns the exit status.
int RunReplace(const ReplaceArguments& arguments, const Store& store, Progress& progress,
               const Desk& desk, ProactiveScan& scan);

}  // namespace store_sim
