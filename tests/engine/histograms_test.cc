// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/histograms: which bucket a time falls into, how far apart the bounds
// are, and that nothing is lost.
#include "histograms.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace vsapi::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr size_t kLast = Histograms::kBuckets - 1;

Duration UpTo(size_t bucket) {
  return Duration(static_cast<Duration::rep>(Histograms::UpToNs(bucket)));
}

uint64_t CountOf(const Histograms::Reading& reading) {
  return std::accumulate(reading.counts.begin(), reading.counts.end(), uint64_t{0});
}

TEST(Histograms, PutATimeIntoTheBucketThatEndsWithIt) {
  for (size_t bucket = 0; bucket < kLast; ++bucket) {
    EXPECT_EQ(Histograms::BucketOf(UpTo(bucket)), bucket);
    EXPECT_EQ(Histograms::BucketOf(UpTo(bucket) + nanoseconds(1)), bucket + 1);
  }
}

TEST(Histograms, HaveBoundsThatAreAMicrosecondOrAQuarterApart) {
  for (size_t bucket = 1; bucket < kLast; ++bucket) {
    const Duration before = UpTo(bucket - 1);
    const Duration apart = UpTo(bucket) - before;
    EXPECT_GT(apart, Duration::zero());
    EXPECT_LE(apart, std::max(nanoseconds(1000), before / 4 + nanoseconds(1))) << bucket;
  }
}

TEST(Histograms, HaveABoundAtTheHealthRuleForAVendorCall) {
  EXPECT_EQ(UpTo(Histograms::BucketOf(milliseconds(2500))), milliseconds(2500));
}

TEST(Histograms, TakeEveryTime) {
  EXPECT_EQ(Histograms::BucketOf(nanoseconds(0)), 0u);
  EXPECT_EQ(Histograms::BucketOf(nanoseconds(-1)), 0u);
  EXPECT_EQ(Histograms::BucketOf(std::chrono::seconds(256)), kLast - 1);
  EXPECT_EQ(Histograms::BucketOf(std::chrono::seconds(257)), kLast);
  EXPECT_EQ(Histograms::BucketOf(Duration::max()), kLast);
  EXPECT_EQ(Histograms::UpToNs(kLast), UINT64_MAX);
}

TEST(Histograms, AreKeptApartByTimingAndClass) {
  Histograms histograms;
  int64_t took = 0;
  for (int timing = 0; timing < kTimings; ++timing)
    for (int32_t access = Histograms::kFirstAccess; access <= Histograms::kLastAccess; ++access)
      histograms.Add(static_cast<Timing>(timing), access, milliseconds(++took));
  took = 0;
  for (int timing = 0; timing < kTimings; ++timing)
    for (int32_t access = Histograms::kFirstAccess; access <= Histograms::kLastAccess; ++access) {
      const auto reading = histograms.Read(static_cast<Timing>(timing), access);
      EXPECT_EQ(CountOf(reading), 1u);
      EXPECT_EQ(reading.counts[Histograms::BucketOf(milliseconds(++took))], 1u);
      EXPECT_EQ(Duration(reading.sum_ns), milliseconds(took));
    }
}

TEST(Histograms, SumUpOverAllClasses) {
  Histograms histograms;
  histograms.Add(Timing::kVendorTime, VSAPI_ACCESS_ON_DEMAND, milliseconds(1));
  histograms.Add(Timing::kVendorTime, VSAPI_ACCESS_BACKGROUND, milliseconds(2));
  histograms.Add(Timing::kQueueWait, VSAPI_ACCESS_BACKGROUND, milliseconds(4));
  EXPECT_EQ(Duration(histograms.SumNs(Timing::kVendorTime)), milliseconds(3));
}

TEST(Histograms, LoseNothingHoweverManyThreadsAddAtOnce) {
  constexpr size_t kThreads = 100, kTimes = 200;  // more than there are stripes
  Histograms histograms;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      for (size_t time = 0; time < kTimes; ++time)
        histograms.Add(Timing::kQueueWait, VSAPI_ACCESS_TRANSPORT, nanoseconds(3));
    });
  for (std::thread& thread : threads) thread.join();
  const auto reading = histograms.Read(Timing::kQueueWait, VSAPI_ACCESS_TRANSPORT);
  EXPECT_EQ(CountOf(reading), kThreads * kTimes);
  EXPECT_EQ(reading.sum_ns, 3 * kThreads * kTimes);
}

TEST(Histograms, HaveANameEachOfTheirOwn) {
  std::set<std::string> names;
  for (int i = 0; i < kTimings; ++i) names.insert(NameOf(static_cast<Timing>(i)));
  EXPECT_EQ(names, (std::set<std::string>{"Queue Wait", "Vendor Time", "Total Wait"}));
}

}  // namespace
}  // namespace vsapi::engine
