// SPDX-License-Identifier: Apache-2.0
//
// Brings mail from files, mboxes, Maildirs and folders of them into an MDB: the work of `store_sim
// import`, whoever holds the store.
//
// Thread safety: any thread.
#pragma once

#include <string>
#include <vector>

#include "desk.h"
#include "mail_reader.h"
#include "proactive_scan.h"
#include "progress.h"

namespace store_sim {

struct ImportArguments {
  std::vector<std::string> paths;
  std::string mdb;
  std::vector<std::string> mailboxes;  // none: "user", or a public MDB's folders
  std::string folder;                  // "": Inbox, and what the tree of files says
  uint64_t largest_mib = kDefaultLargestMessage >> 20;
  bool no_scan = false;
};

// "" if it is within its range.
std::string WrongWith(const ImportArguments& arguments);

// Returns the exit status. What is new is told to `scan` unless that is null. `progress` writes to
// `desk.err`.
int RunImport(const ImportArguments& arguments, const Store& store, Progress& progress,
              const Desk& desk, ProactiveScan* scan);

}  // namespace store_sim
