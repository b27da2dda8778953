// SPDX-License-Identifier: Apache-2.0
//
// The specification of what engine/in_flight and engine/scan_queue do for background threads: an
// item is offered, and taken by its thread once no high one is queued, unless a client comes first.
#include <future>

#include "engine/in_flight_fixture.h"

namespace vsapi::engine {
namespace {

class OfferTest : public InFlightTest {
 protected:
  ~OfferTest() override {
    stopped_ = true;
    queue_.Rouse();
  }

  Admitted Offer(uint32_t content, uint32_t key, Taken& offered, Mdb* mdb = nullptr) {
    return in_flight_.Admit(mdb, ItemOf(content, key),
                            {.access = VSAPI_ACCESS_BACKGROUND,
                             .lane = Lane::kLow,
                             .generation = 1,
                             .now = clock_.Now(),
                             .offered = &offered});
  }
  std::future<bool> TakeLater(const Taken& offered) {
    return std::async(std::launch::async, [this, offered] {
      return queue_.TakeOffered(offered, stopped_).request != nullptr;
    });
  }
  static Phase PhaseOf(const Taken& taken) { return taken.request->state.phase(); }
  bool IsTaken(const Taken& offered) {
    return queue_.TakeOffered(offered, stopped_).request == offered.request;
  }
  void GiveBack(const Taken& offered) {
    in_flight_.TakeBack(offered);
    if (queue_.depth().low == 0) return;
    ScanRun& run = TakeAndBegin();
    RunThrough(run);
  }

