// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/background: what is not judged under the current generation is
// scanned while nobody asks for it, never before what somebody waits for, and never twice.
#include "support/engine_test.h"

namespace vsapi::test {
namespace {

using ::testing::HasSubstr;

class Background : public EngineTest {
 protected:
  void StartOn(const std::string& vendor = "good", Settings settings = {}) {
    settings.emplace_back("BackgroundScanning", "1");
    Start(vendor, settings);
    events_->AwaitPasses();  // of the fixture's own store, which is empty
  }
  // A store that has `rows` already when it is attached.
  std::shared_ptr<MemoryStore> AttachWith(
      const std::vector<std::pair<std::string, std::string>>& rows,
      const std::string& name = "public store") {
    auto store = std::make_shared<MemoryStore>();
    for (const auto& [key, content] : rows) store->Put(key, content);
    store->set_mdb(engine_->Attach(name, store));
    return store;
  }
  static bool IsStamped(const std::shared_ptr<MemoryStore>& store, const std::string& key) {
    return store->row(key).stamp.verdict != VSAPI_VERDICT_NONE;
  }
  // One client more than the pool has threads: the last one's request is queued.
  std::vector<std::future<Decision>> HoldHighQueued() {
    auto clients = HoldAllThreads();
    clients.push_back(OpenLater(store_->Put("queued", "queued high")));
    EXPECT_TRUE(Eventually([&] { return engine_->Status().queued_high == 1; }));
    return clients;
  }
  void WriteSettings(const std::string& values) {
    settings_file_ = folder_.Write(
        "v.reg",
        "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\"
        "Services\\MSExchangeIS\\VirusScan]\n" +
            values);
  }

