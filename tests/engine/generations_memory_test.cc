// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/generations where memory is short: a second instance is not built,
// the running one serves on, and the administrator learns how much is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "generations.h"
#include "support/recorded_events.h"

namespace vsapi::engine {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kMiB = 1 << 20;

class GenerationsMemoryTest : public ::testing::Test {
 protected:
  GenerationsMemoryTest() {
    std::string problem;
    EXPECT_TRUE(generations_.ReadSettings(problem)) << problem;
    generations_.Start({.sessions = [] { return size_t{1}; }, .changed = [] {}});
    EXPECT_TRUE(generations_.identity().serving);
  }

  SystemClock clock_;
  test::RecordedEvents recorded_;
  EventLog events_{clock_, recorded_.sink()};
  std::atomic<uint64_t> room_ = 1024 * kMiB;
  Generations generations_{
      {.overrides = {{"Enabled", "1"}, {"Library", VSAPI_TEST_VENDORS_DIR "/heavy.so"}},
       .available_memory = [this] { return room_.load(); }},
      clock_,
      events_};
};

TEST_F(GenerationsMemoryTest, AReloadWaitsWhereThereIsNoRoomForASecondInstance) {
  const uint64_t before = generations_.identity().generation;
  room_ = 10 * kMiB;
  EXPECT_EQ(generations_.Reload(), VSAPI_E_BUSY);
  EXPECT_EQ(generations_.identity().generation, before);
  EXPECT_TRUE(generations_.identity().serving);
  const auto event = recorded_.Await(EventId::kReloadWaits);
  EXPECT_EQ(event.severity, VSAPI_SEVERITY_WARNING);
  EXPECT_THAT(event.text, HasSubstr("MiB more than there are"));
  EXPECT_THAT(generations_.problem(), HasSubstr("MiB are missing"));
}

TEST_F(GenerationsMemoryTest, AReloadThatWaitedIsMadeWhenThereIsRoom) {
  const uint64_t before = generations_.identity().generation;
  room_ = 0;
  EXPECT_EQ(generations_.Reload(), VSAPI_E_BUSY);
  room_ = 1024 * kMiB;
  EXPECT_EQ(generations_.Reload(), VSAPI_OK);
  EXPECT_GT(generations_.identity().generation, before);
  EXPECT_EQ(generations_.problem(), "");
}

}  // namespace
}  // namespace vsapi::engine
