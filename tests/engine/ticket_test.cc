// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/ticket: each slot is settled once, and who settles the last one
// knows.
#include "ticket.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/manual_clock.h"

namespace vsapi::engine {
namespace {

using std::chrono::seconds;
using test::ManualClock;

vsapi_decision Allow(const char* finding = "") {
  return MakeDecision(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED, VSAPI_VERDICT_CLEAN, finding);
}

TEST(Ticket, TellsOnlyWhoSettlesTheLastSlot) {
  Ticket ticket(3, VSAPI_ACCESS_ON_DEMAND);
  EXPECT_FALSE(ticket.Settle(1, Allow()));
  EXPECT_FALSE(ticket.Settle(0, Allow()));
  EXPECT_TRUE(ticket.Settle(2, Allow()));
}

TEST(Ticket, CountsOnlyTheFirstDecisionOnASlot) {
  Ticket ticket(2, VSAPI_ACCESS_ON_DEMAND);
  ticket.Settle(0, Allow("first"));
  EXPECT_FALSE(ticket.Settle(0, Allow("second")));
  EXPECT_TRUE(ticket.Settle(1, Allow()));
  EXPECT_FALSE(ticket.Settle(1, Allow("late")));
  EXPECT_STREQ(ticket.decisions()[0].finding, "first");
}

TEST(Ticket, CallsBackWithAllDecisions) {
  std::vector<vsapi_decision> got;
  Ticket ticket(2, VSAPI_ACCESS_ON_DEMAND, [&](const auto& decisions) { got = decisions; });
  ticket.Settle(1, Allow("b"));
  ASSERT_TRUE(ticket.Settle(0, Allow("a")));
  EXPECT_TRUE(got.empty());
  ticket.Release();
  ASSERT_EQ(got.size(), 2u);
  EXPECT_STREQ(got[0].finding, "a");
  EXPECT_STREQ(got[1].finding, "b");
}

TEST(Ticket, WakesItsBlockedCaller) {
  ManualClock clock;
  Ticket ticket(1, VSAPI_ACCESS_ON_DEMAND);
  std::thread scanner([&] {
    clock.AwaitWaiters(1);
    if (ticket.Settle(0, Allow())) ticket.Release();
  });
  EXPECT_TRUE(ticket.Wait(clock, clock.Now() + seconds(1)));
  scanner.join();
}

TEST(Ticket, LetsItsBlockedCallerGoAtTheDeadlineAndNotBefore) {
  ManualClock clock;
  Ticket ticket(1, VSAPI_ACCESS_ON_DEMAND);
  std::atomic<bool> back = false;
  std::thread caller([&, deadline = clock.Now() + seconds(10)] {
    EXPECT_FALSE(ticket.Wait(clock, deadline));
    back = true;
  });
  clock.AwaitWaiters(1);
  clock.Advance(seconds(9));
  clock.AwaitWaiters(1);  // it waits again
  EXPECT_FALSE(back);
  clock.Advance(seconds(1));
  caller.join();
}

TEST(Ticket, DoesNotWaitForWhatIsSettledOrPast) {
  ManualClock clock;
  Ticket settled(1, VSAPI_ACCESS_ON_DEMAND), open(1, VSAPI_ACCESS_ON_DEMAND);
  settled.Settle(0, Allow());
  EXPECT_TRUE(settled.Wait(clock, clock.Now() + seconds(10)));
  EXPECT_TRUE(settled.Wait(clock, clock.Now()));
  EXPECT_FALSE(open.Wait(clock, clock.Now()));
}

TEST(Ticket, IsReleasedByOneOfManyThreads) {
  constexpr size_t kSlots = 64;
  for (int round = 0; round < 20; ++round) {
    Ticket ticket(kSlots, VSAPI_ACCESS_ON_DEMAND);
    std::atomic<int> last = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (size_t slot = 0; slot < kSlots; ++slot) last += ticket.Settle(slot, Allow());
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(last, 1);
  }
}

TEST(Decision, CarriesTheCodeOfItsAnswer) {
  const vsapi_decision denied =
      MakeDecision(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_STAMP, VSAPI_VERDICT_INFECTED, "Eicar");
  EXPECT_EQ(denied.struct_size, sizeof denied);
  EXPECT_EQ(denied.code, 0x50Bu);
  EXPECT_EQ(denied.reason, VSAPI_REASON_STAMP);
  EXPECT_EQ(denied.verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_STREQ(denied.finding, "Eicar");
}

TEST(Decision, OnChangedContentAsksForAnotherTryAndOnGoneContentDoesNot) {
  EXPECT_EQ(NotThere(VSAPI_E_CHANGED).answer, VSAPI_ANSWER_IN_PROGRESS);
  EXPECT_EQ(NotThere(VSAPI_E_CHANGED).reason, VSAPI_REASON_CHANGED);
  EXPECT_EQ(NotThere(VSAPI_E_GONE).answer, VSAPI_ANSWER_UNAVAILABLE);
  EXPECT_EQ(NotThere(VSAPI_E_GONE).reason, VSAPI_REASON_GONE);
}

}  // namespace
}  // namespace vsapi::engine
