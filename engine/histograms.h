// SPDX-License-Identifier: Apache-2.0
//
// How long scans and their clients took, by access class: how many of them fell into each bucket,
// and the sum. Log-linear: four buckets to a power of two of seconds, from 1 µs to 256 s. A
// bucket's bounds are at most 25 % apart, below 4 µs at most 1 µs; 2.5 s is a bound.
//
// Thread safety: all of it from any thread. A reading while others add is some state between.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "clock.h"
#include "striped.h"
#include "vsapi/abi/verdict.h"

namespace vsapi::engine {

enum class Timing : uint8_t {
  kQueueWait,   // from when it was asked for by its class to when a thread has it
  kVendorTime,  // in the vendor, all tries of it
  kTotalWait,   // of a caller that had to wait: from asking to the answer, also if that is "in
                // progress"; of what nobody waits for: from when it was queued to its verdict
};
inline constexpr int kTimings = 3;

// "Queue Wait", "Vendor Time", "Total Wait".
const char* NameOf(Timing timing);

class Histograms {
 public:
  // On-demand, transport, proactive, background: what is released unscanned takes no time.
  static constexpr int32_t kFirstAccess = VSAPI_ACCESS_ON_DEMAND;
  static constexpr int32_t kLastAccess = VSAPI_ACCESS_BACKGROUND;
  static constexpr size_t kBuckets = 109;  // the last one has what took longer

  struct Reading {
    std::array<uint64_t, kBuckets> counts = {};
    uint64_t sum_ns = 0;
  };

  void Add(Timing timing, int32_t access, Duration took) {
    const size_t at = FirstNumber(timing, access);
    auto mine = numbers_.mine();
    mine.Add(at + BucketOf(took), 1);
    mine.Add(at + kBuckets, NanosecondsOf(took));
  }
  Reading Read(Timing timing, int32_t access) const;
  // Over all classes.
  uint64_t SumNs(Timing timing) const;

  static size_t BucketOf(Duration took) {
    const uint64_t units = UnitsBelow(NanosecondsOf(took));
    if (units < kSteps) return units;
    const auto octave = static_cast<unsigned>(std::bit_width(units)) - kStepBits - 1;
    return std::min<uint64_t>(octave * kSteps + (units >> octave), kBuckets - 1);
  }
  // The most nanoseconds that fall into the bucket.
  static uint64_t UpToNs(size_t bucket);

 private:
  static constexpr unsigned kStepBits = 2;
  static constexpr uint64_t kSteps = 1 << kStepBits;  // buckets to an octave
  static constexpr unsigned kUnitBits = 20;           // a unit is 2^-20 s, about 1 µs
  static constexpr size_t kNumbers = kBuckets + 1;    // of one histogram: and the sum

  // A clock that stands still is no reason to count from before.
  static uint64_t NanosecondsOf(Duration took) {
    return static_cast<uint64_t>(std::max<Duration::rep>(took.count(), 0));
  }
  // Whole units below `ns`: a bucket has its upper bound, not its lower one. 10^9 is 2^9 * 5^9.
  static uint64_t UnitsBelow(uint64_t ns) {
    return ns == 0 ? 0 : ((std::min(ns, kLongestNs) << (kUnitBits - 9)) - 1) / kFiveToTheNinth;
  }
  static constexpr uint64_t kFiveToTheNinth = 1'953'125;
  static constexpr uint64_t kLongestNs = uint64_t{1} << 50;  // 13 days

  static size_t FirstNumber(Timing timing, int32_t access) {
    const int32_t known = std::clamp(access, kFirstAccess, kLastAccess) - kFirstAccess;
    return (static_cast<size_t>(known) * kTimings + static_cast<size_t>(timing)) * kNumbers;
  }
  static constexpr size_t kClasses = kLastAccess - kFirstAccess + 1;

  // Fewer stripes than the counters have, each is long: what is timed here takes microseconds.
  Striped<kClasses * kTimings * kNumbers, 64> numbers_;
};

}  // namespace vsapi::engine
