// SPDX-License-Identifier: Apache-2.0
#include "trace.h"

namespace vsapi::engine {
namespace {

vsapi_trace Blank(uint32_t size) {
  vsapi_trace trace = {};
  trace.struct_size = size;
  for (int64_t* step :
       {&trace.queued_ns, &trace.taken_ns, &trace.opened_ns, &trace.called_ns, &trace.returned_ns,
        &trace.durable_ns, &trace.released_ns, &trace.reading_ns})
    *step = VSAPI_NEVER;
  return trace;
}

}  // namespace

Traces::Traces(vsapi_trace* first, size_t count, const Clock& clock, TimePoint asked)
    : first_(first), clock_(&clock), asked_(asked) {
  const vsapi_trace blank = Blank(first->struct_size);
  for (size_t item = 0; item < count; ++item) at(item) = blank;
}

void Traces::Queued(size_t item, TimePoint when, bool joined) {
  at(item).queued_ns = SinceAsked(when);
  at(item).joined = joined ? 1 : 0;
}

void Traces::Scanned(size_t item, const ScanTimes& times) {
  vsapi_trace& trace = at(item);
  trace.taken_ns = SinceAsked(times.taken);
  trace.opened_ns = SinceAsked(times.opened);
  trace.called_ns = SinceAsked(times.called);
  trace.returned_ns = SinceAsked(times.returned);
  trace.durable_ns = SinceAsked(times.durable);
  if (times.reading >= Duration::zero()) trace.reading_ns = times.reading.count();
}

void Traces::Released(size_t item) { at(item).released_ns = SinceAsked(clock_->Now()); }

int64_t Traces::SinceAsked(TimePoint when) const {
  return when == TimePoint() ? VSAPI_NEVER : (when - asked_).count();
}

}  // namespace vsapi::engine
