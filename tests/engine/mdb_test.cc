// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/mdb, writing: stamps count before they are written, outcomes are
// written in order, in groups, and told once.
#include "engine/mdb_fixture.h"

#include <future>
#include <thread>

namespace vsapi::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// ---- Stamps on their way ------------------------------------------------------------------------

TEST_F(MdbTest, ShowsACleanStampBeforeItIsWritten) {
  mdb_->Write(Draft(1, 10));
  Gather();
  store_.inside_apply.Await();
  EXPECT_EQ(StampOf(1).verdict, VSAPI_VERDICT_CLEAN);
  EXPECT_EQ(StampOf(2).verdict, VSAPI_VERDICT_NONE);
}

TEST_F(MdbTest, AsksTheStoreAgainOnceTheStampIsWritten) {
  LetApply();
  mdb_->Write(Draft(1, 10));
  mdb_->Flush();
  store_.stamp.verdict = VSAPI_VERDICT_SUSPICIOUS;
  EXPECT_EQ(StampOf(1).verdict, VSAPI_VERDICT_SUSPICIOUS);
}

TEST_F(MdbTest, KeepsShowingAStampThatIsStillOnItsWayToAnotherItem) {
  mdb_->Write(Draft(1, 10));
  Gather();
  store_.inside_apply.Await(1);
  mdb_->Write(Draft(1, 11));  // the same content, in the next group
  store_.go_on.Add(1);
  Gather();
  store_.inside_apply.Await(2);
  EXPECT_EQ(StampOf(1).verdict, VSAPI_VERDICT_CLEAN);
}

TEST_F(MdbTest, ShowsNoStampThatDeniesBeforeItIsDurable) {
  mdb_->Write(Durable(1, 10));
  store_.inside_apply.Await();
  EXPECT_EQ(StampOf(1).verdict, VSAPI_VERDICT_NONE);
}

TEST_F(MdbTest, ShowsNoStampOfOneItemForAnother) {
  OutcomeDraft draft = Draft(1, 10);
  draft.stamp.scope = VSAPI_SCOPE_ITEM;
  mdb_->Write(std::move(draft));
  Gather();
  store_.inside_apply.Await();
  EXPECT_EQ(StampOf(1).verdict, VSAPI_VERDICT_NONE);
}

TEST_F(MdbTest, NeverShowsAnEarlierGenerationsStampOverALaterOnes) {
  mdb_->Write(Draft(1, 10, 5));
  mdb_->Write(Draft(1, 11, 4));
  EXPECT_EQ(StampOf(1).generation, 5u);
  mdb_->Write(Draft(1, 12, 6));
  EXPECT_EQ(StampOf(1).generation, 6u);
}

// ---- Writing ------------------------------------------------------------------------------------

TEST_F(MdbTest, WritesInTheOrderTheyCameAndInGroups) {
  mdb_->Write(Draft(1, 10));
  Gather();
  store_.inside_apply.Await();
  for (uint32_t key = 11; key < 16; ++key) mdb_->Write(Draft(key, key));
  LetApply();
  mdb_->Flush();
  EXPECT_THAT(store_.applied, ElementsAre(10, 11, 12, 13, 14, 15));
  EXPECT_EQ(store_.inside_apply.made(), 2u);
}

TEST_F(MdbTest, GathersCleanStampsForAMomentAndWritesThemTogether) {
  LetApply();
  for (uint32_t key = 10; key < 13; ++key) mdb_->Write(Draft(key, key));
  clock_.AwaitWaiters(1);
  clock_.Advance(Mdb::kGatherTime - std::chrono::milliseconds(1));
  clock_.AwaitWaiters(1);  // it has looked, and waits again
  EXPECT_EQ(store_.inside_apply.made(), 0u);
  clock_.Advance(std::chrono::milliseconds(1));
  store_.inside_apply.Await(1);
  mdb_->Detach();
  EXPECT_THAT(store_.applied, ElementsAre(10, 11, 12));
  EXPECT_EQ(store_.inside_apply.made(), 1u);
}

TEST_F(MdbTest, WritesAFullGroupAtOnce) {
  LetApply();
  for (uint32_t key = 0; key < Mdb::kGroup; ++key) mdb_->Write(Draft(key, key));
  store_.inside_apply.Await(1);
}

