// SPDX-License-Identifier: Apache-2.0
#include "histograms.h"

namespace vsapi::engine {

const char* NameOf(Timing timing) {
  static constexpr const char* kNames[kTimings] = {"Queue Wait", "Vendor Time", "Total Wait"};
  return kNames[static_cast<size_t>(timing)];
}

Histograms::Reading Histograms::Read(Timing timing, int32_t access) const {
  const size_t at = FirstNumber(timing, access);
  Reading reading;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket)
    reading.counts[bucket] = numbers_.Sum(at + bucket);
  reading.sum_ns = numbers_.Sum(at + kBuckets);
  return reading;
}

uint64_t Histograms::SumNs(Timing timing) const {
  uint64_t sum = 0;
  for (int32_t access = kFirstAccess; access <= kLastAccess; ++access)
    sum += numbers_.Sum(FirstNumber(timing, access) + kBuckets);
  return sum;
}

uint64_t Histograms::UpToNs(size_t bucket) {
  if (bucket >= kBuckets - 1) return UINT64_MAX;
  const size_t next = bucket + 1;
  const uint64_t octave = next < kSteps ? 0 : next / kSteps - 1;
  const uint64_t units = (next - octave * kSteps) << octave;
  return (units * kFiveToTheNinth) >> (kUnitBits - 9);
}

}  // namespace vsapi::engine