  std::atomic<bool> stopped_ = false;
};

TEST_F(OfferTest, TakesNoPlaceInALaneAndIsTakenAtOnceWhereNobodyWaits) {
  Taken offered;
  EXPECT_EQ(Offer(1, 1, offered), Admitted::kQueued);
  EXPECT_EQ(queue_.depth().low, 0u);
  EXPECT_EQ(PhaseOf(offered), Phase::kOffered);
  EXPECT_TRUE(IsTaken(offered));
  EXPECT_EQ(PhaseOf(offered), Phase::kTaken);
  EXPECT_FALSE(IsTaken(offered));
  in_flight_.HandBack(offered, kGivenUp);
  ExpectEmpty();
}

TEST_F(OfferTest, IsNotTakenBeforeTheLastHighOneIs) {
  Taken offered;
  Ask(1, 1, NewTicket());
  Ask(2, 2, NewTicket());
  Offer(3, 3, offered);
  auto taken = TakeLater(offered);
  ScanRun& first = TakeAndBegin();
  EXPECT_EQ(PhaseOf(offered), Phase::kOffered);
  ScanRun& second = TakeAndBegin();
  EXPECT_TRUE(taken.get());
  RunThrough(first);
  RunThrough(second);
  in_flight_.HandBack(offered, kGivenUp);
}

TEST_F(OfferTest, IsPromotedByAClientWhoseRequestItBecomes) {
  Taken offered;
  Offer(1, 1, offered);
  Ticket& ticket = NewTicket();
  EXPECT_EQ(Ask(1, 2, ticket), Admitted::kJoined);
  EXPECT_EQ(counters_.Sum(Counter::kPromotions), 1u);
  EXPECT_EQ(queue_.depth().high, 1u);
  EXPECT_FALSE(IsTaken(offered));
  in_flight_.TakeBack(offered);
  EXPECT_EQ(queue_.depth().high, 1u);
  EXPECT_THAT(RunThrough(TakeAndBegin()), ElementsAre(1, 2));
  EXPECT_EQ(ResultOf(ticket), "1");
  ExpectEmpty();
}

TEST_F(OfferTest, IsNotTakenInAnotherLife) {
  Taken before, after;
  Offer(1, 1, before);
  ASSERT_TRUE(IsTaken(before));
  in_flight_.HandBack(before, kGivenUp);
  Offer(1, 1, after);
  ASSERT_EQ(before.request, after.request);
  EXPECT_FALSE(IsTaken(before));
  in_flight_.TakeBack(before);
  EXPECT_TRUE(IsTaken(after));
  in_flight_.HandBack(after, kGivenUp);
}

TEST_F(OfferTest, JoinsWhatIsInFlightAlready) {
  Taken offered;
  Submit(1, 1);
  EXPECT_EQ(Offer(1, 2, offered), Admitted::kJoined);
  EXPECT_THAT(RunThrough(TakeAndBegin()), ElementsAre(1, 2));
}

TEST_F(OfferTest, GoesToTheLowLanePastItsLimitWhenItIsTakenBack) {
  for (uint32_t i = 0; i < 30; ++i) Submit(i, i);
  Taken offered;
  Offer(100, 100, offered);
  Submit(100, 101);
  stopped_ = true;
  EXPECT_FALSE(IsTaken(offered));
  in_flight_.TakeBack(offered);
  EXPECT_EQ(queue_.depth().low, 31u);
  for (uint32_t i = 0; i < 30; ++i) RunThrough(TakeAndBegin());
  EXPECT_THAT(RunThrough(TakeAndBegin()), ElementsAre(100, 101));
  ExpectEmpty();
}

TEST_F(OfferTest, EndsWhenItIsTakenBackFromAClosedQueue) {
  Taken offered, another;
  Offer(1, 1, offered);
  queue_.Close();
  EXPECT_FALSE(IsTaken(offered));
  in_flight_.TakeBack(offered);
  EXPECT_EQ(Offer(2, 2, another), Admitted::kClosed);
  ExpectEmpty();
}

TEST_F(OfferTest, LetsItsThreadGoWhenThatIsStopped) {
  Taken offered;
  Ask(1, 1, NewTicket());
  Offer(2, 2, offered);
  auto taken = TakeLater(offered);
  stopped_ = true;
  queue_.Rouse();
  EXPECT_FALSE(taken.get());
  GiveBack(offered);
}

TEST_F(OfferTest, WaitsForTheLowLaneToDrain) {
  Submit(1, 1);
  Submit(2, 2);
  auto drained = std::async(std::launch::async, [this] { queue_.AwaitDrained(stopped_); });
  RunThrough(TakeAndBegin());
  EXPECT_NE(drained.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  RunThrough(TakeAndBegin());
  drained.get();
}

TEST_F(OfferTest, CancelsWhatIsForOneMdbAlone) {
  int places[2];
  auto* const one = reinterpret_cast<Mdb*>(&places[0]);
  auto* const other = reinterpret_cast<Mdb*>(&places[1]);
  Taken offered;
  Offer(1, 1, offered, one);
  ASSERT_TRUE(IsTaken(offered));
  ScanRun& run = runs_.emplace_back(offered, other_);
  ASSERT_TRUE(Begin(run, GenerationOf(1)));
  in_flight_.CancelFor(other, offered);
  EXPECT_FALSE(run.cancelled);
  in_flight_.CancelFor(one, offered);
  EXPECT_TRUE(run.cancelled);
  Ticket& ticket = NewTicket();
  EXPECT_EQ(Ask(1, 2, ticket), Admitted::kQueued) << "who comes now joined a cancelled scan";
  RunThrough(run);
  RunThrough(TakeAndBegin());
}

TEST_F(OfferTest, CancelsNothingThatSomebodyWaitsFor) {
  Taken offered;
  Offer(1, 1, offered);
  ASSERT_TRUE(IsTaken(offered));
  ScanRun& run = runs_.emplace_back(offered, kept_);
  ASSERT_TRUE(Begin(run, GenerationOf(1)));
  Ask(1, 2, NewTicket());
  in_flight_.CancelFor(nullptr, offered);
  EXPECT_FALSE(run.cancelled);
  RunThrough(run);
  in_flight_.CancelFor(nullptr, offered);  // it is over: nothing happens
}

}  // namespace
}  // namespace vsapi::engine
