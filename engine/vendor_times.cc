// SPDX-License-Identifier: Apache-2.0
#include "vendor_times.h"

#include <algorithm>

namespace vsapi::engine {
namespace {

using std::chrono::seconds;

struct Row {
  const char* name;
  Duration bound;
};

// Definitions are loaded in `create` or `start`: millions of them take a minute on a busy machine.
constexpr Duration kToLoad = seconds(120);
constexpr Duration kOtherwise = seconds(5);

constexpr Row kRows[kControlCalls] = {
    {"create", kToLoad},          {"get_extension", kOtherwise}, {"start", kToLoad},
    {"open_session", kOtherwise}, {"identity", kOtherwise},      {"positive_sample", kOtherwise},
    {"self-test", kOtherwise},    {"poll", kOtherwise},          {"close_session", kOtherwise},
    {"stop", kOtherwise},         {"destroy", kOtherwise},
};
static_assert(kRows[kControlCalls - 1].name != nullptr, "a row for each call");

const Row& RowOf(ControlCall call) { return kRows[static_cast<size_t>(call)]; }

constexpr auto kRelaxed = std::memory_order_relaxed;  // no field publishes another one

}  // namespace

const char* NameOf(ControlCall call) { return RowOf(call).name; }

Duration BoundOf(ControlCall call) { return RowOf(call).bound; }

void VendorTimes::Begin(ControlCall call, TimePoint now) {
  cells_[static_cast<size_t>(call)].began.store(now.time_since_epoch().count(), kRelaxed);
}

Duration VendorTimes::End(ControlCall call, TimePoint now) {
  Cell& cell = cells_[static_cast<size_t>(call)];
  const Ticks took = now.time_since_epoch().count() - cell.began.exchange(0, kRelaxed);
  cell.last.store(took, kRelaxed);
  cell.longest.store(std::max(took, cell.longest.load(kRelaxed)), kRelaxed);
  cell.calls.fetch_add(1, kRelaxed);
  return Duration(took);
}

VendorTimes::Times VendorTimes::Of(ControlCall call, TimePoint now) const {
  const Cell& cell = cells_[static_cast<size_t>(call)];
  const Ticks began = cell.began.load(kRelaxed);
  return {.calls = cell.calls.load(kRelaxed),
          .last = Duration(cell.last.load(kRelaxed)),
          .longest = Duration(cell.longest.load(kRelaxed)),
          // It may have begun after the caller looked at the clock.
          .running = began == 0 ? Duration{}
                                : std::max(now.time_since_epoch() - Duration(began), Duration{})};
}

}  // namespace vsapi::engine
