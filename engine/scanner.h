// SPDX-License-Identifier: Apache-2.0
//
// Runs one request from end to end: content from the store, to the vendor, the verdict through the
// policy, the outcome to the store, the stamp, the event, the counters, the waiters' answers.
//
// Durability: an outcome that changes or denies content is written before a waiter is released, and
// no scan thread waits for that: the request ends on the writer's thread. A clean stamp counts at
// once and is written when the writer gets to it.
//
// Thread safety: Run from any number of threads, each with a Worker of its own.
#pragma once

#include <memory>
#include <optional>

#include "counters.h"
#include "event_log.h"
#include "generations.h"
#include "in_flight.h"
#include "mdb.h"
#include "poison.h"
#include "policy.h"
#include "scan_accounts.h"
#include "worker_pool.h"

namespace vsapi::engine {

struct Settlement;

class Scanner {
 public:
  // So long background leaves alone what could not be judged.
  static constexpr auto kAttemptPause = std::chrono::minutes(10);

  Scanner(InFlight& in_flight, Generations& generations, ScanSlots& slots, Poison& poison,
          Faults& faults, Clock& clock, EventLog& events, Counters& counters,
          Histograms& histograms);

  // What the vendor was asked for, and whether that found something.
  enum class Ran : uint8_t { kNothing, kScanned, kFound };
  // Never throws: what it has no memory for is answered as failed, and an event.
  Ran Run(const Taken& taken, Worker& worker) noexcept;

 private:
  class Durable;
  class LowScan;

  Ran Work(ScanRun& run);
  static Ran RanTo(const Settlement& settlement);
  bool OpenFirst(ScanRun& run, std::optional<Mdb::Content>& content, int32_t& status);
  bool JudgedAlready(const ScanRun& run, Settlement& settlement);
  ScanReport Scan(const ScanRun& run, ScanContent& content);
  ScanReport ScanBy(Vendor& vendor, const ScanRun& run, ScanJob job, bool is_poison);
  ScanReport ScanTraced(ScanRun& run, ScanContent& content);
  void Judge(const ScanRun& run, Settlement& settlement);

  void Settle(ScanRequest& request, Settlement& settlement, Targets targets);
  Targets Release(ScanRequest& request, const Settlement& settlement, const Targets& applied);
  OutcomeDraft Draft(const Settlement& settlement, const Target& target) const;
  vsapi_decision Decide(const Settlement& settlement, const Waiter& waiter);
  // Everybody gets what `says` says, and no store an outcome.
  template <class Says>
  void AnswerAll(ScanRequest& request, Targets targets, Says says);
  void FinishWithoutVendor(ScanRun& run);
  void HandBack(ScanRun& run, const char* why);
  void AnswerFailed(ScanRequest& request, const Targets& targets, const char* why);
  void LetGo(std::shared_ptr<Generation>& generation);

  InFlight& in_flight_;
  Generations& generations_;
  ScanSlots& slots_;
  Poison& poison_;
  Clock& clock_;
  EventLog& events_;
  Counters& counters_;
  ScanAccounts accounts_;
};

}  // namespace vsapi::engine
