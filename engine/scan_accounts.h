// SPDX-License-Identifier: Apache-2.0
//
// Keeps the accounts of scans: counters, histograms, and the event for the administrator.
//
// Thread safety: all of it from any thread.
#pragma once

#include "counters.h"
#include "event_log.h"
#include "faults.h"
#include "histograms.h"
#include "in_flight.h"
#include "message_tally.h"
#include "policy.h"

namespace vsapi::engine {

class ScanContent;
struct ScanReport;
struct Settlement;

// Counts what is let out although no clean verdict stands behind it, by reason.
void CountRelease(Counters& counters, Condition condition);

class ScanAccounts {
 public:
  ScanAccounts(InFlight& in_flight, Faults& faults, Clock& clock, EventLog& events,
               Counters& counters, Histograms& histograms);

  // A scan has come to what no stamp knew; `content` is null if it could not be opened.
  void Scanned(const Settlement& settlement, const ScanRun& run, ScanContent* content);
  // A try has cost a worker process, if its report says so.
  void Lost(const ScanRun& run, const ScanReport& report);
  // The stores have been given the outcome; what they could not do has not been done.
  void Applied(const Settlement& settlement, const Targets& applied);

 private:
  void Count(const Settlement& settlement, uint64_t bytes);
  void CountStored(int32_t action, const vsapi_item& item, uint64_t generation);
  void Time(const Settlement& settlement, const ScanRun& run);
  void Announce(const Settlement& settlement, const ScanRun& run, ScanContent* content);

  InFlight& in_flight_;
  Faults& faults_;
  Clock& clock_;
  EventLog& events_;
  Counters& counters_;
  Histograms& histograms_;
  MessageTally messages_;
};

}  // namespace vsapi::engine
