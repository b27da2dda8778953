// SPDX-License-Identifier: Apache-2.0
//
// The steps of items on their way to an answer, for a caller that asked for them: noted where they
// are made, in the caller's own memory. Where nobody asked it is one comparison.
//
// Thread safety: the steps of one item by whoever has its slot of the ticket.
#pragma once

#include <cstddef>

#include "clock.h"
#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {

// What one scan knows of itself; what is zero has not been, or was not noted.
struct ScanTimes {
  TimePoint taken;
  TimePoint opened;
  TimePoint called;
  TimePoint returned;
  TimePoint durable;
  Duration reading = Duration::min();  // the store's share of what the vendor took, if noted
};

class Traces {
 public:
  Traces() = default;  // nobody asked
  // `clock` outlives it; `first` to be read when the items are answered.
  Traces(vsapi_trace* first, size_t count, const Clock& clock, TimePoint asked);

  bool wanted() const { return first_ != nullptr; }

  // The rest only if wanted.
  void Queued(size_t item, TimePoint when, bool joined);
  void Scanned(size_t item, const ScanTimes& times);
  void Released(size_t item);

 private:
  vsapi_trace& at(size_t item) { return *VSAPI_AT(vsapi_trace, first_, item); }
  int64_t SinceAsked(TimePoint when) const;

  vsapi_trace* first_ = nullptr;
  const Clock* clock_ = nullptr;
  TimePoint asked_;
};

}  // namespace vsapi::engine
