// SPDX-License-Identifier: Apache-2.0
//
// Items that are new in the store: scanned in the low lane while nobody waits, at most 30 queued.
// The 31st is not queued: it stays in the store unscanned, is counted, and background is told. With
// ProactiveOverflow=displace-oldest it takes the place of the oldest, which stays unscanned
// instead.
//
// Thread safety: all of it from any thread.
#pragma once

#include "background.h"
#include "counters.h"
#include "generations.h"
#include "in_flight.h"
#include "mdb.h"

namespace vsapi::engine {

class Proactive {
 public:
  Proactive(InFlight& in_flight, Generations& generations, MdbTable& mdbs, Background& background,
            const Clock& clock, Counters& counters)
      : in_flight_(in_flight),
        generations_(generations),
        mdbs_(mdbs),
        background_(background),
        clock_(clock),
        counters_(counters) {}

  // VSAPI_SUBMITTED_...: what became of the item.
  int32_t Submitted(const vsapi_item& item);

 private:
  void Leave(const Mdb& mdb);

  InFlight& in_flight_;
  Generations& generations_;
  MdbTable& mdbs_;
  Background& background_;
  const Clock& clock_;
  Counters& counters_;
};

}  // namespace vsapi::engine
