// SPDX-License-Identifier: Apache-2.0
#include "counters.h"

#include <algorithm>
#include <bit>

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
    "Proactive Displaced",
    "Time-outs",
    "Too Many Waiters",
    "Released Unscanned Disabled",
    "Released Unscanned Exempt",
    "Released Unscanned Encrypted",
    "Released Unscanned Unsupported",
    "Queue Wait Nanoseconds",
    "Vendor Nanoseconds",
    "Outcomes Not Written",
    "Second Scans",
    "Virus Scan Folders Scanned in Background",
    "Virus Scan Messages Scanned in Background",
};
static_assert(kNames[kCounters - 1] != nullptr, "a name for each counter");

// Which stripes have an owner now, one bit each. Of the process and not of an engine: a thread's
// stripe has the same number everywhere.
class Owners {
 public:
  size_t Claim() {
    for (size_t word = 0; word < words_.size(); ++word)
      for (uint64_t seen = words_[word].load(std::memory_order_relaxed); ~seen != 0;) {
        const auto bit = static_cast<size_t>(std::countr_one(seen));
        // Acquires what the former owner left in the stripe.
        if (words_[word].compare_exchange_weak(seen, seen | uint64_t{1} << bit,
                                               std::memory_order_acquire))
          return word * 64 + bit;
      }
    return Counters::kStripes;
  }
  void Release(size_t stripe) {
    words_[stripe / 64].fetch_and(~(uint64_t{1} << stripe % 64), std::memory_order_release);
  }

 private:
  std::array<std::atomic<uint64_t>, Counters::kStripes / 64> words_ = {};
};
constinit Owners owners;

}  // namespace

constinit thread_local size_t Counters::my_stripe_ = 0;

const char* NameOf(Counter counter) { return kNames[static_cast<size_t>(counter)]; }

uint64_t Counters::Sum(Counter counter) const {
  uint64_t sum = 0;
  for (size_t stripe = 0; stripe < kStripes; ++stripe)
    sum += stripes_[stripe].values[static_cast<size_t>(counter)].load(std::memory_order_relaxed);
  return sum;
}

void Counters::ClaimStripe() {
  // Gives the stripe back when its thread ends; what still counts after that shares.
  struct Ownership {
    ~Ownership() {
      my_stripe_ = kShared + 1;
      if (stripe < kShared) owners.Release(stripe);
    }
    const size_t stripe = owners.Claim();
  };
  thread_local const Ownership mine;
  my_stripe_ = std::min(mine.stripe, kShared) + 1;
}

}  // namespace vsapi::engine
