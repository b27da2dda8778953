// SPDX-License-Identifier: Apache-2.0
//
// Totals by name: VSAPI's own and ours.
//
// Thread safety: all of it from any thread. A sum read while others add is some value between.
#pragma once

#include <cstdint>

#include "striped.h"

namespace vsapi::engine {

enum class Counter : uint8_t {
  kMessagesProcessed,
  kMessagesCleaned,
  kMessagesQuarantined,
  kMessagesDeleted,
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
  kReleasedGrace,
  kOutcomesNotWritten,
  kSecondScans,
  kBackgroundFolders,
  kBackgroundMessages,
  kReleasedExcluded,
  kReleasedNotInProfile,
  kReleasedOldStamp,
  kReleasedOldItem,
  kReleasedRtfBody,
  kTransportSubmitted,
  kTransportDelivered,
  kTransportDeferred,
  kTransportRejected,
  kTransportGivenUp,
};
inline constexpr int kCounters = static_cast<int>(Counter::kTransportGivenUp) + 1;

// VSAPI's name ("Virus Scan Files Scanned") or ours in the same style.
const char* NameOf(Counter counter);

class Counters {
 public:
  void Add(Counter counter, uint64_t amount = 1) {
    sums_.Add(static_cast<size_t>(counter), amount);
  }
  uint64_t Sum(Counter counter) const { return sums_.Sum(static_cast<size_t>(counter)); }

 private:
  Striped<kCounters> sums_;
};

}  // namespace vsapi::engine
