// SPDX-License-Identifier: Apache-2.0
//
// The specification of what a simulation keeps of itself, and what of that outlives its process.
#include "simulate_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "error.h"
#include "temp_folder.h"

namespace store_sim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;

const LatencyHistogram& Of(const Results& results, Action action) {
  return results.all.actions[static_cast<size_t>(action)];
}

class LedgerTest : public ::testing::Test {
 protected:
  std::string Refusal(const std::string& identity) {
    try {
      Ledger ledger(file_, identity);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

  const TempFolder folder_;
  const std::filesystem::path file_ = folder_ / "ledger.jsonl";
};

TEST_F(LedgerTest, AddsUpSecondBySecond) {
  Ledger ledger;
  ledger.Took(Action::kOpen, 1ms);
  ledger.Asked(Answered::kAllowed, 1ms);
  ledger.Given(100);
  ledger.EndSecond(1, {});
  ledger.Took(Action::kOpen, 9ms);
  ledger.Asked(Answered::kInfected, 9ms);
  ledger.Gone();
  EXPECT_EQ(ledger.done(), 2u);
  const Results results = ledger.results();
  EXPECT_EQ(Of(results, Action::kOpen).count(), 2u);
  EXPECT_GE(Of(results, Action::kOpen).Percentile(100), 9ms);
  EXPECT_THAT(results.all.answers, ElementsAre(1, 1, 0, 0, 1));
  EXPECT_EQ(results.all.bytes, 100u);
  ASSERT_EQ(results.seconds.size(), 1u);
  EXPECT_NEAR(results.seconds[0].open_p99_ms, 1, 0.02);
}

TEST_F(LedgerTest, TellsTheSameFailureOnce) {
  Ledger ledger;
  ledger.Trouble("disk full");
  ledger.Trouble("disk full");
  EXPECT_THAT(ledger.results().troubles, ElementsAre("disk full"));
}

// As a killed one would, it just ends.
TEST_F(LedgerTest, GoesOnWhereAKilledOneWas) {
  QueueLook queue;
  queue.high = 3;
  {
    Ledger killed(file_, "a");
    EXPECT_EQ(killed.reached_s(), 0);
    killed.Stored("[1.1]", {0, 7});
    killed.Took(Action::kDeliver, 5ms);
    killed.Asked(Answered::kAllowed, 2ms);
    killed.Exposed({"EICAR", "mdb1/1", "user-0001", 0.5});
    killed.EndSecond(1.25, queue);
    killed.Took(Action::kDeliver, 5ms);
  }
  Ledger ledger(file_, "a");
  EXPECT_EQ(ledger.reached_s(), 1.25);
  EXPECT_EQ(ledger.starts(), 2u);
  const Results results = ledger.results();
  EXPECT_THAT(results.stored, ElementsAre(Key("[1.1]")));
  EXPECT_THAT(results.stored.at("[1.1]"), ElementsAre(0, 7));
  EXPECT_EQ(Of(results, Action::kDeliver).count(), 1u);
  EXPECT_EQ(results.all.messages.count(), 1u);
  EXPECT_EQ(results.exposed, 1u);
  EXPECT_EQ(results.exposures.at(0).message, "mdb1/1");
  EXPECT_EQ(results.seconds.at(0).queue.high, 3u);
}

TEST_F(LedgerTest, LosesOnlyTheLineThatWasBeingWritten) {
  { Ledger(file_, "a").Stored("[1.1]", {0}); }
  std::ofstream(file_, std::ios::app) << R"({"stored":"[1.2]","in)";
  { Ledger(file_, "a").Stored("[1.3]", {0}); }
  EXPECT_THAT(Ledger(file_, "a").results().stored, ElementsAre(Key("[1.1]"), Key("[1.3]")));
}

TEST_F(LedgerTest, IsNotTakenForThatOfAnotherSimulation) {
  { Ledger ledger(file_, "a"); }
  EXPECT_THAT(Refusal("b"), HasSubstr("is of another profile, seed or length"));
  EXPECT_EQ(Refusal("a"), "");
}

TEST_F(LedgerTest, IsOverWhenItHasEnded) {
  Ledger(file_, "a").End();
  EXPECT_THAT(Refusal("a"), HasSubstr("this simulation is over"));
}

TEST_F(LedgerTest, RefusesWhatIsNone) {
  for (const char* text : {"nonsense\n", "{\"stored\":7}\n", "[]\n", "{}\n"}) {
    folder_.Write("ledger.jsonl", text);
    EXPECT_THAT(Refusal("a"), HasSubstr("is no ledger of a simulation")) << text;
  }
}

}  // namespace
}  // namespace store_sim
