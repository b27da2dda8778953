// SPDX-License-Identifier: Apache-2.0
//
// What a scan came to: who judged, how, and what follows by the settings of that moment.
//
// Thread safety: a value; of the scan's thread, then of the writer's.
#pragma once

#include <memory>

#include "generation.h"
#include "policy.h"
#include "trace.h"
#include "vendor_call.h"

namespace vsapi::engine {

struct Settlement {
  std::shared_ptr<Generation> generation;
  ScanReport report;
  Condition condition = Condition::kFailed;
  int32_t reason = VSAPI_REASON_SCANNED;
  bool is_new = true;  // not known by a stamp already
  bool cancelled = false;
  PolicySettings policy;
  vsapi_stamp stamp;
  ScanTimes times;

  bool judged() const { return report.status == VSAPI_OK; }
  // A stamp, or an attempt.
  bool leaves_mark() const { return !cancelled && (!report.is_untried || report.was_called()); }
  // The vendor can't scan now, whatever the item is.
  bool is_undone() const { return !cancelled && report.status == VSAPI_E_BUSY; }
  bool item_scoped() const { return report.scope == VSAPI_SCOPE_ITEM; }
  const char* finding() const { return report.name(); }
};

}  // namespace vsapi::engine
