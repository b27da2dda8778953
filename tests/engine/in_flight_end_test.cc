// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/in_flight, its end: nobody who waits is forgotten, and nobody is
// answered twice, however a request ends.
#include <random>
#include <thread>

#include "engine/in_flight_fixture.h"

namespace vsapi::engine {
namespace {

using Dropped = InFlight::Dropped;

// ---- Waiters that leave -------------------------------------------------------------------------

TEST_F(InFlightTest, LetsAWaiterLeaveWhileTheScanGoesOn) {
  Ticket &leaves = NewTicket(), &stays = NewTicket();
  Ask(1, 10, leaves);
  Ask(1, 11, stays);
  EXPECT_TRUE(in_flight_.Expire(leaves, kTimedOut));
  EXPECT_EQ(DecisionOf(leaves).reason, VSAPI_REASON_TIMED_OUT);
  EXPECT_EQ(released_, 1);
  EXPECT_THAT(RunThrough(TakeAndBegin()), ElementsAre(10, 11));  // its item still gets the stamp
  EXPECT_EQ(ResultOf(stays), "1");
  EXPECT_EQ(DecisionOf(leaves).reason, VSAPI_REASON_TIMED_OUT);
  EXPECT_EQ(released_, 2);
}

TEST_F(InFlightTest, ExpiresOnlyTheSlotsThatAreOpen) {
  Ticket& message = NewTicket(VSAPI_ACCESS_ON_DEMAND, 3);
  for (uint32_t slot = 0; slot < 3; ++slot) Ask(slot, slot, message, 1, slot);
  RunThrough(TakeAndBegin());
  EXPECT_TRUE(in_flight_.Expire(message, kTimedOut));
  EXPECT_EQ(message.decisions()[0].reason, VSAPI_REASON_SCANNED);
  EXPECT_EQ(message.decisions()[1].reason, VSAPI_REASON_TIMED_OUT);
  EXPECT_EQ(message.decisions()[2].reason, VSAPI_REASON_TIMED_OUT);
  EXPECT_EQ(released_, 1);
}

TEST_F(InFlightTest, ExpiresNothingTwice) {
  Ticket& ticket = NewTicket();
  Ask(1, 10, ticket);
  RunThrough(TakeAndBegin());
  EXPECT_FALSE(in_flight_.Expire(ticket, kTimedOut));
  EXPECT_EQ(released_, 1);
}

// ---- Results that hold for one item alone -------------------------------------------------------

TEST_F(InFlightTest, QueuesTheOthersAgainWhenAResultHoldsForOneItemAlone) {
  Ticket &a = NewTicket(), &b = NewTicket(), &c = NewTicket();
  Ask(1, 10, a);
  Ask(1, 11, b);
  Ask(1, 12, c);
  ScanRun& run = TakeAndBegin();
  const Targets first = in_flight_.Claim(run, true, true);
  EXPECT_THAT(KeysOf(first), ElementsAre(10));
  EXPECT_TRUE(Finish(run, first, true).empty());
  EXPECT_EQ(released_, 1);
  EXPECT_EQ(in_flight_.scanning(), 0u);
  EXPECT_EQ(Ask(1, 13, NewTicket(), 2), Admitted::kJoined);  // pending again, under no generation

  ScanRun& again = TakeAndBegin();
  EXPECT_EQ(KeyOf(again.item), 11u);
  EXPECT_THAT(RunThrough(again), ElementsAre(11, 12, 13));
  EXPECT_EQ(ResultOf(b), "0");
  EXPECT_EQ(ResultOf(c), "1");
  ExpectEmpty();
}

TEST_F(InFlightTest, EndsWithAnItemScopedResultOnTheOnlyItem) {
  Ask(1, 10, NewTicket());
  ScanRun& run = TakeAndBegin();
  Finish(run, in_flight_.Claim(run, true, true), true);
  EXPECT_EQ(released_, 1);
  ExpectEmpty();
}

TEST_F(InFlightTest, QueuesAgainInTheLowLaneWhatNobodyWaitsFor) {
  Submit(1, 10, 1);
  Submit(1, 11, 1);
  ScanRun& run = TakeAndBegin();
  Submit(2, 20, 1);  // fills the lane
  Finish(run, in_flight_.Claim(run, true, true), true);
  EXPECT_EQ(queue_.depth().high, 0u);
  EXPECT_EQ(queue_.depth().low, 2u);  // past its limit, but not lost
}

TEST_F(InFlightTest, NeverLeavesTwoRequestsForOneContentBehind) {
  Ask(1, 10, NewTicket(), 1);
  Ask(1, 11, NewTicket(), 1);
  Ask(1, 12, NewTicket(), 1);
  ScanRun& old = TakeAndBegin();
  Ask(1, 11, NewTicket(), 2);  // of a newer generation: a request of its own
  EXPECT_EQ(in_flight_.size(), 2u);
  Finish(old, in_flight_.Claim(old, true, true), true);
  EXPECT_EQ(in_flight_.size(), 1u);  // what the old one left has joined the newer one
  EXPECT_THAT(RunThrough(TakeAndBegin()), ElementsAre(11, 12));
  EXPECT_EQ(released_, 4);
  ExpectEmpty();
}

TEST_F(InFlightTest, PromotesTheNewerRequestThatWaitersOfAnOlderOneJoin) {
  Ask(1, 10, NewTicket(), 1);
  Ask(1, 11, NewTicket(), 1);
  ScanRun& old = TakeAndBegin();
  in_flight_.Admit(
      nullptr, ItemOf(1, 12),
      {.access = VSAPI_ACCESS_PROACTIVE, .lane = Lane::kLow, .low_limit = 30, .generation = 2});
  Finish(old, in_flight_.Claim(old, true, true), true);
  EXPECT_EQ(queue_.depth().high, 1u);
  EXPECT_EQ(queue_.depth().low, 0u);
}

TEST_F(InFlightTest, ShowsAnOutdatedRequestAgainThatIsQueuedAgain) {
  Ask(1, 10, NewTicket(), 1);
  Ask(1, 11, NewTicket(), 1);
  ScanRun& old = TakeAndBegin();
  Ask(1, 12, NewTicket(), 2);
  RunThrough(TakeAndBegin());  // the newer one is done before
  Finish(old, in_flight_.Claim(old, true, true), true);
  EXPECT_EQ(Ask(1, 13, NewTicket(), 2), Admitted::kJoined);
  EXPECT_EQ(in_flight_.size(), 1u);
}

TEST_F(InFlightTest, AnswersWhomItCantQueueAgainAfterClosing) {
  Ticket &a = NewTicket(), &b = NewTicket();
  Ask(1, 10, a);
  Ask(1, 11, b);
  ScanRun& run = TakeAndBegin();
  const Targets targets = in_flight_.Claim(run, true, true);
  queue_.Close();
  Finish(run, targets, true);
  EXPECT_EQ(DecisionOf(a).reason, VSAPI_REASON_SCANNED);
  EXPECT_EQ(DecisionOf(b).reason, VSAPI_REASON_SHUTTING_DOWN);
  ExpectEmpty();
}

// ---- Items that went away -----------------------------------------------------------------------

TEST_F(InFlightTest, GoesOnWithTheNextItemWhenTheFirstIsGone) {
  Ticket &a = NewTicket(), &b = NewTicket();
  Ask(1, 10, a);
  Ask(1, 11, b);
  ScanRun& run = TakeAndBegin();
  EXPECT_EQ(in_flight_.DropItem(run, false, NotThere(VSAPI_E_GONE)), Dropped::kNext);
  EXPECT_EQ(KeyOf(run.item), 11u);
  EXPECT_EQ(DecisionOf(a).reason, VSAPI_REASON_GONE);
  EXPECT_THAT(RunThrough(run), ElementsAre(11));
  EXPECT_EQ(ResultOf(b), "0");
}

TEST_F(InFlightTest, EndsWhenNoItemIsLeft) {
  Ask(1, 10, NewTicket());
  ScanRun& run = TakeAndBegin();
  EXPECT_EQ(in_flight_.DropItem(run, false, NotThere(VSAPI_E_GONE)), Dropped::kNone);
  EXPECT_EQ(released_, 1);
  ExpectEmpty();
}

TEST_F(InFlightTest, KeepsTheLastItemThatCannotBeReadForItsAnswer) {
  Ask(1, 10, NewTicket());
  ScanRun& run = TakeAndBegin();
  EXPECT_EQ(in_flight_.DropItem(run, true, NotThere(VSAPI_E_GONE)), Dropped::kLast);
  EXPECT_EQ(released_, 0);
  EXPECT_THAT(RunThrough(run), ElementsAre(10));
}

// ---- Giving up ----------------------------------------------------------------------------------

TEST_F(InFlightTest, AnswersEverybodyAndCancelsWhatIsAtTheVendorWhenItGivesUp) {
  Ticket &queued = NewTicket(), &scanned = NewTicket();
  Ask(1, 10, scanned);
  ScanRun& at_vendor = TakeAndBegin();
  Ask(2, 20, queued);
  in_flight_.GiveUp(kGivenUp);
  EXPECT_EQ(released_, 2);
  EXPECT_EQ(DecisionOf(queued).reason, VSAPI_REASON_SHUTTING_DOWN);
  EXPECT_EQ(DecisionOf(scanned).reason, VSAPI_REASON_SHUTTING_DOWN);
  EXPECT_TRUE(at_vendor.cancelled);
  RunThrough(at_vendor);
  EXPECT_EQ(released_, 2);
  queue_.Close();
  in_flight_.HandBack(queue_.TakeLeft(), kGivenUp);
  ExpectEmpty();
}

TEST_F(InFlightTest, CancelsAScanThatBeginsAfterItGaveUp) {
  Ask(1, 10, NewTicket());
  ScanRun& run = Take();
  in_flight_.GiveUp(kGivenUp);
  Begin(run);
  EXPECT_TRUE(run.cancelled);
}

TEST_F(InFlightTest, AnswersWhoWaitsForWhatIsHandedBack) {
  Ticket& ticket = NewTicket();
  Ask(1, 10, ticket);
  queue_.Close();
  in_flight_.HandBack(queue_.TakeLeft(), kGivenUp);
  EXPECT_EQ(DecisionOf(ticket).reason, VSAPI_REASON_SHUTTING_DOWN);
  ExpectEmpty();
}

// ---- Under load ---------------------------------------------------------------------------------

// Callers ask for few contents in both lanes and leave at random; workers of both kinds end
// requests in every way, now and then two of them the same one. Every ticket must be answered
// exactly once, and nothing may be left.
class InFlightLoad : public InFlightTest {
 protected:
  static constexpr uint32_t kCallers = 4, kTimes = 400, kContents = 5;

