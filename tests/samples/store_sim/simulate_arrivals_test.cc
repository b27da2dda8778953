// SPDX-License-Identifier: Apache-2.0
//
// The specification of who does what when in a simulation.
#include "simulate_arrivals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace store_sim {
namespace {

using namespace std::chrono_literals;

double& Rate(Profile& profile, Action action) {
  return profile.each_day[static_cast<size_t>(action)];
}

// A whole day in 86.4 s, and so many opens in it.
Profile Day(double opens) {
  Profile profile;
  profile.mailboxes = 10;
  profile.begins = 0;
  profile.speed = 1000;
  profile.seconds = 86.4;
  profile.hours.fill(1);
  Rate(profile, Action::kOpen) = opens / 10;
  return profile;
}

std::vector<Arrival> AllOf(const Profile& profile, uint64_t seed = 1) {
  Arrivals arrivals(profile, seed);
  std::vector<Arrival> all;
  while (const auto next = arrivals.Next()) all.push_back(*next);
  return all;
}

using Facts = std::vector<std::tuple<int64_t, Action, uint64_t, uint64_t, uint64_t>>;
Facts FactsOf(const std::vector<Arrival>& arrivals) {
  Facts facts;
  for (const Arrival& each : arrivals)
    facts.emplace_back(each.at.count(), each.action, each.mailbox, each.number, each.dice);
  return facts;
}

TEST(Arrivals, AreTheSameForTheSameSeedOnly) {
  const Profile profile = Day(500);
  EXPECT_EQ(FactsOf(AllOf(profile, 7)), FactsOf(AllOf(profile, 7)));
  EXPECT_NE(FactsOf(AllOf(profile, 7)), FactsOf(AllOf(profile, 8)));
}

TEST(Arrivals, ComeInOrderAtTheirRateWithinTheTime) {
  const auto all = AllOf(Day(10'000));
  EXPECT_NEAR(static_cast<double>(all.size()), 10'000, 400);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                             [](const Arrival& a, const Arrival& b) { return a.at < b.at; }));
  EXPECT_GE(all.front().at, 0s);
  EXPECT_LT(all.back().at, 86400ms);
}

TEST(Arrivals, ComeAtRandomAndNotInStep) {
  const auto all = AllOf(Day(10'000));
  size_t short_gaps = 0;
  for (size_t i = 1; i < all.size(); ++i)
    short_gaps += all[i].at - all[i - 1].at < 864us;  // a tenth of the mean
  EXPECT_NEAR(static_cast<double>(short_gaps) / static_cast<double>(all.size()), 0.095, 0.02);
}

TEST(Arrivals, FollowTheHoursOfTheDay) {
  Profile profile = Day(10'000);
  profile.hours.fill(0);
  profile.hours[9] = 3;
  profile.hours[14] = 1;
  std::map<int64_t, size_t> by_hour;
  for (const Arrival& each : AllOf(profile)) ++by_hour[each.at / 3600ms];
  ASSERT_EQ(by_hour.size(), 2u);
  EXPECT_NEAR(static_cast<double>(by_hour[9]), 7'500, 350);
  EXPECT_NEAR(static_cast<double>(by_hour[14]), 2'500, 250);
}

TEST(Arrivals, BeginInTheHourInWhichTheDayBegins) {
  Profile profile = Day(10'000);
  profile.hours.fill(0);
  profile.hours[23] = 1;
  profile.begins = 22 * 3600 + 1800;
  const auto all = AllOf(profile);
  EXPECT_GE(all.front().at, 1800ms);
  EXPECT_LT(all.back().at, 5400ms);
}

TEST(Arrivals, AreOfEachActionAsOftenAsItIsWanted) {
  Profile profile = Day(3'000);
  Rate(profile, Action::kDeliver) = 700;
  std::map<Action, size_t> by_action;
  std::set<uint64_t> mailboxes;
  for (const Arrival& each : AllOf(profile)) {
    ++by_action[each.action];
    mailboxes.insert(each.mailbox);
  }
  ASSERT_EQ(by_action.size(), 2u);
  EXPECT_NEAR(static_cast<double>(by_action[Action::kOpen]), 3'000, 250);
  EXPECT_NEAR(static_cast<double>(by_action[Action::kDeliver]), 7'000, 350);
  EXPECT_EQ(mailboxes.size(), 10u);
}

TEST(Arrivals, ComeAllAtOnceAtAMomentOfEachDay) {
  Profile profile = Day(0);
  profile.begins = 8 * 3600;
  profile.seconds = 2 * 86.4;
  profile.moments.push_back({7 * 3600});
  profile.moments.back().counts[static_cast<size_t>(Action::kDeliver)] = 3;
  const auto all = AllOf(profile);
  ASSERT_EQ(all.size(), 6u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(all[i].at, 82'800ms);
  for (size_t i = 3; i < 6; ++i) EXPECT_EQ(all[i].at, 82'800ms + 86'400ms);
}

TEST(Arrivals, WaitForNobodysTimeInAClosedLoop) {
  Profile profile = Day(1'000);
  profile.closed = true;
  profile.think_seconds = 2;
  profile.moments.push_back({3600});
  profile.moments.back().counts[static_cast<size_t>(Action::kDefinitions)] = 1;
  Arrivals arrivals(profile, 1);
  std::chrono::nanoseconds thought{};
  for (int i = 0; i < 10'000; ++i) {
    const auto next = arrivals.Choose();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->arrival.action, Action::kOpen);
    thought += next->think;
  }
  EXPECT_NEAR(static_cast<double>(thought / 10'000 / 1ms), 2'000, 100);
  ASSERT_TRUE(arrivals.Next());
  EXPECT_FALSE(arrivals.Next());
}

}  // namespace
}  // namespace store_sim
