// SPDX-License-Identifier: Apache-2.0
#include "simulate_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace store_sim {
namespace {

constexpr unsigned kStepBits = 6;
constexpr uint64_t kSteps = 1 << kStepBits;  // buckets to a power of two

}  // namespace

void LatencyHistogram::AddTo(size_t bucket, uint64_t count) {
  counts_[std::min(bucket, kBuckets - 1)] += count;
  count_ += count;
}

void LatencyHistogram::Merge(const LatencyHistogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
}

std::chrono::nanoseconds LatencyHistogram::Percentile(double percent) const {
  if (count_ == 0) return {};
  const double share = std::ceil(static_cast<double>(count_) * percent / 100);
  const auto wanted = std::max<uint64_t>(static_cast<uint64_t>(share), 1);
  size_t bucket = 0;
  for (uint64_t seen = counts_[0]; seen < wanted && bucket + 1 < kBuckets; seen += counts_[bucket])
    ++bucket;
  return UpTo(bucket);
}

size_t LatencyHistogram::BucketOf(std::chrono::nanoseconds took) {
  const auto us = static_cast<uint64_t>(std::max<int64_t>(took.count(), 0)) / 1000;
  if (us < kSteps) return us;
  const auto octave = static_cast<unsigned>(std::bit_width(us)) - kStepBits - 1;
  return std::min<size_t>(octave * kSteps + (us >> octave), kBuckets - 1);
}

std::chrono::nanoseconds LatencyHistogram::UpTo(size_t bucket) {
  const size_t next = bucket + 1;
  const uint64_t octave = next < 2 * kSteps ? 0 : next / kSteps - 1;
  const auto us = (next - octave * kSteps) << octave;
  return std::chrono::nanoseconds(static_cast<int64_t>(us) * 1000);
}

}  // namespace store_sim