TEST_F(MdbTest, WritesWhatIsGatheredWithWhatSomebodyWaitsFor) {
  LetApply();
  mdb_->Write(Draft(1, 10));
  mdb_->Write(Durable(2, 20));
  store_.inside_apply.Await(1);
  mdb_->Detach();
  EXPECT_THAT(store_.applied, ElementsAre(10, 20));
  EXPECT_EQ(store_.inside_apply.made(), 1u);
}

TEST_F(MdbTest, TellsEachDurableOutcomeItsResultOnce) {
  store_.results = {{11, VSAPI_E_CHANGED}, {12, VSAPI_E_GONE}, {13, VSAPI_E_BUSY}};
  LetApply();
  for (uint32_t key = 10; key < 14; ++key) mdb_->Write(Durable(key, key));
  mdb_->Flush();
  EXPECT_THAT(done_, ElementsAre(std::pair(10u, VSAPI_OK), std::pair(11u, VSAPI_E_CHANGED),
                                 std::pair(12u, VSAPI_E_GONE), std::pair(13u, VSAPI_E_BUSY)));
}

TEST_F(MdbTest, TakesNothingForWrittenWhenTheStoreFailsAsAWhole) {
  store_.apply_status = VSAPI_E_INTERNAL;
  mdb_->Write(Draft(1, 10));
  mdb_->Write(Durable(2, 20));
  LetApply();
  mdb_->Flush();
  EXPECT_THAT(done_, ElementsAre(std::pair(20u, VSAPI_E_INTERNAL)));
  EXPECT_EQ(StampOf(1).verdict, VSAPI_VERDICT_NONE);
  EXPECT_EQ(counters_.Sum(Counter::kOutcomesNotWritten), 2u);
  const auto event = recorded_.Await(EventId::kOutcomeNotWritten);
  EXPECT_THAT(event.text, HasSubstr("\"first\""));
  EXPECT_EQ(event.fields.at("mdb"), "first");
}

// A full disk: one event for all that was lost together, and one when the store writes again.
TEST_F(MdbTest, TellsOnceWhyAGroupWasLostAndWhenTheStoreWritesAgain) {
  store_.apply_status = VSAPI_E_NO_ROOM;
  LetApply();
  mdb_->Write(Draft(1, 10));
  mdb_->Write(Draft(2, 20));
  OutcomeDraft found = Durable(3, 30);
  std::strcpy(found.stamp.finding, "Worm.A");
  mdb_->Write(std::move(found));
  mdb_->Flush();
  const auto lost = recorded_.Await(EventId::kOutcomeNotWritten);
  EXPECT_THAT(lost.text,
              HasSubstr("\"first\" could not write outcomes (no room left on its disk)"));
  EXPECT_EQ(lost.fields.at("finding"), "Worm.A");
  EXPECT_EQ(lost.fields.at("outcomes"),
            std::to_string(counters_.Sum(Counter::kOutcomesNotWritten)));
  EXPECT_EQ(mdb_->failures(), store_.inside_apply.made());
  store_.apply_status = VSAPI_OK;
  mdb_->Write(Durable(3, 30));
  mdb_->Flush();
  EXPECT_THAT(recorded_.Await(EventId::kStoreWritesAgain).text, HasSubstr("\"first\""));
}

// Nobody else brings these up again: the store itself is well.
TEST_F(MdbTest, CountsAGroupAsAFailureOfWhichSomeIsLost) {
  int woken = 0;
  mdb_->set_on_reason([&] { ++woken; });
  store_.results = {{10, VSAPI_E_DAMAGED}};
  LetApply();
  mdb_->Write(Draft(1, 10));
  mdb_->Write(Draft(2, 20));
  mdb_->Flush();
  EXPECT_EQ(mdb_->failures(), 1u);
  EXPECT_EQ(woken, 1);
  mdb_->Detach();
  EXPECT_EQ(mdb_->failures(), 1u);
}

// What is there now nobody has offered.
TEST_F(MdbTest, CountsAGroupAsAChangeOfWhichSomeChangedAMessageOrHadMoved) {
  int woken = 0;
  mdb_->set_on_reason([&] { ++woken; });
  store_.results = {{30, VSAPI_E_GONE}, {40, VSAPI_E_CHANGED}, {50, VSAPI_E_DAMAGED}};
  LetApply();
  const auto changes_after = [&](OutcomeDraft draft) {
    mdb_->Write(std::move(draft));
    mdb_->Flush();
    return mdb_->changes();
  };
  OutcomeDraft attempt = Draft(1, 10);
  attempt.action = VSAPI_ACTION_ATTEMPT;
  EXPECT_EQ(changes_after(Draft(1, 10)), 0u);
  EXPECT_EQ(changes_after(std::move(attempt)), 0u);
  EXPECT_EQ(changes_after(Durable(5, 50)), 0u);
  EXPECT_EQ(changes_after(Durable(2, 20)), 1u);
  EXPECT_EQ(changes_after(Draft(3, 30)), 2u);
  EXPECT_EQ(changes_after(Draft(4, 40)), 3u);
  EXPECT_EQ(woken, 4);  // one of them for the failure
}

