// SPDX-License-Identifier: Apache-2.0
//
// The specification of what background scanning looks at again although it carries a current stamp:
// what was scanned before Parameters changed, before a pass was forced, or always. Clients are
// given it meanwhile.
#include "support/engine_test.h"

namespace vsapi::test {
namespace {

class BackgroundAgain : public EngineTest {
 protected:
  ~BackgroundAgain() override { engine_.reset(); }  // before its settings file goes

  void Write(const std::string& parameters, const std::string& more = "") {
    settings_file_ = folder_.Write(
        "v.reg",
        "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\"
        "Services\\MSExchangeIS\\VirusScan]\n\"Enabled\"=dword:1\n\"BackgroundScanning\"=dword:1\n"
        "\"Library\"=\"" +
            VendorPath("good") + "\"\n\"Parameters\"=\"" + gate_.parameters() + ";" + parameters +
            "\"\n" + more);
  }
  void StartFromFile() {
    StartWith({.settings_file = settings_file_, .state_folder = folder_.path()});
  }
  // An engine that has scanned one item, and is through with it.
  void StartAndScanOne(const std::string& content = "harmless") {
    StartFromFile();
    events_->AwaitPasses();
    store_->Put("item", content);
    ASSERT_EQ(Open(store_->ItemOf("item")).answer, VSAPI_ANSWER_ALLOW);
    engine_->Flush(store_->mdb());
    ASSERT_EQ(scans(), 1u);
  }
  void AwaitPass() { events_->AwaitPasses(++passes_); }
  uint64_t generation_of_stamp() const { return store_->row("item").stamp.generation; }

