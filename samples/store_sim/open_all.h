// SPDX-License-Identifier: Apache-2.0
//
// Opens every message of a store, a bounded number of them at the same time, so that the engine's
// pool is never idle and memory stays small however many there are.
//
// Thread safety: one thread. The answers come on it, in the order in which they are ready.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <functional>

#include "scanning.h"

namespace store_sim {

class OpenAll {
 public:
  struct Calls {
    std::function<void(const Mdb&, const StoredMessage&, const std::vector<vsapi::Decision>&)>
        answered;
    // The database could not give this message.
    std::function<void(const Mdb&, int64_t number, const std::string& problem)> unreadable;
    // Asked before each message: is that enough?
    std::function<bool()> stopped;
  };

  OpenAll(Scanning& scanning, vsapi::OpenOptions how, Calls calls);
  // What is in flight, where Run has failed, comes back to nobody else.
  ~OpenAll();
  OpenAll(const OpenAll&) = delete;
  OpenAll& operator=(const OpenAll&) = delete;

  // Those in that place, of which either may be "": any.
  void Run(const Store& store, const Placement& place = {});

 private:
  // Of the messages in flight together; a message with more is opened alone.
  static constexpr size_t kMostItems = 4096;

  // A message to be asked for: what changed on the way is asked for again, as a client would.
  struct Asked {
    Mdb* mdb;
    int64_t number;
    int tried = 0;
  };

  void RunMdb(Mdb& mdb, const Placement& place);
  void StartAgain();
  void Start(const Asked& asked);
  void WaitFor(size_t items);

  Scanning& scanning_;
  const vsapi::OpenOptions how_;
  Calls calls_;
  const size_t most_messages_;
  const Scanning::Answers answers_;
  std::vector<Asked> again_;
  size_t messages_ = 0;     // in flight
  size_t items_ = 0;        // of them
  bool is_ending_ = false;  // what comes back is but counted
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_;
};

}  // namespace store_sim
