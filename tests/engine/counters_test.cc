// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/counters: totals by name, exact once everybody has added.
#include "counters.h"

#include <gtest/gtest.h>

#include <barrier>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace vsapi::engine {
namespace {

TEST(Counters, BeginAtZero) {
  const Counters counters;
  for (int i = 0; i < kCounters; ++i) EXPECT_EQ(counters.Sum(static_cast<Counter>(i)), 0u);
}

TEST(Counters, AreKeptApart) {
  Counters counters;
  for (int i = 0; i < kCounters; ++i)
    counters.Add(static_cast<Counter>(i), 10u + static_cast<unsigned>(i));
  for (int i = 0; i < kCounters; ++i)
    EXPECT_EQ(counters.Sum(static_cast<Counter>(i)), 10u + static_cast<unsigned>(i));
}

TEST(Counters, HaveANameEachOfTheirOwn) {
  std::set<std::string> names;
  for (int i = 0; i < kCounters; ++i) names.insert(NameOf(static_cast<Counter>(i)));
  EXPECT_EQ(names.size(), static_cast<size_t>(kCounters));
  EXPECT_FALSE(names.contains(""));
  EXPECT_TRUE(names.contains("Virus Scan Files Scanned"));
}

TEST(Counters, LoseNothingHoweverManyThreadsAddAtOnce) {
  constexpr size_t kThreads = (StripeOfThread::kMost + 1) + 50, kTimes = 200;
  Counters counters;
  std::barrier all_live(kThreads);  // so that the last ones find no stripe of their own
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      counters.Add(Counter::kStampHits);
      all_live.arrive_and_wait();
      for (size_t time = 0; time < kTimes; ++time) counters.Add(Counter::kBytesScanned, 3);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counters.Sum(Counter::kStampHits), kThreads);
  EXPECT_EQ(counters.Sum(Counter::kBytesScanned), 3u * kThreads * kTimes);
}

TEST(Counters, KeepWhatThreadsHaveAddedThatEnded) {
  constexpr size_t kThreads = 3 * (StripeOfThread::kMost + 1);
  Counters counters;
  for (size_t i = 0; i < kThreads; ++i) std::thread([&] { counters.Add(Counter::kJoins); }).join();
  EXPECT_EQ(counters.Sum(Counter::kJoins), kThreads);
}

TEST(Counters, OfTwoEnginesAreTwo) {
  Counters one, other;
  one.Add(Counter::kJoins);
  EXPECT_EQ(other.Sum(Counter::kJoins), 0u);
}

}  // namespace
}  // namespace vsapi::engine
