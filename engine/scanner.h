// SPDX-License-Identifier: Apache-2.0
//
// Runs one request from end to end: content from the store, to the vendor, the verdict through the
// policy, the outcome to the store, the stamp, the event, the counters, the waiters' answers.
//
// Durability: an outcome that changes or denies content is written before a waiter is released, and
// no scan thread waits for that: the request ends on the writer's thread. A clean stamp counts at
// once and is written when the writer gets to it.
//
// Thread safety: Run from any number of pool threads, each with its own session number.
#pragma once

#include <memory>

#include "counters.h"
#include "event_log.h"
#include "generations.h"
#include "in_flight.h"
#include "mdb.h"
#include "policy.h"

namespace vsapi::engine {

// Counts what is let out although no clean verdict stands behind it, by reason.
void CountRelease(Counters& counters, Condition condition);

class Scanner {
 public:
  Scanner(InFlight& in_flight, Generations& generations, Clock& clock, EventLog& events,
          Counters& counters);

  void Run(ScanRequest& request, size_t session);

 private:
  struct Settlement;

  bool OpenFirst(ScanRequest& request, InFlight::Claim& claim,
                 std::unique_ptr<ScanContent>& content, int32_t& status);
  ScanReport Scan(ScanRequest& request, const InFlight::Claim& claim, ScanContent& content,
                  size_t session);
  std::shared_ptr<Settlement> Judge(ScanRequest& request, std::shared_ptr<Generation> generation,
                                    ScanReport report);
  void Settle(ScanRequest& request, const std::shared_ptr<Settlement>& settlement);
  bool ApplyTo(ScanRequest& request, const std::shared_ptr<Settlement>& settlement,
               const std::vector<Target>& targets);
  void WriteDurably(ScanRequest& request, const std::shared_ptr<Settlement>& settlement,
                    const std::vector<Target>& targets);
  OutcomeDraft Draft(const Settlement& settlement, const Target& target) const;
  vsapi_decision Decide(const Settlement& settlement, size_t target, int32_t access);
  std::shared_ptr<Settlement> JudgedAlready(const InFlight::Claim& claim);
  void FinishWithoutVendor(ScanRequest& request);
  void LetGo(std::shared_ptr<Generation> generation);
  void Count(const Settlement& settlement, uint64_t bytes, Duration queue_wait);
  void Announce(const Settlement& settlement, const Target& target, ScanContent* content);

  // How long background leaves an item alone that could not be judged.
  static constexpr auto kAttemptPause = std::chrono::minutes(10);

  InFlight& in_flight_;
  Generations& generations_;
  Clock& clock_;
  EventLog& events_;
  Counters& counters_;
};

}  // namespace vsapi::engine
