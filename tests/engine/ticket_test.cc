// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/ticket: whoever settles the last slot wakes or calls the one caller.
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

// An asynchronous caller that counts its answers.
struct Caller final : Ticket::Caller {
  void Answered(Ticket& ticket) override {
    ++answers;
    got.assign(ticket.decisions(), ticket.decisions() + ticket.slots());
  }
  std::atomic<int> answers = 0;
  std::vector<vsapi_decision> got;
};

// A blocking caller's ticket, whose asker has let go.
class Blocking {
 public:
  explicit Blocking(size_t slots) : decisions(slots) {
    ticket.Open(slots, VSAPI_ACCESS_ON_DEMAND, decisions.data(), nullptr);
    ticket.Release();
  }
  std::vector<vsapi_decision> decisions;
  Ticket ticket;
};

TEST(Ticket, CallsBackOnceWithAllDecisions) {
  Caller caller;
  Ticket ticket;
  ticket.Open(2, VSAPI_ACCESS_ON_DEMAND, nullptr, &caller);
  ticket.Release();
  ticket.Settle(1, Allow("b"));
  EXPECT_EQ(caller.answers, 0);
  ticket.Settle(0, Allow("a"));
  EXPECT_EQ(caller.answers, 1);
  ASSERT_EQ(caller.got.size(), 2u);
  EXPECT_STREQ(caller.got[0].finding, "a");
  EXPECT_STREQ(caller.got[1].finding, "b");
}

TEST(Ticket, IsNotSettledBeforeTheAskerLetsGo) {
  Caller caller;
  Ticket ticket;
  ticket.Open(1, VSAPI_ACCESS_ON_DEMAND, nullptr, &caller);
  EXPECT_TRUE(ticket.is_waiting());
  ticket.Settle(0, Allow());
  EXPECT_FALSE(ticket.is_waiting());
  EXPECT_EQ(caller.answers, 0);
  ticket.Release();
  EXPECT_EQ(caller.answers, 1);
}

TEST(Ticket, CanBeHeldOnlyUntilItIsSettled) {
  Caller caller;
  Ticket ticket;
  ticket.Open(1, VSAPI_ACCESS_ON_DEMAND, nullptr, &caller);
  ticket.Release();
  EXPECT_TRUE(ticket.Hold());
  ticket.Settle(0, Allow());
  EXPECT_EQ(caller.answers, 0);
  ticket.Release();
  EXPECT_EQ(caller.answers, 1);
  EXPECT_FALSE(ticket.Hold());
}

TEST(Ticket, WritesABlockedCallersDecisionsInPlace) {
  Blocking blocking(2);
  blocking.ticket.Settle(1, Allow("b"));
  EXPECT_STREQ(blocking.decisions[1].finding, "b");
}

TEST(Ticket, WakesItsBlockedCaller) {
  ManualClock clock;
  Blocking blocking(3);
  std::thread scanner([&] {
    clock.AwaitWaiters(1);
    for (size_t slot = 0; slot < 3; ++slot) blocking.ticket.Settle(slot, Allow());
  });
  EXPECT_TRUE(blocking.ticket.Wait(clock, clock.Now() + seconds(1)));
  scanner.join();
}

TEST(Ticket, LetsItsBlockedCallerGoAtTheDeadlineAndNotBefore) {
  ManualClock clock;
  Blocking blocking(1);
  std::atomic<bool> back = false;
  std::thread caller([&, deadline = clock.Now() + seconds(10)] {
    EXPECT_FALSE(blocking.ticket.Wait(clock, deadline));
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
  Blocking settled(1), open(1);
  settled.ticket.Settle(0, Allow());
  EXPECT_TRUE(settled.ticket.Wait(clock, clock.Now() + seconds(10)));
  EXPECT_TRUE(settled.ticket.Wait(clock, clock.Now()));
  EXPECT_FALSE(open.ticket.Wait(clock, clock.Now()));
}

TEST(Ticket, IsAnsweredOnceByOneOfManyThreads) {
  constexpr size_t kThreads = 4, kSlotsEach = 16;
  Ticket ticket;
  for (int life = 0; life < 20; ++life) {
    Caller caller;
    ticket.Open(kThreads * kSlotsEach, VSAPI_ACCESS_ON_DEMAND, nullptr, &caller);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kThreads; ++i)
      threads.emplace_back([&, i] {
        for (size_t slot = 0; slot < kSlotsEach; ++slot)
          ticket.Settle(i * kSlotsEach + slot, Allow());
      });
    ticket.Release();
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(caller.answers, 1);
  }
}

TEST(TicketStock, GivesATicketAgainThatWasPutBack) {
  TicketStock stock;
  Ticket& first = stock.Take();
  Ticket& second = stock.Take();
  EXPECT_NE(&first, &second);
  stock.PutBack(first);
  EXPECT_EQ(&stock.Take(), &first);
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

TEST(Ticket, KnowsWhoAsks) {
  Ticket ticket;
  ticket.Open(0, VSAPI_ACCESS_TRANSPORT, nullptr, nullptr);
  const TimePoint now{seconds(5)};
  ticket.Introduce("imap", (std::string(62, 'x') + "\u00e9").c_str(), now);
  EXPECT_STREQ(ticket.asker().client, "imap");
  EXPECT_EQ(ticket.asker().user, std::string(62, 'x'));  // no half character
  EXPECT_EQ(ticket.asker().access, VSAPI_ACCESS_TRANSPORT);
  EXPECT_EQ(ticket.asker().at, now);
  ticket.Introduce("\xff", nullptr, now);
  EXPECT_STREQ(ticket.asker().client, "");
  EXPECT_STREQ(ticket.asker().user, "");
}

}  // namespace
}  // namespace vsapi::engine
