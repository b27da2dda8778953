// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/in_flight, its beginning: one request per content and generation,
// which later callers join; and the second thread that a client may get for a scan that has begun.
#include "engine/in_flight_fixture.h"

namespace vsapi::engine {
namespace {

// ---- Beginning and joining ----------------------------------------------------------------------

TEST_F(InFlightTest, MakesOneRequestForOneContent) {
  Ticket &a = NewTicket(), &b = NewTicket();
  EXPECT_EQ(Ask(1, 10, a), Admitted::kQueued);
  EXPECT_EQ(Ask(1, 11, b), Admitted::kJoined);
  EXPECT_EQ(in_flight_.size(), 1u);
  EXPECT_EQ(queue_.depth().high, 1u);
  EXPECT_EQ(counters_.Sum(Counter::kJoins), 1u);
  EXPECT_THAT(RunThrough(TakeAndBegin()), ElementsAre(10, 11));
  EXPECT_EQ(released_, 2);
  EXPECT_EQ(ResultOf(a), "0");
  EXPECT_EQ(ResultOf(b), "1");
  ExpectEmpty();
}

TEST_F(InFlightTest, MakesARequestForEachContent) {
  for (uint32_t content = 0; content < 2000; ++content)
    EXPECT_EQ(Ask(content, content, NewTicket()), Admitted::kQueued);
  EXPECT_EQ(in_flight_.size(), 2000u);
}

TEST_F(InFlightTest, AppliesToAnItemOnceHoweverManyWaitForIt) {
  for (int i = 0; i < 1000; ++i) Ask(1, 10, NewTicket());
  EXPECT_THAT(RunThrough(TakeAndBegin()), ElementsAre(10));
  EXPECT_EQ(released_, 1000);
}

TEST_F(InFlightTest, DecidesForEachWaitersAccessClass) {
  Ticket &client = NewTicket(), &transport = NewTicket(VSAPI_ACCESS_TRANSPORT);
  Ask(1, 10, client);
  Ask(1, 10, transport);
  RunThrough(TakeAndBegin());
  EXPECT_EQ(DecisionOf(client).verdict, VSAPI_ACCESS_ON_DEMAND);
  EXPECT_EQ(DecisionOf(transport).verdict, VSAPI_ACCESS_TRANSPORT);
}

TEST_F(InFlightTest, TellsTheVendorTheMostUrgentReason) {
  Submit(1, 10);
  Ask(1, 11, NewTicket(VSAPI_ACCESS_TRANSPORT));
  Ask(1, 12, NewTicket(VSAPI_ACCESS_ON_DEMAND));
  Submit(1, 13);
  EXPECT_EQ(TakeAndBegin().access, VSAPI_ACCESS_ON_DEMAND);
}

TEST_F(InFlightTest, PromotesALowRequestThatAClientJoins) {
  Submit(1, 10);
  Submit(2, 20);
  EXPECT_EQ(Ask(2, 20, NewTicket()), Admitted::kJoined);
  EXPECT_EQ(counters_.Sum(Counter::kPromotions), 1u);
  EXPECT_EQ(queue_.depth().high, 1u);
  EXPECT_EQ(KeyOf(TakeAndBegin().item), 20u);
}

TEST_F(InFlightTest, PromotesNothingThatIsHighOrAtTheVendorAlready) {
  Ask(1, 10, NewTicket());
  Ask(1, 11, NewTicket());
  TakeAndBegin();
  Ask(1, 12, NewTicket());
  EXPECT_EQ(counters_.Sum(Counter::kPromotions), 0u);
  EXPECT_EQ(counters_.Sum(Counter::kJoins), 2u);
}

TEST_F(InFlightTest, GoesThroughThePhasesInTheirOrder) {
  Submit(1, 10);
  ScanRun& run = Take();
  EXPECT_EQ(PhaseOf(run), Phase::kTaken);
  Begin(run);
  EXPECT_EQ(PhaseOf(run), Phase::kScanning);
  EXPECT_EQ(in_flight_.scanning(), 1u);
  const Targets targets = in_flight_.Claim(run, true, false);
  EXPECT_EQ(PhaseOf(run), Phase::kApplying);
  const uint64_t life = run.request().state.life();
  Finish(run, targets);
  EXPECT_EQ(PhaseOf(run), Phase::kFree);
  EXPECT_EQ(run.request().state.life(), life + 1);
  ExpectEmpty();
}

TEST_F(InFlightTest, LetsCallersJoinWhileTheOutcomeIsBeingWritten) {
  Submit(1, 10);
  ScanRun& run = TakeAndBegin();
  const Targets first = in_flight_.Claim(run, true, false);
  EXPECT_THAT(KeysOf(first), ElementsAre(10));
  Ticket& late = NewTicket();
  EXPECT_EQ(Ask(1, 11, late), Admitted::kJoined);
  const Targets second = Finish(run, first);
  EXPECT_THAT(KeysOf(second), ElementsAre(11));
  EXPECT_EQ(released_, 0);
  EXPECT_TRUE(Finish(run, second).empty());
  EXPECT_EQ(released_, 1);
  ExpectEmpty();
}

TEST_F(InFlightTest, KeepsNobodyWaitingForThoseWhoJoinLater) {
  Ticket& first = NewTicket();
  Ask(1, 0, first);
  ScanRun& run = TakeAndBegin();
  Targets targets = in_flight_.Claim(run, true, false);
  for (uint32_t key = 1; key < 10; ++key) {  // one more joins whenever the last one is written
    Ask(1, key, NewTicket());
    targets = Finish(run, targets);
    EXPECT_THAT(KeysOf(targets), ElementsAre(key));
    EXPECT_EQ(released_, static_cast<int>(key));
  }
  EXPECT_EQ(DecisionOf(first).reason, VSAPI_REASON_SCANNED);
}

TEST_F(InFlightTest, AnswersWhoJoinsAnItemThatIsWrittenAlready) {
  Ask(1, 10, NewTicket());
  ScanRun& run = TakeAndBegin();
  const Targets targets = in_flight_.Claim(run, true, false);
  Ask(1, 10, NewTicket());
  EXPECT_TRUE(Finish(run, targets).empty());
  EXPECT_EQ(released_, 2);
}

TEST_F(InFlightTest, BeginsAnewOnceARequestHasEnded) {
  Ask(1, 10, NewTicket());
  RunThrough(TakeAndBegin());
  EXPECT_EQ(Ask(1, 10, NewTicket()), Admitted::kQueued);
}

TEST_F(InFlightTest, UsesRequestsAgainWithNothingOfTheirFormerLife) {
  Ask(1, 10, NewTicket());
  Ask(1, 11, NewTicket());
  ScanRun& first = TakeAndBegin();
  in_flight_.GiveUp(kGivenUp);
  RunThrough(first);
  Submit(1, 20);
  ScanRun& second = Take();
  EXPECT_EQ(&second.request(), &first.request());
  EXPECT_GT(second.taken.life, first.taken.life);
  Begin(second);
  EXPECT_GT(second.number, first.number);
  EXPECT_EQ(second.generation, nullptr);
  EXPECT_EQ(second.access, VSAPI_ACCESS_PROACTIVE);
  EXPECT_TRUE(second.request().waiters.empty());
  EXPECT_THAT(RunThrough(second), ElementsAre(20));
}

// ---- Refusals -----------------------------------------------------------------------------------

TEST_F(InFlightTest, LeavesNoTraceOfAProactiveItemThatFindsTheLaneFull) {
  EXPECT_EQ(Submit(1, 10, 1), Admitted::kQueued);
  EXPECT_EQ(Submit(2, 20, 1), Admitted::kFull);
  EXPECT_EQ(in_flight_.size(), 1u);
  EXPECT_EQ(Ask(2, 20, NewTicket()), Admitted::kQueued);  // not joined to anything
}

TEST_F(InFlightTest, JoinsAProactiveItemToItsContentEvenIfTheLaneIsFull) {
  Submit(1, 10, 1);
  EXPECT_EQ(Submit(1, 11, 1), Admitted::kJoined);
}

TEST_F(InFlightTest, EndsADisplacedRequestWhenItsLastItemIsLeft) {
  Taken displaced;
  Submit(1, 10, 1);
  EXPECT_EQ(Submit(2, 20, 1, &displaced), Admitted::kQueued);
  ASSERT_NE(displaced.request, nullptr);
  EXPECT_EQ(in_flight_.size(), 2u);
  in_flight_.LeaveOne(displaced);
  EXPECT_EQ(in_flight_.size(), 1u);
  EXPECT_EQ(in_flight_.LeaveOne(displaced), nullptr);
  EXPECT_EQ(KeyOf(TakeAndBegin().item), 20u);
}

TEST_F(InFlightTest, CancelsASecondScanThatBeginsWhenTheFirstWasCancelled) {
  Submit(1, 10);
  ScanRun& slow = TakeAndBegin(other_);
  Ticket& client = NewTicket();
  Ask(1, 11, client);
  in_flight_.Expire(client, kTimedOut);
  ScanRun& second = Take();
  in_flight_.CancelFor(nullptr, slow.taken);
  EXPECT_TRUE(Begin(second));
  EXPECT_TRUE(second.cancelled);
  EXPECT_THAT(RunThrough(slow), ElementsAre(10, 11));
  ExpectEmpty();
}

TEST_F(InFlightTest, ScansADisplacedRequestThatAClientHasComeFor) {
  Taken displaced;
  Submit(1, 10, 1);
  Submit(2, 20, 1, &displaced);
  Ticket& client = NewTicket();
  EXPECT_EQ(Ask(1, 11, client), Admitted::kJoined);
  EXPECT_EQ(in_flight_.LeaveOne(displaced), nullptr);
  EXPECT_EQ(queue_.depth().high, 1u);
  EXPECT_THAT(RunThrough(TakeAndBegin()), ElementsAre(10u, 11u));
  EXPECT_FALSE(client.is_waiting());
  EXPECT_EQ(released_, 1);
}

TEST_F(InFlightTest, RefusesWhoHasComeForADisplacedRequestOnceTheQueueIsClosed) {
  Taken displaced;
  Submit(1, 10, 1);
  Submit(2, 20, 1, &displaced);
  Ticket& client = NewTicket();
  Ask(1, 10, client);
  queue_.Close();
  EXPECT_EQ(in_flight_.LeaveOne(displaced), nullptr);
  EXPECT_EQ(DecisionOf(client).reason, VSAPI_REASON_SHUTTING_DOWN);
  EXPECT_EQ(in_flight_.size(), 1u);
}

TEST_F(InFlightTest, LinksNobodyOnceTheQueueIsClosed) {
  queue_.Close();
  Ticket& ticket = NewTicket();
  EXPECT_EQ(Ask(1, 10, ticket), Admitted::kClosed);
  EXPECT_EQ(ticket.waiter(0).request, nullptr);
  ExpectEmpty();
}

// ---- Generations --------------------------------------------------------------------------------

TEST_F(InFlightTest, PinsTheGenerationWhenTheScanBegins) {
  const auto one = GenerationOf(1);
  Ask(1, 10, NewTicket());
  {
    ScanRun run(queue_.Take(Role::kLone), kept_);
    Begin(run, one);
    EXPECT_EQ(run.generation, one);
    EXPECT_EQ(run.request().generation, one);
    RunThrough(run);
  }
  EXPECT_EQ(one.use_count(), 1);
}

TEST_F(InFlightTest, JoinsNobodyToAScanOfAnOlderGeneration) {
  Ask(1, 10, NewTicket(), 1);
  ScanRun& old = TakeAndBegin();
  EXPECT_EQ(Ask(1, 10, NewTicket(), 2), Admitted::kQueued);
  EXPECT_EQ(Ask(1, 11, NewTicket(), 2), Admitted::kJoined);  // to the new one
  RunThrough(old);
  EXPECT_EQ(released_, 1);
  RunThrough(TakeAndBegin());
  EXPECT_EQ(released_, 3);
  ExpectEmpty();
}

TEST_F(InFlightTest, JoinsAScanThatHasNotBegunWhateverTheGeneration) {
  Ask(1, 10, NewTicket(), 1);
  EXPECT_EQ(Ask(1, 11, NewTicket(), 2), Admitted::kJoined);
  Take();
  EXPECT_EQ(Ask(1, 12, NewTicket(), 2), Admitted::kJoined);
}

TEST_F(InFlightTest, JoinsWhoSawAnOlderGenerationToAScanOfANewerOne) {
  Ask(1, 10, NewTicket(), 1);
  Begin(Take(), GenerationOf(2));
  EXPECT_EQ(Ask(1, 11, NewTicket(), 1), Admitted::kJoined);
}

// ---- A client joins a low scan at the vendor ----------------------------------------------------

TEST_F(InFlightTest, BeginsASecondScanWhereTheLowThreadCannotBeLifted) {
  Submit(1, 10);
  ScanRun& low = TakeAndBegin(other_);
  EXPECT_EQ(Ask(1, 10, NewTicket()), Admitted::kJoined);
  EXPECT_EQ(PhaseOf(low), Phase::kSecond);
  EXPECT_EQ(counters_.Sum(Counter::kSecondScans), 1u);
  ScanRun& second = TakeAndBegin(kept_);
  EXPECT_TRUE(second.taken.is_second);
  EXPECT_EQ(PhaseOf(low), Phase::kTwice);
  EXPECT_EQ(second.generation, low.generation);
  EXPECT_EQ(KeyOf(second.item), 10u);

  EXPECT_THAT(RunThrough(second), ElementsAre(10));
  EXPECT_EQ(released_, 1);
  EXPECT_TRUE(low.cancelled);
  EXPECT_TRUE(in_flight_.Claim(low, true, false).empty());  // too late
  ExpectEmpty();
}

TEST_F(InFlightTest, TakesTheFirstThreadsResultIfThatComesFirst) {
  Submit(1, 10);
  ScanRun& low = TakeAndBegin(other_);
  Ask(1, 10, NewTicket());
  ScanRun& second = TakeAndBegin(kept_);
  EXPECT_THAT(RunThrough(low), ElementsAre(10));
  EXPECT_TRUE(second.cancelled);
  EXPECT_TRUE(in_flight_.Claim(second, true, false).empty());
  EXPECT_EQ(released_, 1);
  ExpectEmpty();
}

TEST_F(InFlightTest, TakesTheSecondPlaceBackWhenTheResultComesBeforeAThread) {
  Submit(1, 10);
  ScanRun& low = TakeAndBegin(other_);
  Ask(1, 10, NewTicket());
  RunThrough(low);
  EXPECT_EQ(released_, 1);
  ExpectEmpty();
}

TEST_F(InFlightTest, TurnsASecondThreadAwayThatComesAfterTheResult) {
  Submit(1, 10);
  ScanRun& low = TakeAndBegin(other_);
  Ask(1, 10, NewTicket());
  ScanRun& late = Take(kept_);
  RunThrough(low);
  EXPECT_FALSE(Begin(late));
  Submit(1, 20);  // the same request in its next life
  EXPECT_FALSE(Begin(late));
  EXPECT_EQ(in_flight_.size(), 1u);
}

TEST_F(InFlightTest, LetsTheOtherThreadGoOnWhenOneCouldNotJudge) {
  for (const bool second_fails : {true, false}) {
    Submit(1, 10);
    ScanRun& low = TakeAndBegin(other_);
    Ask(1, 10, NewTicket());
    ScanRun& second = TakeAndBegin(kept_);
    ScanRun& fails = second_fails ? second : low;
    ScanRun& goes_on = second_fails ? low : second;
    EXPECT_TRUE(in_flight_.Claim(fails, false, false).empty());
    EXPECT_FALSE(goes_on.cancelled);
    EXPECT_EQ(PhaseOf(goes_on), Phase::kScanning);
    EXPECT_THAT(RunThrough(goes_on), ElementsAre(10));
  }
  ExpectEmpty();
}

TEST_F(InFlightTest, LetsASecondThreadGoThatCannotReadItsItem) {
  Submit(1, 10);
  ScanRun& low = TakeAndBegin(other_);
  Ask(1, 10, NewTicket());
  ScanRun& second = TakeAndBegin(kept_);
  EXPECT_EQ(in_flight_.DropItem(second, false, NotThere(VSAPI_E_GONE)), InFlight::Dropped::kNone);
  EXPECT_EQ(released_, 0);
  EXPECT_THAT(RunThrough(low), ElementsAre(10));
}

TEST_F(InFlightTest, LeavesAnItemThatIsGoneToTheOtherRunThatReadsIt) {
  Submit(1, 10);
  Submit(1, 11);
  ScanRun& low = TakeAndBegin(other_);
  Ask(1, 11, NewTicket());
  ScanRun& second = TakeAndBegin(kept_);
  EXPECT_EQ(in_flight_.DropItem(low, false, NotThere(VSAPI_E_GONE)), InFlight::Dropped::kNone);
  EXPECT_THAT(RunThrough(second), ElementsAre(10, 11));
}

TEST_F(InFlightTest, BeginsNoSecondScanForWhatAHighThreadScans) {
  Submit(1, 10);
  TakeAndBegin(kept_);
  Ask(1, 10, NewTicket());
  Ask(2, 20, NewTicket());
  TakeAndBegin(other_);  // a high request on a thread of lower priority
  Ask(2, 20, NewTicket());
  EXPECT_EQ(counters_.Sum(Counter::kSecondScans), 0u);
}

TEST_F(InFlightTest, HurriesForAClientThatCameBetweenTakingAndBeginning) {
  Submit(1, 10);
  ScanRun& low = Take(other_);
  Ask(1, 10, NewTicket());
  Begin(low, GenerationOf(1));
  EXPECT_EQ(PhaseOf(low), Phase::kSecond);
}

TEST_F(InFlightTest, LiftsTheThreadInsteadWhereThatIsPermitted) {
  if (!WorkerPool::MayLift()) GTEST_SKIP() << "priorities can't be raised here";
  in_flight_.set_hurry(InFlight::Hurry::kLift);
  Submit(1, 10);
  ScanRun& low = TakeAndBegin(other_);
  Ask(1, 10, NewTicket());
  EXPECT_EQ(other_.lifts(), 1u);
  EXPECT_EQ(PhaseOf(low), Phase::kScanning);
  EXPECT_EQ(counters_.Sum(Counter::kSecondScans), 0u);
}

TEST_F(InFlightTest, TellsWhoWaits) {
  for (const char* user : {"alice", "bob", "carol"}) {
    Ticket& ticket = NewTicket();
    ticket.Introduce("imap", user, clock_.Now());
    Ask(1, 10, ticket);
  }
  ScanRun& run = TakeAndBegin(kept_);
  EXPECT_STREQ(run.client, "imap");
  std::array<Asker, 2> askers;
  ASSERT_EQ(in_flight_.Askers(run.request(), askers), 2u);
  EXPECT_STREQ(askers[1].user, "bob");
}

TEST_F(InFlightTest, BeginsForNobodyWhereNobodyWaits) {
  Submit(1, 10);
  ScanRun& run = TakeAndBegin(other_);
  EXPECT_STREQ(run.client, "");
  std::array<Asker, 2> askers;
  EXPECT_EQ(in_flight_.Askers(run.request(), askers), 0u);
}

}  // namespace
}  // namespace vsapi::engine
