// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/scan_slots: who scans what, who is past his time, and what is left of
// a process that died.
#include "scan_slots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "support/items.h"
#include "support/test_folder.h"

namespace vsapi::engine {
namespace {

using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const TimePoint kStart{std::chrono::hours(1)};

ScanSlot::Call CallOf(uint32_t content, Duration budget = seconds(60)) {
  return {test::DigestOf(content), 7, content, kStart, kStart + budget};
}

// Runs `work` in a process that dies by it.
template <class Work>
void Die(Work work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
}

class ScanSlotsTest : public ::testing::Test {
 protected:
  ~ScanSlotsTest() override { EXPECT_EQ(problem_, ""); }
  std::string problem_;
};

TEST_F(ScanSlotsTest, FindWhoIsPastHisTime) {
  ScanSlots slots("", problem_);
  slots.of(3)->Enter(CallOf(1, seconds(5)));
  slots.of(4)->Enter(CallOf(2, seconds(50)));
  EXPECT_THAT(slots.FindOverdue(kStart + seconds(5), seconds(1)), IsEmpty());
  const auto overdue = slots.FindOverdue(kStart + seconds(6), seconds(1));
  ASSERT_THAT(overdue, SizeIs(1));
  EXPECT_EQ(overdue[0].session, 3u);
  EXPECT_EQ(overdue[0].call.number, 1u);
  EXPECT_EQ(overdue[0].call.judge, 7u);
  EXPECT_TRUE(SameDigest(overdue[0].call.content, test::DigestOf(1)));
  slots.of(3)->Leave();
  EXPECT_THAT(slots.FindOverdue(kStart + seconds(6), seconds(1)), IsEmpty());
}

TEST_F(ScanSlotsTest, HaveNoneForASessionPastTheLast) {
  ScanSlots slots("", problem_);
  EXPECT_NE(slots.of(ScanSlots::kSlots - 1), nullptr);
  EXPECT_EQ(slots.of(ScanSlots::kSlots), nullptr);
}

TEST_F(ScanSlotsTest, TellWhatWasScannedWhenAProcessDied) {
  const test::TestFolder folder;
  Die([&] {
    ScanSlots slots(folder.path(), problem_);
    slots.of(0)->Enter(CallOf(1));
    slots.of(9)->Enter(CallOf(2));
    slots.of(9)->Leave();
    _exit(0);
  });
  {
    const ScanSlots slots(folder.path(), problem_);
    ASSERT_THAT(slots.left_behind(), SizeIs(1));
    EXPECT_TRUE(SameDigest(slots.left_behind()[0].content, test::DigestOf(1)));
  }
  ScanSlots slots(folder.path(), problem_);
  EXPECT_THAT(slots.left_behind(), SizeIs(1)) << "it was not said to be kept elsewhere";
  slots.ForgetLeftBehind();
  EXPECT_THAT(slots.left_behind(), IsEmpty());
}

// What can't be kept elsewhere stays for the next one, and nobody takes it for a scan that hangs.
TEST_F(ScanSlotsTest, KeepWhatWasLeftBehindOutOfTheWayOfThreads) {
  const test::TestFolder folder;
  Die([&] { ScanSlots(folder.path(), problem_).of(3)->Enter(CallOf(1)); });
  for (int restart = 0; restart < 2; ++restart) {
    ScanSlots slots(folder.path(), problem_);
    ASSERT_THAT(slots.left_behind(), SizeIs(1));
    slots.KeepLeftBehind();
    ScanSlot::Call call;
    EXPECT_FALSE(slots.of(3)->Read(call));
    EXPECT_THAT(slots.FindOverdue(kStart + seconds(1000), seconds(1)), IsEmpty());
  }
  const ScanSlots slots(folder.path(), problem_);
  ASSERT_THAT(slots.left_behind(), SizeIs(1));
  EXPECT_TRUE(SameDigest(slots.left_behind()[0].content, test::DigestOf(1)));
}

TEST_F(ScanSlotsTest, OfAProcessThatLivesAreNotLeftBehind) {
  const test::TestFolder folder;
  ScanSlots one(folder.path(), problem_);
  one.of(0)->Enter(CallOf(1));
  ScanSlots other(folder.path(), problem_);
  EXPECT_THAT(other.left_behind(), IsEmpty());
  other.of(0)->Enter(CallOf(2));
  EXPECT_TRUE(SameDigest(one.left_behind()[0].content, test::DigestOf(1)));
}

TEST_F(ScanSlotsTest, OfAllThatDiedAreFound) {
  const test::TestFolder folder;
  Die([&] {
    ScanSlots one(folder.path(), problem_), other(folder.path(), problem_);
    one.of(0)->Enter(CallOf(1));
    other.of(0)->Enter(CallOf(2));
    _exit(0);
  });
  ScanSlots slots(folder.path(), problem_);
  EXPECT_THAT(slots.left_behind(), SizeIs(2));
  slots.ForgetLeftBehind();
  EXPECT_THAT(slots.left_behind(), IsEmpty());
}

TEST(ScanSlots, AreInMemoryAloneWhereTheFolderIsNotThere) {
  std::string problem;
  ScanSlots slots("/nowhere/at/all", problem);
  EXPECT_THAT(problem, ::testing::HasSubstr("/nowhere/at/all"));
  slots.of(0)->Enter(CallOf(1));
  EXPECT_THAT(slots.FindOverdue(kStart + seconds(99), seconds(1)), SizeIs(1));
}

}  // namespace
}  // namespace vsapi::engine