  TemporaryFolder folder_;
};

// ---- What is scanned ----------------------------------------------------------------------------

TEST_F(Background, ScansAllThatIsStaleWhenAnMdbIsAttached) {
  StartOn();
  std::vector<std::pair<std::string, std::string>> rows;
  for (int i = 0; i < 200; ++i) rows.emplace_back(std::to_string(i), "number " + std::to_string(i));
  const auto store = AttachWith(rows);
  events_->AwaitPasses(2);
  engine_->Flush(store->mdb());
  for (const auto& [key, content] : rows) EXPECT_TRUE(IsStamped(store, key)) << key;
  EXPECT_THAT(events_->text(kBackgroundEnded), HasSubstr("has ended: 200 items scanned, 0 found"));
  EXPECT_EQ(scans(), 200u);
  EXPECT_EQ(Count("Virus Scan Messages Scanned in Background"), 200u);
  EXPECT_EQ(Count("Virus Scan Folders Scanned in Background"), 2u);
}

TEST_F(Background, HasTheStampsOfAStepWrittenBeforeItAsksForTheNext) {
  StartOn();
  const auto store = AttachWith({{"one", "harmless"}, {"two", "harmless too"}});
  events_->AwaitPasses(2);
  EXPECT_TRUE(IsStamped(store, "one"));
  EXPECT_TRUE(IsStamped(store, "two"));
}

TEST_F(Background, ReadsNoContentOfWhatIsCurrent) {
  StartOn();
  const auto store = AttachWith({{"one", "harmless"}});
  events_->AwaitPasses(2);
  engine_->Flush(store->mdb());
  EXPECT_TRUE(engine_->Reload());
  events_->AwaitPasses(4);
  EXPECT_EQ(store->opens(), 1);
  EXPECT_EQ(store->stamps_read(), 1);
  EXPECT_THAT(events_->text(kBackgroundIdle), HasSubstr("nothing to scan"));
}

TEST_F(Background, ScansAllOverAgainWhenTheVersionRises) {
  WriteSettings("\"Version\"=dword:1\n");
  StartOn();
  const auto store = AttachWith({{"one", "harmless"}, {"two", "harmless too"}});
  events_->AwaitPasses(2);
  engine_->Flush(store->mdb());
  WriteSettings("\"Version\"=dword:2\n");
  EXPECT_TRUE(engine_->Reload());
  EXPECT_TRUE(Eventually([&] { return store->row("two").stamp.version == 2; }));
  EXPECT_TRUE(Eventually([&] { return store->row("one").stamp.version == 2; }));
}

TEST_F(Background, ActsOnWhatItFinds) {
  StartOn();
  const auto store = AttachWith({{"bad", "INFECTED:Worm.A"}, {"good", "harmless"}});
  events_->AwaitPasses(2);
  engine_->Flush(store->mdb());
  EXPECT_EQ(store->row("bad").stamp.verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_THAT(events_->text(kBackgroundEnded), HasSubstr("2 items scanned, 1 found"));
  EXPECT_EQ(events_->count(kVirusFound), 1);
}

TEST_F(Background, FindsWhatTheProactiveListCouldNotTake) {
  StartOn("good", {{"ProactiveScanning", "1"}, {"ProactiveLimit", "2"}});
  HoldLowThreads();
  for (const char* key : {"queued1", "queued2"})
    EXPECT_EQ(engine_->Submitted(store_->Put(key, key)), VSAPI_SUBMITTED_QUEUED);
  EXPECT_EQ(engine_->Submitted(store_->Put("left", "left")), VSAPI_SUBMITTED_LEFT);
  EXPECT_EQ(store_->walks(), 1);
  gate_.LetAll();
  EXPECT_TRUE(Eventually([&] { return IsStamped(store_, "left"); }));
}

TEST_F(Background, LeavesAloneWhatWasAttemptedJustBefore) {
  StartOn();
  store_->open_status = VSAPI_E_READ_FAILED;
  store_->Put("item", "harmless");
  EXPECT_TRUE(engine_->Reload());
  events_->AwaitPasses(2);
  engine_->Flush(store_->mdb());
  EXPECT_EQ(store_->row("item").attempt.count, 1u);
  store_->open_status = VSAPI_OK;
  EXPECT_TRUE(engine_->Reload());
  events_->AwaitPasses(3);
  EXPECT_FALSE(IsStamped(store_, "item"));
  EXPECT_EQ(store_->opens(), 1);
}

// ---- Which of it --------------------------------------------------------------------------------

TEST_F(Background, LeavesAloneWhatHasAStampWhereOnlyTheUnscannedIsWanted) {
  WriteSettings("\"Version\"=dword:1\n\"BackgroundScanningOnlyUnscanned\"=dword:1\n");
  StartOn();
  store_->Put("old", "harmless");
  ASSERT_EQ(Open(store_->ItemOf("old")).answer, VSAPI_ANSWER_ALLOW);
  engine_->Flush(store_->mdb());
  store_->Put("new", "harmless too");
  WriteSettings("\"Version\"=dword:2\n\"BackgroundScanningOnlyUnscanned\"=dword:1\n");
  events_->AwaitPasses(2);
  EXPECT_EQ(store_->row("new").stamp.version, 2u);
  EXPECT_EQ(store_->row("old").stamp.version, 1u);
  WriteSettings("\"Version\"=dword:2\n");
  events_->AwaitPasses(3);
  EXPECT_EQ(store_->row("old").stamp.version, 2u);
}

TEST_F(Background, TakesOnlyMessagesWithAttachmentsWhereThatIsWanted) {
  WriteSettings("\"BackgroundScanningAttachmentMessagesOnly\"=dword:1\n");
  StartOn();
  store_->Put("body", "harmless");
  store_->Put("attachment", "harmless too", "a.txt");
  EXPECT_TRUE(engine_->Reload());
  events_->AwaitPasses(2);
  EXPECT_TRUE(IsStamped(store_, "attachment"));
  EXPECT_FALSE(IsStamped(store_, "body"));
  WriteSettings("");
  events_->AwaitPasses(3);
  EXPECT_TRUE(IsStamped(store_, "body"));
}

TEST_F(Background, LeavesAloneWhatCameInBeforeTheAgeLimit) {
  WriteSettings("\"BackgroundScanningRollingLowerAgeLimit\"=dword:e10\n");
  StartOn();
  const auto ago = [](std::chrono::minutes time) {
    return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch() - time)
        .count();
  };
  store_->Put("old", "harmless");
  store_->SetReceived("old", ago(std::chrono::minutes(61)));
  store_->Put("new", "harmless too");
  store_->SetReceived("new", ago(std::chrono::minutes(30)));
  EXPECT_TRUE(engine_->Reload());
  events_->AwaitPasses(2);
  EXPECT_TRUE(IsStamped(store_, "new"));
  EXPECT_FALSE(IsStamped(store_, "old"));
}

// ---- Beside others ------------------------------------------------------------------------------

TEST_F(Background, PausesWhileAHighRequestIsQueued) {
  StartOn();
  auto clients = HoldHighQueued();
  const auto store = AttachWith({{"one", "harmless"}});
  ASSERT_TRUE(Eventually([&] { return Count("Requests In Flight") == clients.size() + 1; }));
  EXPECT_EQ(store->opens(), 0);
  EXPECT_EQ(engine_->Status().queued_high, 1u);
  gate_.LetAll();
  EXPECT_TRUE(Eventually([&] { return IsStamped(store, "one"); }));
  for (auto& client : clients) EXPECT_EQ(Get(client).answer, VSAPI_ANSWER_ALLOW);
}

TEST_F(Background, LeavesTheItemInItsHandsToAClient) {
  StartOn();
  auto clients = HoldHighQueued();
  const auto store = AttachWith({{"one", "harmless"}});
  ASSERT_TRUE(Eventually([&] { return Count("Requests In Flight") == clients.size() + 1; }));
  clients.push_back(OpenLater(store->ItemOf("one")));
  EXPECT_EQ(Count("Promotions"), 1u);
  EXPECT_EQ(engine_->Status().queued_high, 2u);
  gate_.LetAll();
  for (auto& client : clients) EXPECT_EQ(Get(client).answer, VSAPI_ANSWER_ALLOW);
  events_->AwaitPasses(2);
  EXPECT_THAT(events_->text(kBackgroundIdle), HasSubstr("nothing to scan"));
  EXPECT_EQ(store->opens(), 1);
}

TEST_F(Background, IsJoinedByAClientWhileItScans) {
  StartOn();
  const auto store = AttachWith({{"one", "GATE INFECTED:Worm.A"}});
  gate_.AwaitEntered(1);
  auto client = OpenLater(store->ItemOf("one"));
  EXPECT_EQ(Count("Joins"), 1u);
  gate_.LetAll();
  EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  EXPECT_EQ(scans(), 1u);
}

TEST_F(Background, JoinsTheScanThatAClientWaitsFor) {
  StartOn();
  auto client = OpenLater(store_->Put("opened", "GATE"));
  gate_.AwaitEntered(1);
  const auto store = AttachWith({{"one", "GATE"}});
  events_->AwaitPasses(2);
  gate_.LetAll();
  Get(client);
  EXPECT_TRUE(Eventually([&] { return IsStamped(store, "one"); }));
  EXPECT_EQ(gate_.entered(), 1u);
  EXPECT_EQ(store->opens(), 0);
}

TEST_F(Background, ScansEachMdbByAThreadOfItsOwn) {
  StartOn();
  const auto first = AttachWith({{"one", "GATE first"}}, "first");
  const auto second = AttachWith({{"one", "GATE second"}}, "second");
  gate_.AwaitEntered(2);
  EXPECT_EQ(Open(store_->Put("item", "harmless")).answer, VSAPI_ANSWER_ALLOW);
  gate_.LetAll();
  EXPECT_TRUE(Eventually([&] { return IsStamped(first, "one") && IsStamped(second, "one"); }));
}

// ---- Settings -----------------------------------------------------------------------------------

TEST_F(Background, DoesNothingWhereItIsOffAndStartsWhenItIsSwitchedOn) {
  WriteSettings("\"BackgroundScanning\"=dword:0\n");
  Start();
  const auto store = AttachWith({{"one", "harmless"}});
  EXPECT_TRUE(engine_->Reload());
  EXPECT_EQ(store->walks(), 0);
  WriteSettings("\"BackgroundScanning\"=dword:1\n");
  EXPECT_TRUE(Eventually([&] { return IsStamped(store, "one"); }));
}

TEST_F(Background, IsOnForTheMdbThatTheSettingsFileSays) {
  WriteSettings(
      "\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\MAIL1\\"
      "Public-folders]\n\"VirusScanBackgroundScanning\"=dword:1\n");
  Start();
  const auto folders = AttachWith({{"one", "harmless"}}, "folders");
  EXPECT_TRUE(Eventually([&] { return IsStamped(folders, "one"); }));
  EXPECT_EQ(store_->walks(), 0);
}

TEST_F(Background, DoesNothingWithoutAVendor) {
  Start("no_entry", {{"BackgroundScanning", "1"}});
  const auto store = AttachWith({{"one", "harmless"}});
  EXPECT_TRUE(engine_->Shutdown(kPatience));
  EXPECT_EQ(store->walks(), 0);
}

// ---- Stores that fail ---------------------------------------------------------------------------

TEST_F(Background, ReportsAStoreThatCannotSayWhatIsStale) {
  StartOn();
  store_->walk_status = VSAPI_E_INTERNAL;
  engine_->Reload();
  events_->Await(kBackgroundFails);
  EXPECT_EQ(store_->walks(), 2);
}

// What could not be written is found again by a pass of its own, as soon as that is due.
TEST_F(Background, TellsOfAPassThatMetFailuresOfItsStore) {
  StartOn();
  store_->Put("item", "harmless");
  store_->apply_status = VSAPI_E_NO_ROOM;
  EXPECT_TRUE(engine_->Reload());
  events_->Await(kOutcomeNotWritten);
  events_->Await(kBackgroundEnded);
  EXPECT_THAT(events_->text(kBackgroundEnded),
              HasSubstr("has met failures, and is to be made again: 1 items"));
  EXPECT_FALSE(IsStamped(store_, "item"));
}

TEST_F(Background, LeavesAStoreAloneThatHasNoSuchWalk) {
  StartOn();
  auto without = std::make_shared<MemoryStore>();
  without->walk_status = VSAPI_E_ABSENT;
  without->Put("one", "harmless");
  engine_->Attach("without", without);
  EXPECT_TRUE(engine_->Reload());
  events_->AwaitPasses(2);
  EXPECT_TRUE(engine_->Shutdown(kPatience));
  EXPECT_EQ(without->walks(), 0);
  EXPECT_EQ(events_->count(kBackgroundIdle), 2);
  EXPECT_EQ(events_->count(kBackgroundFails), 0);
}

TEST_F(Background, EndsAWalkThatStandsStill) {
  StartOn();
  store_->walk_stands_still = true;
  store_->Put("item", "harmless");
  store_->apply_status = VSAPI_E_INTERNAL;  // it stays stale
  engine_->Reload();
  events_->Await(kBackgroundFails);
  EXPECT_EQ(store_->opens(), 1);
}

TEST_F(Background, GoesOnAfterAnItemThatIsGone) {
  StartOn();
  store_->Put("a", "soon gone");
  store_->Put("b", "harmless");
  store_->open_gate.Close();
  EXPECT_TRUE(engine_->Reload());
  store_->open_gate.AwaitArrived(1);
  store_->Remove("a");
  store_->open_gate.Open();
  EXPECT_TRUE(Eventually([&] { return IsStamped(store_, "b"); }));
}

// ---- The end ------------------------------------------------------------------------------------

TEST_F(Background, IsCancelledByShutdown) {
  StartOn("hang");
  const auto store = AttachWith({{"item", "HANG"}});
  ASSERT_TRUE(Eventually([&] { return engine_->Status().scanning == 1; }));
  EXPECT_TRUE(engine_->Shutdown(kPatience));
  EXPECT_FALSE(IsStamped(store, "item"));
  EXPECT_EQ(store->row("item").attempt.count, 0u);
}

TEST_F(Background, IsLeftBehindIfItHangs) {
  StartOn();
  const auto store = AttachWith({{"item", "GATE"}});
  gate_.AwaitEntered(1);
  EXPECT_FALSE(engine_->Shutdown(std::chrono::milliseconds(20)));
  EXPECT_EQ(events_->count(kThreadsAbandoned), 1);
  engine_.reset();
  gate_.LetAll();
  EXPECT_TRUE(Eventually([&] { return store->open_contents() == 0; }));
}

TEST_F(Background, EndsWithItsPauseAtShutdown) {
  StartOn();
  auto clients = HoldHighQueued();
  const auto store = AttachWith({{"one", "harmless"}});
  ASSERT_TRUE(Eventually([&] { return Count("Requests In Flight") == clients.size() + 1; }));
  auto ended = std::async(std::launch::async, [&] { return engine_->Shutdown(kPatience); });
  for (auto& client : clients) Get(client);
  gate_.LetAll();
  EXPECT_TRUE(ended.get());
  EXPECT_EQ(store->opens(), 0);
}

TEST_F(Background, IsCancelledByDetach) {
  StartOn("hang");
  auto store = AttachWith({{"item", "HANG"}});
  const std::weak_ptr<MemoryStore> held = store;
  ASSERT_TRUE(Eventually([&] { return engine_->Status().scanning == 1; }));
  engine_->Detach(store->mdb());
  store.reset();
  EXPECT_TRUE(Eventually([&] { return held.expired(); }));
}

TEST_F(Background, GivesTheItemInItsHandsBackAtDetach) {
  StartOn("good", {{"ProactiveScanning", "1"}});
  auto clients = HoldHighQueued();
  const auto store = AttachWith({{"one", "shared"}});
  ASSERT_TRUE(Eventually([&] { return Count("Requests In Flight") == clients.size() + 1; }));
  EXPECT_EQ(engine_->Submitted(store_->Put("other", "shared")), VSAPI_SUBMITTED_QUEUED);
  engine_->Detach(store->mdb());
  ASSERT_TRUE(Eventually([&] { return engine_->Status().queued_low == 1; }));
  gate_.LetAll();
  EXPECT_TRUE(Eventually([&] { return IsStamped(store_, "other"); }));
}

TEST_F(Background, GivesItsSessionToTheNextMdb) {
  StartOn();
  for (int i = 0; i < 50; ++i) {
    const auto store = AttachWith({{"one", "number " + std::to_string(i)}});
    ASSERT_TRUE(Eventually([&] { return IsStamped(store, "one"); })) << i;
    engine_->Detach(store->mdb());
    events_->AwaitPasses(i + 2);
  }
  EXPECT_EQ(events_->count(kBackgroundFails), 0);
}

TEST_F(Background, LeavesAnMdbAloneThatIsSwitchedOffUntilItIsSwitchedOn) {
  const std::string head =
      "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\"
      "Services\\MSExchangeIS\\SERVER\\public store]\n\"VirusScanEnabled\"=dword:";
  settings_file_ = folder_.Write("v.reg", head + "0\n");
  StartOn();
  const auto off = AttachWith({{"one", "harmless"}});
  const auto on = AttachWith({{"one", "harmless"}}, "third store");
  events_->AwaitPasses(2);
  engine_->Flush(on->mdb());
  EXPECT_TRUE(IsStamped(on, "one"));
  EXPECT_EQ(off->walks(), 0);
  folder_.Write("v.reg", head + "1\n");
  events_->AwaitPasses(3);
  engine_->Flush(off->mdb());
  EXPECT_TRUE(IsStamped(off, "one"));
}

}  // namespace
}  // namespace vsapi::test
