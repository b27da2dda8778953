// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/deadlines: each ticket is called back at its time, in order of time.
#include "deadlines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "support/gate.h"
#include "support/manual_clock.h"

namespace vsapi::engine {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

// Tickets are told apart by their access class.
class DeadlinesTest : public ::testing::Test {
 protected:
  ~DeadlinesTest() override {
    for (Ticket& ticket : tickets_) deadlines_.Remove(ticket);
  }

  Ticket& Add(int name, Duration in) {
    Ticket& ticket = tickets_.emplace_back();
    ticket.Open(1, name, nullptr, &nobody_);
    deadlines_.Add(ticket, clock_.Now() + in);
    return ticket;
  }
  std::vector<int> expired() {
    const MutexLock lock(mutex_);
    return expired_;
  }

  struct Nobody final : Ticket::Caller {
    void Answered(Ticket&) override {}
  };

  test::ManualClock clock_;
  test::Steps steps_;
  Nobody nobody_;
  std::deque<Ticket> tickets_;
  Mutex mutex_;
  std::vector<int> expired_;
  Deadlines deadlines_{clock_, [this](Ticket& ticket) {
                         {
                           const MutexLock lock(mutex_);
                           expired_.push_back(ticket.access());
                         }
                         ticket.Release();
                         steps_.Add();
                       }};
};

TEST_F(DeadlinesTest, CallBackAtTheDeadlineAndNotBefore) {
  Add(1, seconds(10));
  clock_.AwaitWaiters(1);
  clock_.Advance(seconds(9));
  clock_.AwaitWaiters(1);  // it has looked, and waits again
  EXPECT_THAT(expired(), ElementsAre());
  clock_.Advance(seconds(1));
  steps_.Await(1);
  EXPECT_THAT(expired(), ElementsAre(1));
}

TEST_F(DeadlinesTest, ComeInTheOrderOfTimeNotOfAdding) {
  Add(3, seconds(30));
  Add(1, seconds(10));
  Add(2, seconds(20));
  clock_.Advance(seconds(40));
  steps_.Await(3);
  EXPECT_THAT(expired(), ElementsAre(1, 2, 3));
}

TEST_F(DeadlinesTest, WakeForAnEarlierOneAddedLater) {
  Add(2, seconds(100));
  clock_.AwaitWaiters(1);
  Add(1, seconds(10));
  clock_.Advance(seconds(10));
  steps_.Await(1);
  EXPECT_THAT(expired(), ElementsAre(1));
}

TEST_F(DeadlinesTest, CallBackAtOnceForWhatIsPast) {
  Add(1, -seconds(1));
  steps_.Await(1);
}

TEST_F(DeadlinesTest, ForgetTicketsThatWereRemoved) {
  Ticket& removed = Add(1, seconds(10));
  Add(2, seconds(20));
  deadlines_.Remove(removed);
  deadlines_.Remove(removed);  // as the one that expires at this moment is
  clock_.Advance(seconds(20));
  steps_.Await(1);
  EXPECT_THAT(expired(), ElementsAre(2));
}

TEST_F(DeadlinesTest, LeaveTicketsAloneThatAreJustBeingAnswered) {
  Ticket& answered = Add(1, seconds(10));
  answered.Settle(0, {});
  answered.Release();  // and who did that has not come to remove it yet
  Add(2, seconds(10));
  clock_.Advance(seconds(10));
  steps_.Await(1);
  EXPECT_THAT(expired(), ElementsAre(2));
}

TEST_F(DeadlinesTest, KeepATicketFromBeingAnsweredWhileItExpires) {
  Ticket& ticket = Add(1, seconds(10));
  ticket.Release();
  clock_.Advance(seconds(10));
  steps_.Await(1);
  EXPECT_TRUE(ticket.Hold());  // still open: the hold of the deadline was released, no slot settled
}

TEST_F(DeadlinesTest, AreNotWokenByALaterDeadlineThanTheirSleep) {
  Ticket& first = Add(1, seconds(10));
  clock_.AwaitWaiters(1);
  deadlines_.Remove(first);
  Add(2, seconds(20));  // the thread sleeps on until the time of the first one
  clock_.Advance(seconds(10));
  clock_.AwaitWaiters(1);
  EXPECT_THAT(expired(), ElementsAre());
  clock_.Advance(seconds(10));
  steps_.Await(1);
  EXPECT_THAT(expired(), ElementsAre(2));
}

TEST(Deadlines, EndWithTicketsThatStillWait) {
  test::ManualClock clock;
  Ticket ticket;
  vsapi_decision decision;
  ticket.Open(1, 1, &decision, nullptr);
  bool called = false;
  {
    Deadlines deadlines(clock, [&](Ticket&) { called = true; });
    deadlines.Add(ticket, clock.Now() + seconds(10));
  }
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace vsapi::engine