  TemporaryFolder folder_;
  int passes_ = 1;
};

TEST_F(BackgroundAgain, IsAllThatWasScannedBeforeParametersChanged) {
  Write("a=1");
  StartAndScanOne();
  Write("a=2");
  AwaitPass();
  engine_->Flush(store_->mdb());
  EXPECT_EQ(scans(), 2u);
  EXPECT_EQ(generation_of_stamp(), engine_->Status().generation);
  EXPECT_EQ(engine_->Status().since_generation, engine_->Status().generation);
  EXPECT_EQ(store_->applied().back().since, engine_->Status().generation);
}

// A client of another MDB needs the same content while the background waits to scan it.
TEST_F(BackgroundAgain, IsScannedThoughAClientThatJoinsWouldTakeItAsItWas) {
  Write("a=1");
  StartAndScanOne();
  Open(store_->Put("first", "comes first"));
  auto clients = HoldAllThreads();
  clients.push_back(OpenLater(store_->Put("queued", "queued high")));
  Write("a=2");
  ASSERT_TRUE(Eventually([&] { return Count("Requests In Flight") == clients.size() + 1; }));
  const auto other = Attach("other store");
  clients.push_back(OpenLater(other->Put("item", "comes first")));
  EXPECT_EQ(Count("Promotions"), 1u);
  gate_.LetAll();
  for (auto& client : clients) EXPECT_EQ(Get(client).answer, VSAPI_ANSWER_ALLOW);
  EXPECT_TRUE(Eventually(
      [&] { return store_->row("first").stamp.generation == engine_->Status().generation; }));
}

TEST_F(BackgroundAgain, IsGivenToClientsMeanwhile) {
  Write("a=1");
  StartAndScanOne();
  Write("a=2", "\"BackgroundScanning\"=dword:0\n");
  EXPECT_TRUE(engine_->Reload());
  EXPECT_THAT(Open(store_->ItemOf("item")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
}

TEST_F(BackgroundAgain, IsNothingAfterAnOrdinaryReload) {
  Write("a=1");
  StartAndScanOne();
  EXPECT_TRUE(engine_->Reload());
  AwaitPass();
  EXPECT_EQ(scans(), 1u);
}

TEST_F(BackgroundAgain, IsAllThatWasScannedBeforeReloadNow) {
  Write("a=1");
  StartAndScanOne();
  Write("a=1", "\"ReloadNow\"=dword:1\n");
  AwaitPass();
  EXPECT_EQ(scans(), 2u);
  EXPECT_TRUE(engine_->Reload());
  AwaitPass();
  EXPECT_EQ(scans(), 2u);
}

TEST_F(BackgroundAgain, IsAllThatEarlierGenerationsScannedWhereStampsAreIgnored) {
  Write("a=1");
  StartAndScanOne();
  Write("a=1", "\"BackgroundScanningIgnoreStamp\"=dword:1\n");
  AwaitPass();
  EXPECT_EQ(scans(), 1u);  // by the generation that serves
  for (const uint64_t expected : {2u, 3u}) {
    EXPECT_TRUE(engine_->Reload());
    AwaitPass();
    EXPECT_EQ(scans(), expected);
  }
  Write("a=1");
  AwaitPass();
  EXPECT_EQ(scans(), 3u);
}

TEST_F(BackgroundAgain, IsNotWhatIsCleanForEver) {
  Write("a=1");
  StartAndScanOne("PERMANENT");
  Write("a=2");
  AwaitPass();
  EXPECT_EQ(scans(), 1u);
}

TEST_F(BackgroundAgain, MayBeReadUntilItsPassHasEndedWhereThatIsWanted) {
  constexpr char kGrace[] = "\"BackgroundGrace\"=dword:1\n";
  Write("version=1", kGrace);
  StartAndScanOne();
  ASSERT_EQ(Open(store_->Put("locked", "ENCRYPTED")).answer, VSAPI_ANSWER_ALLOW);
  engine_->Flush(store_->mdb());
  store_->Put("first", "GATE");
  Write("version=2", kGrace);
  gate_.AwaitEntered(1);
  EXPECT_THAT(Open(store_->ItemOf("item")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_GRACE));
  EXPECT_EQ(Count("Released Unscanned Grace"), 1u);
  EXPECT_EQ(engine_->Status().catching_up, 1u);
  EXPECT_EQ(engine_->Status().grace, 1);
  EXPECT_EQ(Open(store_->ItemOf("locked")).reason, VSAPI_REASON_SCANNED);  // it was not clean
  gate_.LetAll();
  AwaitPass();
  EXPECT_EQ(engine_->Status().catching_up, 0u);
  engine_->Flush(store_->mdb());
  EXPECT_THAT(Open(store_->ItemOf("item")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
}

TEST_F(BackgroundAgain, IsScannedWhenItIsOpenedElse) {
  Write("version=1");
  StartAndScanOne();
  store_->Put("first", "GATE");
  Write("version=2");
  gate_.AwaitEntered(1);
  EXPECT_THAT(Open(store_->ItemOf("item")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_EQ(engine_->Status().grace, 0);
  gate_.LetAll();
}

TEST_F(BackgroundAgain, IsScannedWhenItIsOpenedOutsideOfAPass) {
  Write("version=1", "\"BackgroundGrace\"=dword:1\n");
  StartAndScanOne();
  Write("version=2", "\"BackgroundGrace\"=dword:1\n\"BackgroundScanning\"=dword:0\n");
  EXPECT_TRUE(engine_->Reload());
  EXPECT_THAT(Open(store_->ItemOf("item")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

// Parameters changed while nobody looked, and nothing was scanned in the background before the end.
TEST_F(BackgroundAgain, IsRememberedOverRestarts) {
  Write("a=1");
  StartAndScanOne();
  const auto kept = store_;
  engine_.reset();
  Write("a=2", "\"BackgroundScanning\"=dword:0\n");
  StartFromFile();
  const uint64_t changed = engine_->Status().generation;
  engine_.reset();
  Write("a=2");
  StartFromFile();
  EXPECT_GT(engine_->Status().generation, changed);
  EXPECT_EQ(engine_->Status().since_generation, changed);
  kept->set_mdb(engine_->Attach("kept", kept));
  EXPECT_TRUE(Eventually(
      [&] { return kept->row("item").stamp.generation == engine_->Status().generation; }));
}

}  // namespace
}  // namespace vsapi::test
