// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/proactive: what is new in the store is scanned when nobody waits, at
// most 30 wait for that, and a client that opens one of them is served first.
#include "support/engine_test.h"

namespace vsapi::test {
namespace {

const Settings kOn = {{"ProactiveScanning", "1"}};

class Proactive : public EngineTest {
 protected:
  int32_t Submit(const std::string& key, const std::string& content) {
    return engine_->Submitted(store_->Put(key, content));
  }
  // Queues `count` requests behind threads that are held.
  void Queue(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string key = "queued" + std::to_string(i);
      EXPECT_EQ(Submit(key, "content of " + key), VSAPI_SUBMITTED_QUEUED);
    }
  }
  bool IsStamped(const std::string& key) {
    return store_->row(key).stamp.verdict != VSAPI_VERDICT_NONE;
  }
};

TEST_F(Proactive, ScansAndStampsWhatIsNew) {
  Start("good", kOn);
  EXPECT_EQ(Submit("new", "INFECTED:Worm.A"), VSAPI_SUBMITTED_QUEUED);
  ASSERT_TRUE(Eventually([&] { return IsStamped("new"); }));
  EXPECT_EQ(store_->row("new").stamp.verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_EQ(Count("Proactive Queued"), 1u);
}

TEST_F(Proactive, HasNothingToDoForACurrentStamp) {
  Start("good", kOn);
  Open(store_->Put("item", "harmless"));
  engine_->Flush(store_->mdb());
  EXPECT_EQ(engine_->Submitted(store_->ItemOf("item")), VSAPI_SUBMITTED_CURRENT);
}

TEST_F(Proactive, IsOffBySetting) {
  Start("good", {{"ProactiveScanning", "0"}});
  EXPECT_EQ(Submit("new", "harmless"), VSAPI_SUBMITTED_OFF);
  EXPECT_EQ(store_->calls(), 0);
}

TEST_F(Proactive, IsOffForTheMdbThatTheSettingsFileSays) {
  TemporaryFolder folder;
  settings_file_ = folder.Write(
      "v.reg",
      "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\"
      "Services\\MSExchangeIS\\MAIL1\\Public-folders]\n\"VirusScanProactiveScanning\"=dword:0\n");
  Start("good", kOn);
  const auto folders = Attach("folders");
  EXPECT_EQ(engine_->Submitted(folders->Put("new", "harmless")), VSAPI_SUBMITTED_OFF);
  EXPECT_EQ(Submit("new", "harmless"), VSAPI_SUBMITTED_QUEUED);
}

TEST_F(Proactive, IsOffWithoutAVendor) {
  Start("no_entry", kOn);
  EXPECT_EQ(Submit("new", "harmless"), VSAPI_SUBMITTED_OFF);
}

TEST_F(Proactive, LeavesTheThirtyFirstUnscannedAndCountsIt) {
  Start("good", kOn);
  HoldLowThreads();
  Queue(30);
  EXPECT_EQ(engine_->Status().queued_low, 30u);
  EXPECT_EQ(Submit("thirty-first", "one too many"), VSAPI_SUBMITTED_LEFT);
  EXPECT_EQ(Count("Proactive Left Unscanned"), 1u);
  EXPECT_EQ(Count("Low Lane Length"), 30u);
  EXPECT_GT(Count("Low Lane Oldest Nanoseconds"), 0u);
  EXPECT_EQ(Count("High Lane Length"), 0u);

  gate_.LetAll();
  ASSERT_TRUE(Eventually([&] { return IsStamped("queued29"); }));
  EXPECT_FALSE(IsStamped("thirty-first"));
}

TEST_F(Proactive, HasRoomAgainWhenTheListHasDrained) {
  Start("good", {{"ProactiveScanning", "1"}, {"ProactiveLimit", "2"}});
  HoldLowThreads();
  Queue(2);
  EXPECT_EQ(Submit("left", "one too many"), VSAPI_SUBMITTED_LEFT);
  gate_.LetAll();
  ASSERT_TRUE(Eventually([&] { return engine_->Status().queued_low == 0; }));
  EXPECT_EQ(Submit("left", "one too many"), VSAPI_SUBMITTED_QUEUED);
  EXPECT_TRUE(Eventually([&] { return IsStamped("left"); }));
}

TEST_F(Proactive, IsPromotedByAClientThatOpensTheItem) {
  Start("good", {{"ProactiveScanning", "1"}, {"ProactiveLimit", "2"}});
  HoldLowThreads();
  Queue(2);
  // The low threads are held still: only the high lane can answer.
  EXPECT_THAT(Open(store_->ItemOf("queued1")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_EQ(Count("Promotions"), 1u);
  EXPECT_FALSE(IsStamped("queued0"));
  EXPECT_EQ(Submit("new", "takes the place"), VSAPI_SUBMITTED_QUEUED);
  EXPECT_EQ(Submit("newer", "one too many"), VSAPI_SUBMITTED_LEFT);
}

TEST_F(Proactive, TakesNoSecondPlaceForTheSameContent) {
  Start("good", {{"ProactiveScanning", "1"}, {"ProactiveLimit", "1"}});
  HoldLowThreads();
  EXPECT_EQ(Submit("one", "the same"), VSAPI_SUBMITTED_QUEUED);
  EXPECT_EQ(Submit("two", "the same"), VSAPI_SUBMITTED_QUEUED);
  EXPECT_EQ(engine_->Status().queued_low, 1u);
  gate_.LetAll();
  EXPECT_TRUE(Eventually([&] { return IsStamped("one") && IsStamped("two"); }));
}

TEST_F(Proactive, JoinsAScanThatAClientWaitsFor) {
  Start("good", kOn);
  auto client = OpenLater(store_->Put("opened", "GATE"));
  gate_.AwaitEntered(1);
  EXPECT_EQ(Submit("new", "GATE"), VSAPI_SUBMITTED_QUEUED);
  gate_.LetAll();
  Get(client);
  EXPECT_TRUE(Eventually([&] { return IsStamped("new"); }));
  EXPECT_EQ(gate_.entered(), 1u);
}

// ---- ProactiveOverflow=displace-oldest
// -----------------------------------------------------------

const Settings kDisplaces = {
    {"ProactiveScanning", "1"}, {"ProactiveLimit", "2"}, {"ProactiveOverflow", "displace-oldest"}};

TEST_F(Proactive, LeavesTheOldestUnscannedInsteadWhereTheSettingSaysSo) {
  Start("good", kDisplaces);
  HoldLowThreads();
  Queue(3);
  EXPECT_EQ(engine_->Status().queued_low, 2u);
  EXPECT_EQ(Count("Proactive Displaced"), 1u);
  EXPECT_EQ(Count("Proactive Left Unscanned"), 1u);
  gate_.LetAll();
  ASSERT_TRUE(Eventually([&] { return IsStamped("queued1") && IsStamped("queued2"); }));
  EXPECT_FALSE(IsStamped("queued0"));
  EXPECT_TRUE(Eventually([&] { return Count("Requests In Flight") == 0; }));
}

TEST_F(Proactive, CountsEachItemOfADisplacedRequest) {
  Start("good", kDisplaces);
  const auto other = Attach("public store");
  HoldLowThreads();
  Submit("one", "the same");
  engine_->Submitted(other->Put("two", "the same"));
  Submit("next", "takes the second place");
  Submit("last", "takes the first place");
  EXPECT_EQ(Count("Proactive Displaced"), 1u);
  EXPECT_EQ(Count("Proactive Left Unscanned"), 2u);
}

TEST_F(Proactive, HasBackgroundFindWhatWasDisplaced) {
  Settings with_background = kDisplaces;
  with_background.emplace_back("BackgroundScanning", "1");
  Start("good", with_background);
  events_->AwaitPasses();
  HoldLowThreads();
  Queue(3);
  EXPECT_EQ(Count("Proactive Displaced"), 1u);
  gate_.LetAll();
  EXPECT_TRUE(Eventually([&] { return IsStamped("queued0"); }));
}

TEST_F(Proactive, DisplacesNothingForContentThatIsQueuedAlready) {
  Start("good", kDisplaces);
  HoldLowThreads();
  Queue(2);
  EXPECT_EQ(Submit("again", "content of queued1"), VSAPI_SUBMITTED_QUEUED);
  EXPECT_EQ(Count("Proactive Displaced"), 0u);
}

TEST_F(Proactive, ScansADisplacedItemAtOnceForAClient) {
  Start("good", kDisplaces);
  HoldLowThreads();
  Queue(3);
  EXPECT_THAT(Open(store_->ItemOf("queued0")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

TEST_F(Proactive, NeverHoldsAThreadThatClientsNeed) {
  Start("good", kOn);
  HoldLowThreads();
  for (int i = 0; i < 20; ++i)
    EXPECT_THAT(Open(store_->Put("urgent", "urgent " + std::to_string(i))),
                Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

}  // namespace
}  // namespace vsapi::test
