// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/counters: totals by name, exact once everybody has added.
#include "counters.h"

#include <gtest/gtest.h>

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

TEST(Counters, LoseNothingUnderManyThreads) {
  constexpr int kThreads = 40, kTimes = 1000;  // more threads than stripes
  Counters counters;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      for (int time = 0; time < kTimes; ++time) counters.Add(Counter::kBytesScanned, 3);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counters.Sum(Counter::kBytesScanned), 3u * kThreads * kTimes);
}

}  // namespace
}  // namespace vsapi::engine
