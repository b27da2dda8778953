// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/generations where a vendor does not load: it is tried again every
// minute, and the administrator is told once.
#include <gtest/gtest.h>

#include <algorithm>

#include "generations.h"
#include "support/manual_clock.h"
#include "support/recorded_events.h"
#include "support/test_folder.h"

namespace vsapi::engine {
namespace {

// With a vendor that can't start as long as its file of definitions is empty.
class GenerationsLoadTest : public ::testing::Test {
 protected:
  GenerationsLoadTest() {
    std::string problem;
    EXPECT_TRUE(generations_.ReadSettings(problem)) << problem;
    generations_.Start({.sessions = [] { return size_t{1}; }, .changed = [] {}});
  }
  size_t Refusals() {
    const auto all = recorded_.all();
    return static_cast<size_t>(std::count_if(all.begin(), all.end(), [](const auto& event) {
      return event.id == EventId::kVendorRefused;
    }));
  }

  test::TestFolder folder_;
  const std::string definitions_ = folder_.Write("definitions", "");
  test::ManualClock clock_;
  test::RecordedEvents recorded_;
  EventLog events_{clock_, recorded_.sink()};
  Generations generations_{{.overrides = {{"Enabled", "1"},
                                          {"Library", VSAPI_TEST_VENDORS_DIR "/newer.so"},
                                          {"Parameters", "definitions=" + definitions_}}},
                           clock_,
                           events_};
};

TEST_F(GenerationsLoadTest, IsTriedAgainEveryMinute) {
  EXPECT_TRUE(generations_.identity().enabled);
  EXPECT_FALSE(generations_.identity().serving);
  folder_.Write("definitions", "1 monday\n");
  clock_.AwaitWaiters(1);
  clock_.Advance(std::chrono::seconds(59));
  clock_.AwaitWaiters(1);  // it has looked, and waits again
  EXPECT_FALSE(generations_.identity().serving);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(recorded_.Await(EventId::kVendorLoaded).fields["vendor"], "NewerVendor");
  EXPECT_TRUE(generations_.identity().serving);
}

TEST_F(GenerationsLoadTest, IsToldOnceForEachReason) {
  recorded_.Await(EventId::kVendorRefused);
  EXPECT_EQ(generations_.Reload(), VSAPI_E_INTERNAL);
  EXPECT_EQ(generations_.Reload(), VSAPI_E_INTERNAL);
  folder_.Write("definitions", "1 monday\n");
  EXPECT_EQ(generations_.Reload(), VSAPI_OK);
  recorded_.Await(EventId::kVendorLoaded);
  EXPECT_EQ(Refusals(), 1u);
}

}  // namespace
}  // namespace vsapi::engine