  void Work(Worker& worker, Role role) {
    std::minstd_rand random(static_cast<unsigned>(worker.session()));
    for (Taken taken; (taken = queue_.Take(role)).request != nullptr;) {
      ScanRun run(taken, worker);
      if (!Begin(run, generation_)) continue;
      while (random() % 3 == 0) std::this_thread::yield();  // others join
      if (random() % 8 == 0 &&
          in_flight_.DropItem(run, random() % 2 == 0, kGivenUp) == InFlight::Dropped::kNone)
        continue;
      const bool item_scoped = random() % 4 == 0;
      Targets targets = in_flight_.Claim(run, random() % 4 != 0, item_scoped);
      while (!targets.empty()) targets = Finish(run, targets, item_scoped);
    }
  }
  void Call(uint32_t caller) {
    std::minstd_rand random(100 + caller);
    for (uint32_t time = 0; time < kTimes; ++time) {
      const uint32_t content = random() % kContents;
      if (random() % 2 == 0) Submit(content, random() % 7);
      Ticket& ticket = asked_[caller * kTimes + time];
      ticket.Open(1, VSAPI_ACCESS_ON_DEMAND, nullptr, this);
      if (Ask(content, random() % 7, ticket, 1 + random() % 2) == Admitted::kClosed)
        ADD_FAILURE() << "closed";
      if (random() % 3 == 0) in_flight_.Expire(ticket, kTimedOut);
      ticket.Release();
    }
  }

  const std::shared_ptr<Generation> generation_ = GenerationOf(1);
  std::deque<Ticket> asked_{kCallers * kTimes};
};

TEST_F(InFlightLoad, AnswersEachCallerOnce) {
  std::deque<Worker> crew;
  std::vector<std::thread> workers, callers;
  for (const Role role : {Role::kHigh, Role::kAny, Role::kAny, Role::kAny})
    workers.emplace_back(
        [this, &worker = crew.emplace_back(crew.size(), role), role] { Work(worker, role); });
  for (uint32_t caller = 0; caller < kCallers; ++caller)
    callers.emplace_back([this, caller] { Call(caller); });
  for (std::thread& caller : callers) caller.join();
  EXPECT_TRUE(test::Eventually([this] { return in_flight_.size() == 0; }));
  queue_.Close();
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(released_, int{kCallers * kTimes});
  ExpectEmpty();
}

}  // namespace
}  // namespace vsapi::engine
