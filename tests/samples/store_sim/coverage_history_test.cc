// SPDX-License-Identifier: Apache-2.0
//
// The specification of samples/store_sim/coverage_history.
#include "coverage_history.h"

#include <gtest/gtest.h>

namespace store_sim {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(CoverageHistory, TellsHowManyItemsBecomeCurrentInASecond) {
  CoverageHistory history;
  EXPECT_EQ(history.PerSecond("mdb1"), 0);
  history.Add("mdb1", 100, 0);
  EXPECT_EQ(history.PerSecond("mdb1"), 0);
  history.Add("mdb1", 150, 5 * kSecond);
  history.Add("mdb1", 200, 10 * kSecond);
  EXPECT_EQ(history.PerSecond("mdb1"), 10);
  EXPECT_EQ(history.PerSecond("mdb2"), 0);
}

TEST(CoverageHistory, ForgetsWhatIsLongerAgoThanAMinute) {
  CoverageHistory history;
  history.Add("mdb1", 0, 0);
  history.Add("mdb1", 6000, 30 * kSecond);
  history.Add("mdb1", 6060, 90 * kSecond);
  EXPECT_EQ(history.PerSecond("mdb1"), 1);
}

TEST(CoverageHistory, BeginsAnewWhereItemsAreNoLongerCurrent) {
  CoverageHistory history;
  history.Add("mdb1", 0, 0);
  history.Add("mdb1", 500, 5 * kSecond);
  history.Add("mdb1", 10, 10 * kSecond);
  EXPECT_EQ(history.PerSecond("mdb1"), 0);
  history.Add("mdb1", 30, 20 * kSecond);
  EXPECT_EQ(history.PerSecond("mdb1"), 2);
}

}  // namespace
}  // namespace store_sim
