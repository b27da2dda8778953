// SPDX-License-Identifier: Apache-2.0
#include "counters.h"

namespace vsapi::engine {
namespace {

constexpr const char* kNames[kCounters] = {
    "Virus Scan Files Scanned",
    "Virus Scan Files Cleaned",
    "Virus Scan Files Quarantined",
    "Virus Scan Bytes Scanned",
    "Files Infected",
    "Scans Failed",
    "Stamp Hits",
    "Joins",
    "Promotions",
    "Proactive Queued",
    "Proactive Left Unscanned",
    "Time-outs",
    "Too Many Waiters",
    "Released Unscanned Disabled",
    "Released Unscanned Exempt",
    "Released Unscanned Encrypted",
    "Released Unscanned Unsupported",
    "Queue Wait Nanoseconds",
    "Vendor Nanoseconds",
    "Outcomes Not Written",
};
static_assert(kNames[kCounters - 1] != nullptr, "a name for each counter");

}  // namespace

const char* NameOf(Counter counter) { return kNames[static_cast<size_t>(counter)]; }

uint64_t Counters::Sum(Counter counter) const {
  uint64_t sum = 0;
  for (const Stripe& stripe : stripes_)
    sum += stripe.values[static_cast<size_t>(counter)].load(std::memory_order_relaxed);
  return sum;
}

size_t Counters::MyStripe() {
  static std::atomic<size_t> next = 0;
  thread_local const size_t mine = next.fetch_add(1, std::memory_order_relaxed) % kStripes;
  return mine;
}

}  // namespace vsapi::engine
