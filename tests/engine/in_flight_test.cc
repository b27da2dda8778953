// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/in_flight: one request per content and generation, which later
// callers join; nobody who waits is forgotten, and nobody is answered twice.
#include "in_flight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "generation.h"
#include "support/gate.h"
#include "support/items.h"
#include "support/manual_clock.h"

namespace vsapi::engine {
namespace {

using Admitted = InFlight::Admitted;
using test::ItemOf;
using test::KeyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using TicketPtr = std::shared_ptr<Ticket>;

// A real generation of the good vendor, by its number.
std::shared_ptr<Generation> GenerationOf(uint64_t number) {
  static SystemClock clock;
  static EventLog silent(clock, nullptr);
  std::string problem;
  auto library = VendorLibrary::Open(VSAPI_TEST_VENDORS_DIR "/good.so", problem);
  EXPECT_NE(library, nullptr) << problem;
  auto generation = Generation::Build(library, {}, 1, number, clock, silent, problem);
  EXPECT_NE(generation, nullptr) << problem;
  return generation;
}

// A decision that tells for which target it was made.
vsapi_decision DecisionOn(size_t target, int32_t access = 0) {
  vsapi_decision decision = MakeDecision(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED,
                                         VSAPI_VERDICT_CLEAN, std::to_string(target).c_str());
  decision.verdict = access;
  return decision;
}
const vsapi_decision kGivenUp = MakeDecision(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN);
const vsapi_decision kTimedOut = MakeDecision(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_TIMED_OUT);

class InFlightTest : public ::testing::Test {
 protected:
  ~InFlightTest() override {
    in_flight_.GiveUp(kGivenUp);  // a ticket that waits holds itself
    queue_.Close();
    while (queue_.TakeLeft() != nullptr) {
    }
  }

  // A ticket of one slot that counts its call-backs.
  TicketPtr NewTicket(int32_t access = VSAPI_ACCESS_ON_DEMAND) {
    return std::make_shared<Ticket>(1, access, [this](const auto&) { ++released_; });
  }
  Admitted Ask(uint32_t content, uint32_t key, const TicketPtr& ticket, uint64_t generation = 1) {
    const int32_t access = ticket ? ticket->access() : VSAPI_ACCESS_ON_DEMAND;
    return in_flight_.Admit({nullptr, ItemOf(content, key)},
                            {.access = access, .lane = Lane::kHigh, .generation = generation},
                            ticket, 0);
  }
  Admitted Submit(uint32_t content, uint32_t key, size_t limit = 30) {
    return in_flight_.Admit(
        {nullptr, ItemOf(content, key)},
        {.access = VSAPI_ACCESS_PROACTIVE, .lane = Lane::kLow, .low_limit = limit, .generation = 1},
        nullptr, 0);
  }
  InFlight::Claim Begin(ScanRequest& request, std::shared_ptr<Generation> generation = nullptr) {
    return in_flight_.Begin(request, [&] { return generation; });
  }
  ScanRequest& Take() { return *queue_.Take(Role::kLone); }
  std::vector<uint32_t> KeysFrom(ScanRequest& request, size_t first, bool item_scoped = false) {
    std::vector<uint32_t> keys;
    for (const Target& target : in_flight_.TargetsFrom(request, first, item_scoped))
      keys.push_back(KeyOf(target.item));
    return keys;
  }
  bool Finish(ScanRequest& request, size_t applied, bool item_scoped = false) {
    return in_flight_.Finish(request, applied, item_scoped, DecisionOn);
  }
  // Runs it through, for all its targets.
  void RunThrough(ScanRequest& request) {
    Begin(request);
    ASSERT_TRUE(Finish(request, KeysFrom(request, 0).size()));
  }
  static std::string TargetOf(const TicketPtr& ticket) { return ticket->decisions()[0].finding; }
  void ExpectEmpty() {
    EXPECT_EQ(in_flight_.size(), 0u);
    EXPECT_EQ(in_flight_.scanning(), 0u);
    EXPECT_EQ(queue_.depth().high + queue_.depth().low, 0u);
  }