TEST_F(MdbTest, IsCaughtUpWithWhenThePassThatBeganLastIsOver) {
  const int hangs = 1, goes_on = 2;
  mdb_->BeginCatchingUp(&hangs);
  mdb_->BeginCatchingUp(&goes_on);
  mdb_->EndCatchingUp(&hangs);
  EXPECT_TRUE(mdb_->is_catching_up());
  mdb_->EndCatchingUp(&goes_on);
  EXPECT_FALSE(mdb_->is_catching_up());
  mdb_->BeginCatchingUp(&hangs);
  mdb_->BeginCatchingUp(&goes_on);
  mdb_->EndCatchingUp(&goes_on);
  EXPECT_FALSE(mdb_->is_catching_up());
}

TEST_F(MdbTest, ComplainsNotOfContentThatChangedOrWent) {
  store_.results = {{10, VSAPI_E_CHANGED}, {11, VSAPI_E_GONE}};
  LetApply();
  mdb_->Write(Draft(1, 10));
  mdb_->Write(Draft(2, 11));
  mdb_->Flush();
  EXPECT_EQ(counters_.Sum(Counter::kOutcomesNotWritten), 0u);
}

TEST_F(MdbTest, HandsTheStoreTheWholeOutcome) {
  auto report = std::make_shared<ScanReport>();
  report->findings = {{VSAPI_FINDING_THREAT, "Eicar", "a.zip/b"},
                      {VSAPI_FINDING_THREAT, "Other", ""}};
  report->replacement = "new content";
  OutcomeDraft replace = Durable(1, 10), quarantine = Durable(2, 20);
  replace.action = VSAPI_ACTION_REPLACE;
  replace.report = quarantine.report = report;
  quarantine.attempt.count = 3;
  mdb_->Write(std::move(replace));
  mdb_->Write(std::move(quarantine));
  LetApply();
  mdb_->Flush();
  ASSERT_EQ(store_.outcomes.size(), 2u);
  EXPECT_EQ(store_.outcomes[0].action, VSAPI_ACTION_REPLACE);
  EXPECT_EQ(store_.outcomes[0].replacement_size, 11u);
  EXPECT_EQ(store_.outcomes[0].stamp.verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_EQ(store_.outcomes[0].result, VSAPI_E_INTERNAL);  // until the store sets it
  EXPECT_EQ(store_.outcomes[1].replacement, nullptr);
  EXPECT_EQ(store_.outcomes[1].attempt.count, 3u);
  EXPECT_THAT(store_.findings, ElementsAre("Eicar", "Other", "Eicar", "Other"));
}

TEST_F(MdbTest, EndsAFlushThoughOneOutcomeFollowsAnotherForEver) {
  std::atomic<bool> stop = false;
  std::function<void(int32_t)> another = [&](int32_t) {
    if (stop) return;
    OutcomeDraft next = Durable(1, 10);
    next.done = another;
    mdb_->Write(std::move(next));  // queued before the one at hand counts as written
  };
  LetApply();
  another(VSAPI_OK);
  mdb_->Flush();
  stop = true;
  mdb_->Detach();
}

// A flush that came while the last group was being written once left the writer asleep over what
// came next. Nobody can see that a flush waits: so again and again.
TEST_F(MdbTest, WritesWhatSomebodyWaitsForAfterAFlushOfWhatWasBeingWritten) {
  for (uint32_t round = 1; round <= 100; ++round) {
    mdb_->Write(Durable(1, 10));
    store_.inside_apply.Await(2 * round - 1);
    auto flushed = std::async(std::launch::async, [&] { mdb_->Flush(); });
    for (int turn = 0; turn < 100; ++turn) std::this_thread::yield();
    store_.go_on.Add(1);
    flushed.get();
    mdb_->Write(Durable(2, 20));
    store_.inside_apply.Await(2 * round);
    store_.go_on.Add(1);
  }
}

}  // namespace
}  // namespace vsapi::engine
