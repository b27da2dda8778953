// SPDX-License-Identifier: Apache-2.0
//
// How often something took how long, as HdrHistogram counts it: buckets of at most a 64th of their
// value from 1 µs to over an hour, so a percentile is at most 1.6 % above the truth. The engine's
// own histograms are coarser (25 %), and of scans, not of clients.
//
// Thread safety: one thread at a time.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace store_sim {

class LatencyHistogram {
 public:
  static constexpr size_t kBuckets = 27 * 64;

  void Add(std::chrono::nanoseconds took) { AddTo(BucketOf(took), 1); }
  void AddTo(size_t bucket, uint64_t count);
  void Merge(const LatencyHistogram& other);

  uint64_t count() const { return count_; }
  uint64_t count_in(size_t bucket) const { return counts_[bucket]; }

  // What so many percent did not exceed; 0 of none.
  std::chrono::nanoseconds Percentile(double percent) const;

  static size_t BucketOf(std::chrono::nanoseconds took);
  // The most that falls into it.
  static std::chrono::nanoseconds UpTo(size_t bucket);

 private:
  std::array<uint64_t, kBuckets> counts_ = {};
  uint64_t count_ = 0;
};

}  // namespace store_sim
