// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/watchdog: a vendor that does not come back is told of while it hangs,
// another thread takes the place of the one that it keeps, and what it says at last still counts.
#include "watchdog.h"

#include "support/inner_engine.h"
#include "text.h"

namespace vsapi::test {
namespace {

using engine::EventId;
using std::chrono::seconds;
using ::testing::HasSubstr;

// Past it a scan hangs, at the latest.
constexpr auto kHangs = seconds(60) + engine::Watchdog::kGrace + engine::Watchdog::kPeriod;

class WatchdogTest : public InnerEngineTest {
 protected:
  size_t Told(EventId id) {
    size_t told = 0;
    for (const auto& event : recorded_.all()) told += event.id == id ? 1 : 0;
    return told;
  }
  void AwaitTold(EventId id, size_t count) {
    EXPECT_TRUE(Eventually([&] { return Told(id) >= count; }))
        << Told(id) << " of " << count << " events " << static_cast<uint32_t>(id);
  }
  // The MDB's own thread, on the first item.
  void HangBackground() {
    recorded_.Await(EventId::kBackgroundIdle);
    store_->Put("a", "GATE INFECTED:Late");
    ASSERT_EQ(engine_->generations().Reload(), VSAPI_OK);
    gate_.AwaitEntered(1);
  }
};

TEST_F(WatchdogTest, TellsOfAScanThatHangsWhileItHangs) {
  Start("good", {{"VendorTimeout", "5"}});
  auto client = Hang(1);
  clock_.Advance(seconds(5));
  EXPECT_EQ(Told(EventId::kScanHangs), 0u);
  clock_.Advance(engine::Watchdog::kGrace);
  const auto event = recorded_.Await(EventId::kScanHangs);
  EXPECT_THAT(event.text, HasSubstr("GoodVendor hangs in scan"));
  const Item item = store_->ItemOf("held0");
  EXPECT_EQ(event.fields.at("digest"), engine::Hex(item.digest.bytes, sizeof item.digest.bytes));
  EXPECT_EQ(event.fields.at("bound"), "5000");
  EXPECT_TRUE(Eventually([&] { return Status().hung == 1; }));
}

TEST_F(WatchdogTest, TellsOfEachHungScanOnce) {
  Start("good");
  auto clients = Hang(1);
  clock_.Advance(kHangs);
  AwaitTold(EventId::kScanHangs, 1);
  clock_.Advance(engine::Watchdog::kPeriod);
  clients.push_back(std::move(Hang(1).front()));
  clock_.Advance(kHangs);
  AwaitTold(EventId::kScanHangs, 2);
  EXPECT_EQ(Told(EventId::kScanHangs), 2u);
}

TEST_F(WatchdogTest, HasTheWholePoolAgainWhenEveryThreadHangs) {
  Start("good");
  const size_t threads = Status().threads;
  auto hung = Hang(threads);
  clock_.Advance(kHangs);
  auto more = Hang(threads);  // all of them inside at once
  EXPECT_TRUE(Eventually([&] { return Status().threads == threads; }));
  AwaitTold(EventId::kScanHangs, threads);
  EXPECT_EQ(Told(EventId::kScanHangs), threads);
  gate_.LetAll();
  for (auto& client : more) EXPECT_EQ(Get(client).answer, VSAPI_ANSWER_ALLOW);
}

// An MDB's own thread hangs: another one goes on with the pass, and the late result still counts.
TEST_F(WatchdogTest, HasAnotherThreadGoOverAnMdbWhoseThreadHangs) {
  Start("good", {{"BackgroundScanning", "1"}});
  recorded_.Await(EventId::kBackgroundIdle);
  for (const char* key : {"b", "c", "d"}) store_->Put(key, std::string("harmless ") + key);
  HangBackground();
  clock_.Advance(kHangs);
  const auto verdict = [&](const char* key) { return store_->row(key).stamp.verdict; };
  for (const char* key : {"b", "c", "d"})
    EXPECT_TRUE(Eventually([&] { return verdict(key) == VSAPI_VERDICT_CLEAN; })) << key;
  EXPECT_EQ(Told(EventId::kTooManyHang), 0u);
  gate_.LetAll();
  EXPECT_TRUE(Eventually([&] { return verdict("a") == VSAPI_VERDICT_INFECTED; }));
}

TEST_F(WatchdogTest, LeavesAnMdbAloneThatWasDetachedWhileItsThreadHangs) {
  Start("good", {{"BackgroundScanning", "1"}});
  HangBackground();
  engine_->Detach(*engine_->Find(store_->mdb()));
  clock_.Advance(kHangs);
  AwaitTold(EventId::kScanHangs, 1);
  gate_.LetAll();
  EXPECT_TRUE(Eventually([&] {
    clock_.Advance(engine::Watchdog::kPeriod);  // its next look: the first one is over
    return Status().hung == 0;
  }));
  EXPECT_EQ(Told(EventId::kBackgroundBegun), 2u);  // of an empty store, and the one that hung
}

TEST_F(WatchdogTest, LeavesThePoolItsReplacementsWhereBackgroundHangsToo) {
  Start("good", {{"BackgroundScanning", "1"}, {"ScanningThreads", "2"}, {"MaxHungThreads", "1"}});
  HangBackground();
  clock_.Advance(kHangs);
  AwaitTold(EventId::kBackgroundIdle, 2);  // another thread has been over the MDB
  auto clients = Hang(1);
  gate_.AwaitEntered(2);
  clock_.Advance(kHangs);
  auto more = Hang(2);
  gate_.AwaitEntered(4);  // both threads of the pool are inside at once
  EXPECT_EQ(Told(EventId::kTooManyHang), 0u);
}

TEST_F(WatchdogTest, LetsALateResultCount) {
  Start("good");
  auto client = Hang(1, "GATE INFECTED:Late ");
  clock_.Advance(kHangs);
  AwaitTold(EventId::kScanHangs, 1);
  EXPECT_EQ(Open("other", "harmless").answer, VSAPI_ANSWER_ALLOW);
  gate_.LetAll();
  EXPECT_EQ(Get(client.front()).answer, VSAPI_ANSWER_DENY_INFECTED);
  EXPECT_EQ(store_->row("held0").stamp.verdict, VSAPI_VERDICT_INFECTED);
  clock_.Advance(engine::Watchdog::kPeriod);
  EXPECT_TRUE(Eventually([&] { return Status().hung == 0; }));
}

TEST_F(WatchdogTest, GivesNoThreadToThatContentAgain) {
  Start("good");
  auto client = Hang(1);
  clock_.Advance(kHangs);
  recorded_.Await(EventId::kPoisoned);
  EXPECT_TRUE(Eventually([&] { return Status().hung == 1; }));
  ASSERT_EQ(engine_->generations().Reload(), VSAPI_OK);  // it would be scanned anew
  EXPECT_EQ(Open("again", "GATE held0").reason, VSAPI_REASON_FAILED);
}

TEST_F(WatchdogTest, TurnsClientsAwayWhenMoreHangThanMayBeReplaced) {
  Start("good", {{"ScanningThreads", "2"}, {"MaxHungThreads", "1"}});
  auto hung = Hang(2);
  EXPECT_EQ(Told(EventId::kTooManyHang), 0u);
  clock_.Advance(kHangs);
  EXPECT_EQ(recorded_.Await(EventId::kTooManyHang).fields.at("hung"), "2");
  const Decision refused = Open("other", "harmless");
  EXPECT_EQ(refused.answer, VSAPI_ANSWER_IN_PROGRESS);
  EXPECT_EQ(refused.reason, VSAPI_REASON_VENDOR_HANGS);

  gate_.Let(1);
  EXPECT_TRUE(Eventually([&] { return Status().scanning == 1; }));
  // The thread that has come back may not have given up its session by the next look.
  EXPECT_TRUE(Eventually([&] {
    clock_.Advance(engine::Watchdog::kPeriod);
    return Told(EventId::kHangIsOver) == 1;
  }));
  EXPECT_EQ(Open("other", "harmless").answer, VSAPI_ANSWER_ALLOW);
}

TEST_F(WatchdogTest, TurnsClientsAwayFromASerialVendorThatHangs) {
  Start("serial");
  auto hung = Hang(1);
  clock_.Advance(kHangs);
  recorded_.Await(EventId::kTooManyHang);
  EXPECT_EQ(Open("other", "harmless").reason, VSAPI_REASON_VENDOR_HANGS);
}

TEST_F(WatchdogTest, TellsOfAControlCallThatHangsBeforeItHasReturned) {
  auto started = std::async(std::launch::async, [this] { Start("hangs_at_start"); });
  gate_.AwaitEntered(1);
  clock_.Advance(engine::BoundOf(engine::ControlCall::kStart) + seconds(1));
  const auto event = recorded_.Await(EventId::kControlHangs);
  EXPECT_EQ(event.fields.at("call"), "start");
  EXPECT_THAT(event.fields.at("library"), HasSubstr("hangs_at_start.so"));
  gate_.LetAll();
  started.get();
  EXPECT_EQ(Open("item", "harmless").answer, VSAPI_ANSWER_ALLOW);
}

}  // namespace
}  // namespace vsapi::test
