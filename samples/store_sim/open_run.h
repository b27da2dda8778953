// SPDX-License-Identifier: Apache-2.0
//
// Asks for messages as a client would and says what it would get: the work of `store_sim open`,
// whoever holds the store.
//
// Thread safety: any thread; many may ask by one Scanning at the same time.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "access_names.h"
#include "desk.h"
#include "message_answer.h"
#include "progress.h"
#include "scanning.h"

namespace store_sim {

inline constexpr double kLeastTimeout = 0.001;  // seconds
inline constexpr double kMostTimeout = 86400;
// 0 is the setting ScanTimeout.
bool IsTimeout(double seconds);

inline constexpr std::array<const char*, 4> kClients{"imap", "pop3", "owa", "mapi"};
inline constexpr size_t kLongestUser = 63;

struct OpenArguments {
  std::vector<std::string> messages;
  bool all = false;
  std::string mailbox;   // of all: only those of this mailbox, "": any
  std::string folder;    // likewise
  std::string client;    // by which protocol: one of kClients; "" unknown
  std::string user;      // "" unknown
  double timeout_s = 0;  // 0: the setting ScanTimeout
  std::string save;
  std::string as = "client";  // of access_names.h
  bool quiet = false;
  bool verbose = false;
};

// "" if they go together.
std::string WrongWith(const OpenArguments& arguments);

// Throws Error if it is not there, or in quarantine.
StoredMessage FindForClient(Mdb& mdb, int64_t number);

// Its place in that mailbox, or "": in the only one that has it. Throws Error, by that name of the
// message, if there is none, or several.
Placement PlaceOf(const StoredMessage& message, const std::string& mailbox,
                  const std::string& name);

// One message with the decisions about it. What was cleaned or changed meanwhile is read and asked
// for again, as a client would. Throws Error as FindForClient does.
struct AskedMessage {
  StoredMessage message;
  std::vector<vsapi::Decision> decisions;
};
AskedMessage AskFor(Scanning& scanning, Mdb& mdb, int64_t number, const vsapi::OpenOptions& how);

// Returns the exit status. `asked` is called when all answers are there, before the table that
// counts them. `progress` writes to `desk.err`.
int RunOpen(
    const OpenArguments& arguments, const Store& store, Scanning& scanning, Progress& progress,
    const Desk& desk, const std::function<void()>& asked = [] {});

}  // namespace store_sim
