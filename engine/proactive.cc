// SPDX-License-Identifier: Apache-2.0
#include "proactive.h"

#include "stamp.h"

namespace vsapi::engine {

int32_t Proactive::Submitted(const vsapi_item& item) {
  const Settings& settings = generations_.settings();
  const Identity& identity = generations_.identity();
  Mdb* const mdb = mdbs_.Find(item.mdb);
  if (generations_.HasNone() || mdb == nullptr || !settings.ProactiveFor(mdb->name()) ||
      !settings.ScansKind(item.kind))
    return VSAPI_SUBMITTED_OFF;
  if (IsCurrent(item.stamp, identity)) return VSAPI_SUBMITTED_CURRENT;
  Taken displaced;
  const auto admitted =
      in_flight_.Admit(mdb, item,
                       {.access = VSAPI_ACCESS_PROACTIVE,
                        .lane = Lane::kLow,
                        .low_limit = settings.proactive_limit,
                        .generation = identity.generation,
                        .now = clock_.Now(),
                        .displaced = settings.DisplacesOldest() ? &displaced : nullptr});
  if (displaced.request != nullptr) {
    counters_.Add(Counter::kProactiveDisplaced);
    while (const Mdb* const left = in_flight_.LeaveOne(displaced)) Leave(*left);
  }
  switch (admitted) {
    case InFlight::Admitted::kQueued:
      counters_.Add(Counter::kProactiveQueued);
      [[fallthrough]];
    case InFlight::Admitted::kJoined:
      return VSAPI_SUBMITTED_QUEUED;
    case InFlight::Admitted::kFull:
      Leave(*mdb);
      break;
    case InFlight::Admitted::kClosed:
      break;
  }
  return VSAPI_SUBMITTED_LEFT;
}

// In the store, unscanned.
void Proactive::Leave(const Mdb& mdb) {
  counters_.Add(Counter::kProactiveLeft);
  background_.Overflowed(mdb);
}

}  // namespace vsapi::engine
