// SPDX-License-Identifier: Apache-2.0
//
// Replies to a message or forwards it, as the owner of a mailbox does: who may not open it writes
// nothing. What is written comes into the folder Sent Items of who writes and the Inbox of each
// who gets it, stored once: the work of `store_sim reply` and `store_sim forward`, whoever holds
// the store.
//
// Thread safety: any thread.
#pragma once

#include <string>
#include <vector>

#include "desk.h"
#include "proactive_scan.h"
#include "progress.h"

namespace store_sim {

struct ReplyArguments {
  std::string message;
  std::string mailbox;          // who writes; "": the only one that has it
  std::vector<std::string> to;  // mailboxes; of a reply none: the sender's
  std::string text;             // of a reply
  bool forwards = false;
};

// "" if they go together.
std::string WrongWith(const ReplyArguments& arguments);

// Returns the exit status.
int RunReply(const ReplyArguments& arguments, const Store& store, Progress& progress,
             const Desk& desk, ProactiveScan& scan);

}  // namespace store_sim
