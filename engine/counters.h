// SPDX-License-Identifier: Apache-2.0
//
// Totals that only grow: VSAPI's own by their names, and ours. Each thread adds to a stripe of its
// own, by a plain load and store: no lock, no locked instruction, no cache line that another thread
// writes. The first 255 threads at a time have such a stripe; those beyond share the last one.
//
// Thread safety: all of it from any thread. A sum read while others add is some value between.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

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
  kProactiveDisplaced,
  kTimeouts,
  kTooManyWaiters,
  kReleasedDisabled,
  kReleasedExempt,
  kReleasedEncrypted,
  kReleasedUnsupported,
  kQueueWaitNs,
  kVendorNs,
  kOutcomesNotWritten,
  kSecondScans,
  kBackgroundFolders,
  kBackgroundMessages,
};
inline constexpr int kCounters = static_cast<int>(Counter::kBackgroundMessages) + 1;

// VSAPI's name ("Virus Scan Files Scanned") or ours in the same style.
const char* NameOf(Counter counter);

class Counters {
 public:
  static constexpr size_t kStripes = 256;

  void Add(Counter counter, uint64_t amount = 1) {
    const size_t stripe = MyStripe();
    std::atomic<uint64_t>& value = stripes_[stripe].values[static_cast<size_t>(counter)];
    if (stripe == kShared)
      value.fetch_add(amount, std::memory_order_relaxed);
    else
      value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  uint64_t Sum(Counter counter) const;

 private:
  static constexpr size_t kShared = kStripes - 1;
  struct alignas(64) Stripe {
    std::array<std::atomic<uint64_t>, kCounters> values = {};
  };

  // The calling thread's, the same in every engine; its next owner adds to what it left there.
  static size_t MyStripe() {
    if (my_stripe_ == 0) ClaimStripe();
    return my_stripe_ - 1;
  }
  static void ClaimStripe();

  // One more than the stripe's number, so that zero means none yet. In the static block: reading it
  // calls nothing.
  [[gnu::tls_model("initial-exec")]] static constinit thread_local size_t my_stripe_;

  const std::unique_ptr<Stripe[]> stripes_ = std::make_unique<Stripe[]>(kStripes);
};

}  // namespace vsapi::engine
