// SPDX-License-Identifier: Apache-2.0
//
// Percentiles out of the engine's histograms, the queue's history, and whose time a trace was.
#include "latencies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>
#include <sstream>

#include "queue_history.h"
#include "trace_run.h"

namespace store_sim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr int64_t kMs = 1'000'000;

vsapi::Histogram Timed(const std::vector<uint64_t>& counts) {
  vsapi::Histogram histogram{"Queue Wait", VSAPI_ACCESS_ON_DEMAND, 0};
  for (size_t i = 0; i < counts.size(); ++i)
    histogram.buckets.push_back({i + 1 == counts.size() ? UINT64_MAX : (i + 1) * kMs, counts[i]});
  return histogram;
}

TEST(Latencies, GiveTheBoundThatSoManyStayedWithin) {
  const vsapi::Histogram histogram = Timed({50, 40, 9, 1, 0});
  EXPECT_EQ(CountOf(histogram), 100u);
  EXPECT_EQ(PercentileNs(histogram, 50), 1u * kMs);
  EXPECT_EQ(PercentileNs(histogram, 51), 2u * kMs);
  EXPECT_EQ(PercentileNs(histogram, 90), 2u * kMs);
  EXPECT_EQ(PercentileNs(histogram, 99), 3u * kMs);
  EXPECT_EQ(PercentileNs(histogram, 100), 4u * kMs);
}

TEST(Latencies, OfASingleScanAreItsOwn) {
  for (const unsigned percent : {50u, 90u, 99u})
    EXPECT_EQ(PercentileNs(Timed({0, 1, 0}), percent), 2u * kMs);
}

TEST(Latencies, AreZeroWhereNothingWasTimed) { EXPECT_EQ(PercentileNs(Timed({0, 0}), 90), 0u); }

TEST(Latencies, EndWithTheGreatestBound) {
  EXPECT_EQ(PercentileNs(Timed({0, 0, 5}), 50), 2u * kMs);
}

TEST(Latencies, AreShownOfWhatWasTimedAlone) {
  const json latencies = LatenciesJson({Timed({1, 1, 0}), Timed({0, 0, 0})});
  ASSERT_EQ(latencies.size(), 1u);
  EXPECT_EQ(latencies[0]["access"], "on-demand");
  EXPECT_EQ(latencies[0]["p90_ns"], 2 * kMs);
  std::ostringstream text;
  PrintLatencies(latencies, text);
  EXPECT_THAT(text.str(), HasSubstr("Queue Wait  on-demand      2  1.000 ms  2.000 ms  2.000 ms"));
}

TEST(QueueHistory, GivesWhatNineOfTenLooksDidNotExceed) {
  QueueHistory history;
  EXPECT_EQ(history.Percentile90(), 0u);
  for (uint64_t length = 1; length <= 10; ++length) history.Add(length);
  EXPECT_EQ(history.Percentile90(), 9u);
}

TEST(QueueHistory, ForgetsWhatWasLongAgo) {
  QueueHistory history;
  for (size_t i = 0; i < QueueHistory::kKept; ++i) history.Add(100);
  for (size_t i = 0; i < QueueHistory::kKept; ++i) history.Add(1);
  EXPECT_EQ(history.Percentile90(), 1u);
}

TEST(EachSecond, WorksAgainAndAgain) {
  std::promise<void> twice;
  int times = 0;
  const EachSecond second([&] {
    if (++times == 2) twice.set_value();
  });
  EXPECT_EQ(twice.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
}

vsapi::Trace Steps() {
  vsapi::Trace trace = {};
  trace.queued_ns = 1 * kMs;
  trace.taken_ns = 3 * kMs;
  trace.opened_ns = 7 * kMs;
  trace.called_ns = 15 * kMs;
  trace.returned_ns = 31 * kMs;
  trace.durable_ns = 63 * kMs;
  trace.released_ns = 64 * kMs;
  trace.reading_ns = 2 * kMs;
  return trace;
}

TEST(Shares, TellTheStoresTimeFromTheVendors) {
  const Shares shares = SharesOf(Steps());
  EXPECT_EQ(shares.queue_ns, 2 * kMs);
  EXPECT_EQ(shares.store_ns, (1 + 4 + 2 + 32) * kMs);
  EXPECT_EQ(shares.vendor_ns, (8 + 16 - 2) * kMs);
}

TEST(Shares, LeaveOutWhatWasBeforeTheCallThatJoined) {
  vsapi::Trace trace = Steps();
  trace.taken_ns = -20 * kMs;
  trace.opened_ns = VSAPI_NEVER;
  trace.called_ns = -10 * kMs;
  trace.reading_ns = VSAPI_NEVER;
  trace.durable_ns = VSAPI_NEVER;
  const Shares shares = SharesOf(trace);
  EXPECT_EQ(shares.queue_ns, 0);
  EXPECT_EQ(shares.store_ns, 1 * kMs);
  EXPECT_EQ(shares.vendor_ns, 30 * kMs);
}

TEST(Shares, AreNothingWithoutAScan) {
  vsapi::Trace trace = {};
  for (int64_t vsapi::Trace::*step :
       {&vsapi::Trace::queued_ns, &vsapi::Trace::taken_ns, &vsapi::Trace::opened_ns,
        &vsapi::Trace::called_ns, &vsapi::Trace::returned_ns, &vsapi::Trace::durable_ns,
        &vsapi::Trace::reading_ns})
    trace.*step = VSAPI_NEVER;
  const Shares shares = SharesOf(trace);
  EXPECT_EQ(shares.queue_ns + shares.store_ns + shares.vendor_ns, 0);
}

}  // namespace
}  // namespace store_sim
