// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/deadlines: each ticket is called back at its time, in order of time.
#include "deadlines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/gate.h"
#include "support/manual_clock.h"

namespace vsapi::engine {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

// Tickets are told apart by their access class.
class DeadlinesTest : public ::testing::Test {
 protected:
  std::shared_ptr<Ticket> Add(int name, Duration in) {
    auto ticket = std::make_shared<Ticket>(1, name);
    deadlines_.Add(clock_.Now() + in, ticket);
    return ticket;
  }
  std::vector<int> expired() {
    const MutexLock lock(mutex_);
    return expired_;
  }

  test::ManualClock clock_;
  test::Steps steps_;
  Mutex mutex_;
  std::vector<int> expired_;
  Deadlines deadlines_{clock_, [this](Ticket& ticket) {
                         {
                           const MutexLock lock(mutex_);
                           expired_.push_back(ticket.access());
                         }
                         steps_.Add();
                       }};
};

TEST_F(DeadlinesTest, CallBackAtTheDeadlineAndNotBefore) {
  const auto ticket = Add(1, seconds(10));
  clock_.AwaitWaiters(1);
  clock_.Advance(seconds(9));
  clock_.AwaitWaiters(1);  // it has looked, and waits again
  EXPECT_THAT(expired(), ElementsAre());
  clock_.Advance(seconds(1));
  steps_.Await(1);
  EXPECT_THAT(expired(), ElementsAre(1));
}

TEST_F(DeadlinesTest, ComeInTheOrderOfTimeNotOfAdding) {
  const auto third = Add(3, seconds(30)), first = Add(1, seconds(10)), second = Add(2, seconds(20));
  clock_.Advance(seconds(40));
  steps_.Await(3);
  EXPECT_THAT(expired(), ElementsAre(1, 2, 3));
}

TEST_F(DeadlinesTest, WakeForAnEarlierOneAddedLater) {
  const auto late = Add(2, seconds(100));
  clock_.AwaitWaiters(1);
  const auto early = Add(1, seconds(10));
  clock_.Advance(seconds(10));
  steps_.Await(1);
  EXPECT_THAT(expired(), ElementsAre(1));
}

TEST_F(DeadlinesTest, CallBackAtOnceForWhatIsPast) {
  const auto ticket = Add(1, -seconds(1));
  steps_.Await(1);
}

TEST_F(DeadlinesTest, ForgetTicketsThatWereReleased) {
  Add(1, seconds(10)).reset();
  const auto kept = Add(2, seconds(20));
  clock_.Advance(seconds(20));
  steps_.Await(1);
  EXPECT_THAT(expired(), ElementsAre(2));
}

TEST_F(DeadlinesTest, DoNotPileUpForTicketsThatWereReleased) {
  const auto kept = Add(1, seconds(10));
  for (int i = 0; i < 10'000; ++i) Add(2, seconds(20)).reset();
  EXPECT_LE(deadlines_.kept(), 1024u);
  clock_.Advance(seconds(10));
  steps_.Await(1);
  EXPECT_THAT(expired(), ElementsAre(1));
}

TEST(Deadlines, EndWithTicketsThatStillWait) {
  test::ManualClock clock;
  const auto ticket = std::make_shared<Ticket>(1, 1);
  bool called = false;
  {
    Deadlines deadlines(clock, [&](Ticket&) { called = true; });
    deadlines.Add(clock.Now() + seconds(10), ticket);
  }
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace vsapi::engine
