// SPDX-License-Identifier: Apache-2.0
//
// The specification of how a simulation counts latencies.
#include "simulate_histogram.h"

#include <gtest/gtest.h>

namespace store_sim {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// Not below, and at most a 64th and a microsecond above.
void ExpectAbout(nanoseconds found, nanoseconds truth) {
  EXPECT_GE(found, truth);
  EXPECT_LE(found, truth + truth / 64 + 1us) << truth.count();
}

TEST(LatencyHistogram, TellsPercentilesAsFineAsHdrHistograms) {
  LatencyHistogram histogram;
  for (int i = 1; i <= 10'000; ++i) histogram.Add(i * 10us);
  EXPECT_EQ(histogram.count(), 10'000u);
  ExpectAbout(histogram.Percentile(50), 50ms);
  ExpectAbout(histogram.Percentile(90), 90ms);
  ExpectAbout(histogram.Percentile(99), 99ms);
  ExpectAbout(histogram.Percentile(99.9), 99'900us);
  ExpectAbout(histogram.Percentile(100), 100ms);
}

TEST(LatencyHistogram, IsNotSparedByOneOutlier) {
  LatencyHistogram histogram;
  for (int i = 0; i < 999; ++i) histogram.Add(1ms);
  histogram.Add(7s);
  ExpectAbout(histogram.Percentile(99.9), 1ms);
  ExpectAbout(histogram.Percentile(100), 7s);
}

TEST(LatencyHistogram, HoldsEveryTimeFromAMicrosecondToAnHour) {
  for (nanoseconds time = 1us; time < 1h; time += time / 7 + 1ns)
    ExpectAbout(LatencyHistogram::UpTo(LatencyHistogram::BucketOf(time)), time);
  size_t before = 0;
  for (nanoseconds time = 1us; time < 1h; time += time / 100 + 1us) {
    const size_t bucket = LatencyHistogram::BucketOf(time);
    EXPECT_GE(bucket, before);
    before = bucket;
  }
}

TEST(LatencyHistogram, PutsWhatIsLongerIntoTheLastBucket) {
  EXPECT_EQ(LatencyHistogram::BucketOf(1000h), LatencyHistogram::kBuckets - 1);
  EXPECT_EQ(LatencyHistogram::BucketOf(-1s), 0u);
}

TEST(LatencyHistogram, HasNoPercentilesOfNothing) {
  EXPECT_EQ(LatencyHistogram().Percentile(99), 0ns);
}

TEST(LatencyHistogram, AddsUpWithOthers) {
  LatencyHistogram fast, slow;
  for (int i = 0; i < 90; ++i) fast.Add(1ms);
  for (int i = 0; i < 10; ++i) slow.Add(100ms);
  fast.Merge(slow);
  EXPECT_EQ(fast.count(), 100u);
  ExpectAbout(fast.Percentile(90), 1ms);
  ExpectAbout(fast.Percentile(91), 100ms);
}

}  // namespace
}  // namespace store_sim
