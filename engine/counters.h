// SPDX-License-Identifier: Apache-2.0
//
// Totals that only grow: VSAPI's own by their names, and ours. Adding writes no cache line that
// another core writes at the same time, as long as threads are no more than stripes.
//
// Thread safety: all of it from any thread. A sum read while others add is some value between.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace vsapi::engine {

enum class Counter : uint8_t {
  kFilesScanned,
  kFilesCleaned,
  kFilesQuarantined,
  kBytesScanned,
  kFilesInfected,
  kScansFailed,
  kStampHits,
  kJoins,
  kPromotions,
  kProactiveQueued,
  kProactiveLeft,
  kTimeouts,
  kTooManyWaiters,
  kReleasedDisabled,
  kReleasedExempt,
  kReleasedEncrypted,
  kReleasedUnsupported,
  kQueueWaitNs,
  kVendorNs,
  kOutcomesNotWritten,
};
inline constexpr int kCounters = static_cast<int>(Counter::kOutcomesNotWritten) + 1;

// VSAPI's name ("Virus Scan Files Scanned") or ours in the same style.
const char* NameOf(Counter counter);

class Counters {
 public:
  void Add(Counter counter, uint64_t amount = 1) {
    stripes_[MyStripe()].values[static_cast<size_t>(counter)].fetch_add(amount,
                                                                        std::memory_order_relaxed);
  }
  uint64_t Sum(Counter counter) const;

 private:
  static constexpr size_t kStripes = 16;
  struct alignas(64) Stripe {
    std::array<std::atomic<uint64_t>, kCounters> values = {};
  };
  static size_t MyStripe();

  std::array<Stripe, kStripes> stripes_;
};

}  // namespace vsapi::engine
