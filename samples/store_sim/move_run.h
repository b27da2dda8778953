// SPDX-License-Identifier: Apache-2.0
//
// Moves a message of a mailbox to another folder, mailbox or MDB, with the stamps of what it holds,
// so that nothing current is scanned for that, and with its record: the work of `store_sim move`,
// whoever holds the store. A user who moves it to another MDB reads it, so it is given only if it
// is allowed; an administrator's move is exempt.
//
// It is stored there before it goes here: a crash between leaves it in both, and moving it again
// ends that. Where an outcome changes it between, it stands there as it was and here as it is now;
// both are scanned like any other.
//
// Thread safety: any thread.
#pragma once

#include <string>

#include "desk.h"
#include "scanning.h"

namespace store_sim {

struct MoveArguments {
  std::string message;
  std::string mailbox;        // whose it is; "": the only one that has it
  std::string to_mdb;         // "": the same
  std::string to_mailbox;     // "": the same
  std::string to_folder;      // "": the same
  std::string as = "client";  // of access_names.h
};

// "" if they go together.
std::string WrongWith(const MoveArguments& arguments);

// Returns the exit status.
int RunMove(const MoveArguments& arguments, const Store& store, Scanning& scanning,
            const Desk& desk);

}  // namespace store_sim
