// SPDX-License-Identifier: Apache-2.0
//
// What the administrator is told of a scan, as one event: what was found where, in whose mail, how
// that came in, who asked for it, and who judged (VSAPI 2.0's message details).
//
// Thread safety: any thread, the scan's own.
#pragma once

#include <span>

#include "event_log.h"
#include "policy.h"
#include "scan_request.h"
#include "vendor_call.h"

namespace vsapi::engine {

struct ScanTale {
  const ScanReport& report;
  Condition condition;
  int32_t reason;
  const vsapi_stamp& stamp;  // who judged
  const ScanRun& run;
  ScanContent* content;           // null: it could not be opened
  std::span<const Asker> askers;  // those who wait for it
};

// The event of a scan that came to this.
EventId ScanEvent(Condition condition);

// Details are looked up for what is not clean alone.
void TellOfScan(EventLog& events, Clock& clock, const ScanTale& tale);

}  // namespace vsapi::engine
