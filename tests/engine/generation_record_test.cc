// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/generation_record: numbers only grow, and when all is to be looked at
// again outlives a restart.
#include "generation_record.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/manual_clock.h"
#include "support/recorded_events.h"
#include "support/test_folder.h"

namespace vsapi::engine {
namespace {

class GenerationRecordTest : public ::testing::Test {
 protected:
  GenerationRecord Record() { return GenerationRecord(folder_.path(), clock_, events_); }
  // As an engine does that starts and builds one generation.
  GenerationRecord::Entry Serve(const std::string& parameters, bool forces_pass = false) {
    GenerationRecord record = Record();
    const auto entry = record.Next(parameters, forces_pass);
    record.Serves(entry);
    return entry;
  }

  test::TestFolder folder_;
  test::ManualClock clock_;
  test::RecordedEvents recorded_;
  EventLog events_{clock_, recorded_.sink()};
};

TEST_F(GenerationRecordTest, MakesNothingStaleAtFirst) {
  EXPECT_EQ(Serve("first").since, 0u);
  EXPECT_EQ(Serve("first").since, 0u);
}

TEST_F(GenerationRecordTest, BeginsAnewWhenParametersChange) {
  Serve("first");
  const auto second = Serve("second");
  EXPECT_EQ(second.since, second.number);
  const auto third = Serve("second");
  EXPECT_GT(third.number, second.number);
  EXPECT_EQ(third.since, second.number);
  const auto fourth = Serve("first");
  EXPECT_EQ(fourth.since, fourth.number);
}

TEST_F(GenerationRecordTest, BeginsAnewWhereAPassIsForced) {
  Serve("p");
  const auto forced = Serve("p", true);
  EXPECT_EQ(forced.since, forced.number);
  EXPECT_EQ(Serve("p").since, forced.number);
}

TEST_F(GenerationRecordTest, ForgetsWhatNeverServed) {
  Serve("first");
  GenerationRecord record = Record();
  const auto refused = record.Next("second", true);
  EXPECT_EQ(refused.since, refused.number);
  const auto again = record.Next("first", false);
  EXPECT_GT(again.number, refused.number);
  EXPECT_EQ(again.since, 0u);
  EXPECT_GT(Record().Next("first", false).number, again.number);
}

TEST_F(GenerationRecordTest, KeepsParametersOfAnyText) {
  for (const std::string parameters : {"", "a\nb = 7 8\n", "7 8\n9"}) {
    Serve(parameters);
    const uint64_t since = Serve(parameters).since;
    EXPECT_EQ(Serve(parameters).since, since) << parameters;
  }
}

TEST_F(GenerationRecordTest, GoesOnFromTheNumberThatAnEarlierEngineLeft) {
  const uint64_t left = static_cast<uint64_t>(clock_.WallNs() / 1'000'000'000) + 1000;
  std::ofstream(folder_.path() + "/virusscan.state") << left << '\n';
  const auto entry = Serve("p");
  EXPECT_EQ(entry.number, left + 1);
  EXPECT_EQ(entry.since, 0u);
}

TEST_F(GenerationRecordTest, TellsWhenItCannotBeKept) {
  GenerationRecord record(folder_.path() + "/none", clock_, events_);
  record.Next("p", false);
  recorded_.Await(EventId::kStateNotKept);
}

}  // namespace
}  // namespace vsapi::engine
