// SPDX-License-Identifier: Apache-2.0
//
// One simulation over a filled store: lets the clients act at the times of the schedule, waits
// until everything is scanned, and looks whether all that was stored is still there.
//
// In the open loop a client takes the next arrival, and what it delivers, ahead of its time; when
// all clients are busy, arrivals begin late, and are timed from when they were to begin (no
// coordinated omission). In the closed loop each client does one thing after another.
//
// Thread safety: one thread makes and runs it.
#pragma once

#include <stop_token>

#include "progress.h"
#include "simulate_clients.h"
#include "simulate_mail.h"

namespace store_sim {

// How it was at the end.
struct Outturn {
  Results results;
  std::vector<std::string> lost = {};  // the first of them: "[7.12] of user-0003"
  uint64_t lost_count = 0;
  QueueLook last = {};
  double acted_s = 0;    // so long clients acted
  double settled_s = 0;  // so long it took then until nothing was left to be scanned
  bool stopped = false;  // before its time
};

class Simulation {
 public:
  // The scene's `at_s` is set here.
  Simulation(Scene scene, Progress& progress);

  // `stop` ends what clients do; what comes after is done all the same.
  Outturn Run(const std::stop_token& stop);

 private:
  using Clock = SimulatedClients::Clock;
  struct Work {
    Arrival arrival;
    std::string mail;
  };

  void Act(const std::stop_token& stop);
  void ActBySchedule(const std::stop_token& stop);
  void ActOneByOne(const std::stop_token& stop);
  void Settle(const std::stop_token& stop);
  void FindLost();
  std::optional<Work> TakeNext();
  std::optional<Work> Think(Clock::duration& think);
  std::string MailFor(const Arrival& arrival);
  void Watch(const std::stop_token& stop);
  void EndSecond(QueueLook look);
  QueueLook LookAtQueue();
  void AddCoverage(QueueLook& look);
  double at_s() const;

  const Scene scene_;
  Progress& progress_;
  SimulatedClients clients_;
  const std::chrono::nanoseconds reached_;  // by the process that was killed
  const Clock::time_point begin_;

  std::mutex mutex_;
  Arrivals arrivals_;   // by mutex_
  SimulatedMail mail_;  // by mutex_

  Outturn outturn_;
};

}  // namespace store_sim
