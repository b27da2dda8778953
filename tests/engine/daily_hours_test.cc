// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/daily_hours.
#include "daily_hours.h"

#include <gtest/gtest.h>

namespace vsapi::engine {
namespace {

using namespace std::chrono_literals;

TEST(DailyHours, AreTwoTimesOfDay) {
  const auto hours = DailyHours::Parse("22:00-06:30");
  ASSERT_TRUE(hours);
  EXPECT_EQ(hours->begin, 22h);
  EXPECT_EQ(hours->end, 6h + 30min);
  EXPECT_TRUE(DailyHours::Parse("00:00-24:00"));
}

TEST(DailyHours, AreNothingElse) {
  for (const char* text : {"", "22-06", "22:00", "22:00-6:30", "22:00-06:60", "25:00-06:00",
                           "24:01-06:00", "24:00-06:00", "22:00-22:00", "-2:00-06:00",
                           "22:00-06:00 ", "22:00 06:00", "2a:00-06:00", "+2:00-06:00"})
    EXPECT_FALSE(DailyHours::Parse(text)) << text;
}

TEST(DailyHours, BeginLaterTodayOrTomorrow) {
  const DailyHours hours = DailyHours::Parse("09:00-17:00").value();
  EXPECT_EQ(hours.Until(8h), 1h);
  EXPECT_EQ(hours.Until(9h), 0s);
  EXPECT_EQ(hours.Until(17h - 1s), 0s);
  EXPECT_EQ(hours.Until(17h), 16h);
}

TEST(DailyHours, MayGoOverMidnight) {
  const DailyHours hours = DailyHours::Parse("22:00-06:00").value();
  EXPECT_EQ(hours.Until(21h + 59min + 59s), 1s);
  EXPECT_EQ(hours.Until(23h), 0s);
  EXPECT_EQ(hours.Until(5h + 59min), 0s);
  EXPECT_EQ(hours.Until(6h), 16h);
}

}  // namespace
}  // namespace vsapi::engine