  test::ManualClock clock_;
  Counters counters_;
  ScanQueue queue_{clock_};
  InFlight in_flight_{queue_, counters_};
  std::atomic<int> released_ = 0;
};

// ---- Beginning and joining ----------------------------------------------------------------------

TEST_F(InFlightTest, MakesOneRequestForOneContent) {
  const auto a = NewTicket(), b = NewTicket();
  EXPECT_EQ(Ask(1, 10, a), Admitted::kQueued);
  EXPECT_EQ(Ask(1, 11, b), Admitted::kJoined);
  EXPECT_EQ(in_flight_.size(), 1u);
  EXPECT_EQ(queue_.depth().high, 1u);
  EXPECT_EQ(counters_.Sum(Counter::kJoins), 1u);
  ScanRequest& request = Take();
  Begin(request);
  EXPECT_THAT(KeysFrom(request, 0), ElementsAre(10, 11));
  EXPECT_TRUE(Finish(request, 2));
  EXPECT_EQ(released_, 2);
  EXPECT_EQ(TargetOf(a), "0");
  EXPECT_EQ(TargetOf(b), "1");
  ExpectEmpty();
}

TEST_F(InFlightTest, MakesARequestForEachContent) {
  for (uint32_t content = 0; content < 100; ++content)
    EXPECT_EQ(Ask(content, content, NewTicket()), Admitted::kQueued);
  EXPECT_EQ(in_flight_.size(), 100u);
}

TEST_F(InFlightTest, AppliesToAnItemOnceHoweverManyWaitForIt) {
  const auto a = NewTicket(), b = NewTicket();
  Ask(1, 10, a);
  Ask(1, 10, b);
  ScanRequest& request = Take();
  Begin(request);
  EXPECT_THAT(KeysFrom(request, 0), ElementsAre(10));
  EXPECT_TRUE(Finish(request, 1));
  EXPECT_EQ(released_, 2);
}

TEST_F(InFlightTest, DecidesForEachWaitersAccessClass) {
  const auto client = NewTicket(), transport = NewTicket(VSAPI_ACCESS_TRANSPORT);
  Ask(1, 10, client);
  Ask(1, 10, transport);
  RunThrough(Take());
  EXPECT_EQ(client->decisions()[0].verdict, VSAPI_ACCESS_ON_DEMAND);
  EXPECT_EQ(transport->decisions()[0].verdict, VSAPI_ACCESS_TRANSPORT);
}

TEST_F(InFlightTest, TellsTheVendorTheMostUrgentReason) {
  Submit(1, 10);
  Ask(1, 11, NewTicket(VSAPI_ACCESS_TRANSPORT));
  Ask(1, 12, NewTicket(VSAPI_ACCESS_ON_DEMAND));
  Submit(1, 13);
  EXPECT_EQ(Begin(Take()).access, VSAPI_ACCESS_ON_DEMAND);
}

TEST_F(InFlightTest, PromotesALowRequestThatAClientJoins) {
  Submit(1, 10);
  Submit(2, 20);
  EXPECT_EQ(Ask(2, 20, NewTicket()), Admitted::kJoined);
  EXPECT_EQ(counters_.Sum(Counter::kPromotions), 1u);
  EXPECT_EQ(queue_.depth().high, 1u);
  EXPECT_EQ(KeyOf(Take().targets.front().item), 20u);
}

TEST_F(InFlightTest, PromotesNothingThatIsHighOrAtTheVendorAlready) {
  Ask(1, 10, NewTicket());
  Ask(1, 11, NewTicket());
  Begin(Take(), GenerationOf(1));
  Ask(1, 12, NewTicket());
  EXPECT_EQ(counters_.Sum(Counter::kPromotions), 0u);
  EXPECT_EQ(counters_.Sum(Counter::kJoins), 2u);
}

TEST_F(InFlightTest, LetsCallersJoinWhileTheOutcomeIsBeingWritten) {
  Submit(1, 10);
  ScanRequest& request = Take();
  Begin(request, GenerationOf(1));
  EXPECT_THAT(KeysFrom(request, 0), ElementsAre(10));
  const auto late = NewTicket();
  EXPECT_EQ(Ask(1, 11, late), Admitted::kJoined);
  EXPECT_FALSE(Finish(request, 1));
  EXPECT_THAT(KeysFrom(request, 1), ElementsAre(11));
  EXPECT_TRUE(Finish(request, 2));
  EXPECT_EQ(TargetOf(late), "1");
  ExpectEmpty();
}

TEST_F(InFlightTest, BeginsAnewOnceARequestHasEnded) {
  Ask(1, 10, NewTicket());
  RunThrough(Take());
  EXPECT_EQ(Ask(1, 10, NewTicket()), Admitted::kQueued);
}

TEST_F(InFlightTest, UsesRequestsAgainWithNothingOfTheirFormerLife) {
  Ask(1, 10, NewTicket());
  ScanRequest& first = Take();
  const uint64_t number = first.number;
  Begin(first, GenerationOf(1));
  in_flight_.GiveUp(kGivenUp);
  EXPECT_TRUE(first.cancelled);
  Finish(first, KeysFrom(first, 0).size());
  Submit(1, 20);
  ScanRequest& second = Take();
  EXPECT_EQ(&second, &first);
  EXPECT_GT(second.number, number);
  EXPECT_FALSE(second.cancelled);
  EXPECT_EQ(second.generation, nullptr);
  EXPECT_EQ(second.access, VSAPI_ACCESS_PROACTIVE);
  EXPECT_TRUE(second.waiters.empty());
  Begin(second);
  EXPECT_THAT(KeysFrom(second, 0), ElementsAre(20));
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

TEST_F(InFlightTest, LinksNobodyOnceTheQueueIsClosed) {
  queue_.Close();
  const auto ticket = NewTicket();
  EXPECT_EQ(Ask(1, 10, ticket), Admitted::kClosed);
  EXPECT_EQ(ticket->waiter(0).request, nullptr);
  ExpectEmpty();
}

// ---- Waiters that leave -------------------------------------------------------------------------

TEST_F(InFlightTest, LetsAWaiterLeaveWhileTheScanGoesOn) {
  const auto leaves = NewTicket(), stays = NewTicket();
  Ask(1, 10, leaves);
  Ask(1, 11, stays);
  EXPECT_TRUE(in_flight_.Expire(*leaves, kTimedOut));
  EXPECT_EQ(leaves->decisions()[0].reason, VSAPI_REASON_TIMED_OUT);
  ScanRequest& request = Take();
  Begin(request);
  EXPECT_THAT(KeysFrom(request, 0), ElementsAre(10, 11));  // its item still gets the stamp
  EXPECT_TRUE(Finish(request, 2));
  EXPECT_EQ(TargetOf(stays), "1");
  EXPECT_EQ(leaves->decisions()[0].reason, VSAPI_REASON_TIMED_OUT);
  EXPECT_EQ(released_, 1);
}

TEST_F(InFlightTest, ExpiresOnlyTheSlotsThatAreOpen) {
  const auto message = std::make_shared<Ticket>(3, VSAPI_ACCESS_ON_DEMAND);
  for (uint32_t slot = 0; slot < 3; ++slot)
    in_flight_.Admit({nullptr, ItemOf(slot, slot)}, {.generation = 1}, message, slot);
  RunThrough(Take());
  EXPECT_TRUE(in_flight_.Expire(*message, kTimedOut));
  EXPECT_EQ(message->decisions()[0].reason, VSAPI_REASON_SCANNED);
  EXPECT_EQ(message->decisions()[1].reason, VSAPI_REASON_TIMED_OUT);
  EXPECT_EQ(message->decisions()[2].reason, VSAPI_REASON_TIMED_OUT);
}

TEST_F(InFlightTest, ExpiresNothingTwice) {
  const auto ticket = NewTicket();
  Ask(1, 10, ticket);
  RunThrough(Take());
  EXPECT_FALSE(in_flight_.Expire(*ticket, kTimedOut));
}

TEST_F(InFlightTest, KeepsATicketAliveWhileItWaits) {
  auto ticket = NewTicket();
  const std::weak_ptr<Ticket> watched = ticket;
  Ask(1, 10, ticket);
  ticket.reset();
  EXPECT_FALSE(watched.expired());
  RunThrough(Take());
  EXPECT_EQ(released_, 1);
  EXPECT_TRUE(watched.expired());
}

// ---- Generations --------------------------------------------------------------------------------

TEST_F(InFlightTest, PinsTheGenerationWhenTheScanBegins) {
  const auto one = GenerationOf(1);
  Ask(1, 10, NewTicket());
  ScanRequest& request = Take();
  EXPECT_EQ(Begin(request, one).generation, one);
  EXPECT_EQ(request.generation, one);
  Finish(request, KeysFrom(request, 0).size());
  EXPECT_EQ(one.use_count(), 1);
}

TEST_F(InFlightTest, JoinsNobodyToAScanOfAnOlderGeneration) {
  Ask(1, 10, NewTicket(), 1);
  ScanRequest& old = Take();
  Begin(old, GenerationOf(1));
  const auto newcomer = NewTicket(), another = NewTicket();
  EXPECT_EQ(Ask(1, 10, newcomer, 2), Admitted::kQueued);
  EXPECT_EQ(Ask(1, 11, another, 2), Admitted::kJoined);  // to the new one
  EXPECT_TRUE(Finish(old, KeysFrom(old, 0).size()));
  EXPECT_EQ(released_, 1);
  RunThrough(Take());
  EXPECT_EQ(released_, 3);
  ExpectEmpty();
}

TEST_F(InFlightTest, JoinsAScanThatHasNotBegunWhateverTheGeneration) {
  Ask(1, 10, NewTicket(), 1);
  EXPECT_EQ(Ask(1, 11, NewTicket(), 2), Admitted::kJoined);
}

TEST_F(InFlightTest, JoinsWhoSawAnOlderGenerationToAScanOfANewerOne) {
  Ask(1, 10, NewTicket(), 1);
  ScanRequest& request = Take();
  Begin(request, GenerationOf(2));
  EXPECT_EQ(Ask(1, 11, NewTicket(), 1), Admitted::kJoined);
}

// ---- Results that hold for one item alone -------------------------------------------------------

TEST_F(InFlightTest, QueuesTheOthersAgainWhenAResultHoldsForOneItemAlone) {
  const auto a = NewTicket(), b = NewTicket(), c = NewTicket();
  Ask(1, 10, a);
  Ask(1, 11, b);
  Ask(1, 12, c);
  ScanRequest& request = Take();
  Begin(request, GenerationOf(1));
  EXPECT_THAT(KeysFrom(request, 0, true), ElementsAre(10));
  EXPECT_THAT(KeysFrom(request, 1, true), IsEmpty());
  EXPECT_TRUE(Finish(request, 1, true));
  EXPECT_EQ(released_, 1);
  EXPECT_EQ(TargetOf(a), "0");
  EXPECT_EQ(in_flight_.scanning(), 0u);
  EXPECT_EQ(Ask(1, 13, NewTicket(), 2), Admitted::kJoined);  // pending again, under no generation

  ScanRequest& again = Take();
  EXPECT_EQ(KeyOf(Begin(again).target.item), 11u);
  EXPECT_THAT(KeysFrom(again, 0), ElementsAre(11, 12, 13));
  EXPECT_TRUE(Finish(again, 3));
  EXPECT_EQ(TargetOf(b), "0");
  EXPECT_EQ(TargetOf(c), "1");
  ExpectEmpty();
}

TEST_F(InFlightTest, EndsWithAnItemScopedResultOnTheOnlyItem) {
  Ask(1, 10, NewTicket());
  ScanRequest& request = Take();
  Begin(request);
  KeysFrom(request, 0, true);
  EXPECT_TRUE(Finish(request, 1, true));
  ExpectEmpty();
}

TEST_F(InFlightTest, QueuesAgainInTheLowLaneWhatNobodyWaitsFor) {
  Submit(1, 10, 1);
  Submit(1, 11, 1);
  ScanRequest& request = Take();
  Submit(2, 20, 1);  // fills the lane
  Begin(request);
  KeysFrom(request, 0, true);
  EXPECT_TRUE(Finish(request, 1, true));
  EXPECT_EQ(queue_.depth().high, 0u);
  EXPECT_EQ(queue_.depth().low, 2u);  // past its limit, but not lost
}

TEST_F(InFlightTest, AnswersWhomItCantQueueAgainAfterClosing) {
  const auto a = NewTicket(), b = NewTicket();
  Ask(1, 10, a);
  Ask(1, 11, b);
  ScanRequest& request = Take();
  Begin(request);
  KeysFrom(request, 0, true);
  queue_.Close();
  EXPECT_TRUE(Finish(request, 1, true));
  EXPECT_EQ(a->decisions()[0].reason, VSAPI_REASON_SCANNED);
  EXPECT_EQ(b->decisions()[0].reason, VSAPI_REASON_SHUTTING_DOWN);
  ExpectEmpty();
}

// ---- Items that went away -----------------------------------------------------------------------

TEST_F(InFlightTest, GoesOnWithTheNextItemWhenTheFirstIsGone) {
  const auto a = NewTicket(), b = NewTicket();
  Ask(1, 10, a);
  Ask(1, 11, b);
  ScanRequest& request = Take();
  Begin(request);
  const auto next = in_flight_.DropFirst(request, NotThere(VSAPI_E_GONE));
  ASSERT_TRUE(next);
  EXPECT_EQ(KeyOf(next->item), 11u);
  EXPECT_EQ(a->decisions()[0].reason, VSAPI_REASON_GONE);
  EXPECT_THAT(KeysFrom(request, 0), ElementsAre(11));
  EXPECT_TRUE(Finish(request, 1));
  EXPECT_EQ(TargetOf(b), "0");
}

TEST_F(InFlightTest, EndsWhenNoItemIsLeft) {
  const auto a = NewTicket();
  Ask(1, 10, a);
  ScanRequest& request = Take();
  Begin(request);
  EXPECT_FALSE(in_flight_.DropFirst(request, NotThere(VSAPI_E_GONE)));
  EXPECT_EQ(released_, 1);
  ExpectEmpty();
}

// ---- Giving up ----------------------------------------------------------------------------------

TEST_F(InFlightTest, AnswersEverybodyAndCancelsWhatIsAtTheVendorWhenItGivesUp) {
  const auto queued = NewTicket(), scanned = NewTicket();
  Ask(1, 10, scanned);
  ScanRequest& at_vendor = Take();
  Begin(at_vendor);
  Ask(2, 20, queued);
  in_flight_.GiveUp(kGivenUp);
  EXPECT_EQ(released_, 2);
  EXPECT_EQ(queued->decisions()[0].reason, VSAPI_REASON_SHUTTING_DOWN);
  EXPECT_EQ(scanned->decisions()[0].reason, VSAPI_REASON_SHUTTING_DOWN);
  EXPECT_TRUE(at_vendor.cancelled);
  EXPECT_TRUE(Finish(at_vendor, KeysFrom(at_vendor, 0).size()));
  EXPECT_EQ(released_, 2);
  queue_.Close();
  EXPECT_FALSE(in_flight_.DropFirst(*queue_.TakeLeft(), kGivenUp));
  ExpectEmpty();
}

// ---- Under load ---------------------------------------------------------------------------------

// Callers ask for few contents in both lanes and leave at random; workers end requests in every
// way. Every ticket must be released exactly once, and nothing may be left.
TEST_F(InFlightTest, AnswersEachCallerOnceUnderLoad) {
  constexpr uint32_t kCallers = 4, kTimes = 400, kContents = 5;
  std::vector<std::thread> workers, callers;
  for (int i = 0; i < 3; ++i)
    workers.emplace_back([this, i] {
      std::minstd_rand random(static_cast<unsigned>(i));
      while (ScanRequest* request = queue_.Take(Role::kAny)) {
        Begin(*request);
        if (random() % 8 == 0) {
          if (!in_flight_.DropFirst(*request, NotThere(VSAPI_E_GONE))) continue;
        }
        const bool item_scoped = random() % 4 == 0;
        size_t applied = 0;
        do applied += in_flight_.TargetsFrom(*request, applied, item_scoped).size();
        while (!Finish(*request, applied, item_scoped));
      }
    });
  for (uint32_t caller = 0; caller < kCallers; ++caller)
    callers.emplace_back([this, caller] {
      std::minstd_rand random(100 + caller);
      for (uint32_t time = 0; time < kTimes; ++time) {
        const uint32_t content = random() % kContents;
        if (random() % 2 == 0) Submit(content, random() % 7);
        const auto ticket = NewTicket();
        if (Ask(content, random() % 7, ticket) == Admitted::kClosed) ADD_FAILURE() << "closed";
        if (random() % 3 == 0 && in_flight_.Expire(*ticket, kTimedOut)) ticket->Release();
      }
    });
  for (std::thread& caller : callers) caller.join();
  while (in_flight_.size() > 0) std::this_thread::yield();
  queue_.Close();
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(released_, int{kCallers * kTimes});
  ExpectEmpty();
}

}  // namespace
}  // namespace vsapi::engine
