// SPDX-License-Identifier: Apache-2.0
//
// The specification of what clients are given without a scan because a setting says so: what came
// in long ago, what an older version has called clean, bodies in rich text; and of clients that
// come while the vendor is being loaded.
#include "support/engine_test.h"

namespace vsapi::test {
namespace {

constexpr char kAgeLimit[] = "OnAccessScanningRollingLowerAgeLimit";
constexpr char kThreshold[] = "OnAccessThresholdVersion";

class OnAccess : public EngineTest {
 protected:
  static Item CameIn(Item item, std::chrono::hours ago) {
    const auto when = std::chrono::system_clock::now() - ago;
    item.received_ns = std::chrono::nanoseconds(when.time_since_epoch()).count();
    return item;
  }
  Item Old(const std::string& key, const std::string& content) {
    return CameIn(store_->Put(key, content), std::chrono::hours(2));
  }
  static Item AsRtf(Item item) {
    item.kind = VSAPI_ITEM_RTF_BODY;
    return item;
  }
  // A row that `version` of the vendor has judged.
  Item Stamped(const std::string& key, uint64_t version, int32_t verdict = VSAPI_VERDICT_CLEAN) {
    store_->Put(key, "INFECTED:New");
    Stamp stamp = {};
    stamp.verdict = verdict;
    stamp.version = version;
    std::strcpy(stamp.vendor, "GoodVendor");
    store_->SetStamp(key, stamp);
    return store_->ItemOf(key);
  }
};

// ---- OnAccessScanningRollingLowerAgeLimit -------------------------------------------------------

TEST_F(OnAccess, WhatIsOlderThanTheLimitIsGivenUnscannedAndCounted) {
  Start("good", {{kAgeLimit, "3600"}});
  EXPECT_THAT(Open(Old("old", "INFECTED:A")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_OLD_ITEM));
  EXPECT_THAT(Open(CameIn(store_->Put("new", "INFECTED:B"), std::chrono::hours(0))),
              Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  EXPECT_EQ(Count("Released Unscanned Old Item"), 1u);
  EXPECT_EQ(scans(), 1u);
}

TEST_F(OnAccess, WhatTellsNoAgeIsNeverTooOld) {
  Start("good", {{kAgeLimit, "1"}});
  EXPECT_EQ(Open(store_->Put("1", "INFECTED:A")).answer, VSAPI_ANSWER_DENY_INFECTED);
  Item of_older_host = Old("2", "INFECTED:B");
  of_older_host.struct_size = offsetof(vsapi_item, received_ns);
  EXPECT_EQ(Open(of_older_host).answer, VSAPI_ANSWER_DENY_INFECTED);
}

TEST_F(OnAccess, NothingIsTooOldWithoutALimit) {
  Start();
  EXPECT_EQ(Open(Old("1", "INFECTED:A")).answer, VSAPI_ANSWER_DENY_INFECTED);
}

TEST_F(OnAccess, ADayIsTheLimitOf26) {
  Start("good", {{"Profile", "2.6"}});
  EXPECT_EQ(Open(Old("1", "INFECTED:A")).answer, VSAPI_ANSWER_DENY_INFECTED);
  EXPECT_EQ(Open(CameIn(store_->Put("2", "INFECTED:B"), std::chrono::hours(25))).reason,
            VSAPI_REASON_OLD_ITEM);
}

TEST_F(OnAccess, WhatWasOnceFoundToBeBadIsScannedHoweverOld) {
  Start("good", {{kAgeLimit, "3600"}});
  for (const int32_t verdict : {VSAPI_VERDICT_INFECTED, VSAPI_VERDICT_ENCRYPTED})
    EXPECT_THAT(Open(CameIn(Stamped(std::to_string(verdict), 0, verdict), std::chrono::hours(2))),
                Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
}

TEST_F(OnAccess, TransportScansWhatIsOld) {
  Start("good", {{kAgeLimit, "3600"}, {"TransportAVAPI\\Enabled", "1"}});
  EXPECT_EQ(Open(Old("1", "INFECTED:A"), VSAPI_ACCESS_TRANSPORT).answer,
            VSAPI_ANSWER_DENY_INFECTED);
}

// ---- OnAccessThresholdVersion -------------------------------------------------------------------

TEST_F(OnAccess, WhatAVersionFromTheThresholdOnHasCalledCleanIsGivenAndCounted) {
  Start("good", {{kThreshold, "5"}, {"Version", "9"}});
  EXPECT_THAT(Open(Stamped("5", 5)), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_OLD_STAMP));
  EXPECT_THAT(Open(Stamped("4", 4)), Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  EXPECT_EQ(Count("Released Unscanned Old Stamp"), 1u);
}

TEST_F(OnAccess, TheCurrentVersionIsTheThresholdElse) {
  Start("good", {{"Version", "9"}});
  EXPECT_EQ(Open(Stamped("8", 8)).answer, VSAPI_ANSWER_DENY_INFECTED);
}

TEST_F(OnAccess, AThresholdAboveTheCurrentVersionMakesNoStampStale) {
  Start("good", {{kThreshold, "99"}, {"Version", "9"}});
  EXPECT_THAT(Open(Stamped("9", 9)), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
}

TEST_F(OnAccess, TheThresholdTrustsNoVerdictButClean) {
  Start("good", {{kThreshold, "1"}, {"Version", "9"}});
  EXPECT_EQ(Open(Stamped("1", 5, VSAPI_VERDICT_UNSUPPORTED)).reason, VSAPI_REASON_SCANNED);
}

// The row that a client has in hand may be older than what the store knows by now.
TEST_F(OnAccess, TheThresholdLooksAtTheStampThatIsThereNow) {
  Start("good", {{kThreshold, "1"}, {"Version", "9"}});
  const Item read_before = Stamped("1", 5);
  Stamped("1", 9, VSAPI_VERDICT_INFECTED);
  EXPECT_EQ(Open(read_before).answer, VSAPI_ANSWER_DENY_INFECTED);
}

// ---- ScanRTF ------------------------------------------------------------------------------------

TEST_F(OnAccess, BodiesInRichTextAreScannedUnlessScanRTFIs0) {
  Start();
  EXPECT_EQ(Open(AsRtf(store_->Put("1", "INFECTED:A"))).answer, VSAPI_ANSWER_DENY_INFECTED);
  engine_.reset();
  Start("good", {{"ScanRTF", "0"}});
  EXPECT_THAT(Open(AsRtf(store_->Put("1", "INFECTED:A"))),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_RTF_BODY));
  EXPECT_EQ(Open(store_->Put("2", "INFECTED:A")).answer, VSAPI_ANSWER_DENY_INFECTED);
  EXPECT_EQ(Count("Released Unscanned RTF Body"), 1u);
}

TEST_F(OnAccess, NoNewBodyInRichTextIsQueuedWhereScanRTFIs0) {
  Start("good", {{"ScanRTF", "0"}, {"ProactiveScanning", "1"}});
  EXPECT_EQ(engine_->Submitted(AsRtf(store_->Put("1", "text"))), VSAPI_SUBMITTED_OFF);
  EXPECT_EQ(engine_->Submitted(store_->Put("2", "text")), VSAPI_SUBMITTED_QUEUED);
}

TEST_F(OnAccess, WhatScanRTFLeftOutIsSweptWhenItIs1Again) {
  TemporaryFolder folder;
  const auto write = [&](const std::string& scan_rtf) {
    settings_file_ = folder.Write(
        "v.reg",
        "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\"
        "Services\\MSExchangeIS\\VirusScan]\n\"BackgroundScanning\"=dword:1\n\"ScanRTF\"=dword:" +
            scan_rtf + "\n");
  };
  write("0");
  Start();
  events_->AwaitPasses(1);
  const auto store = std::make_shared<MemoryStore>();
  store->Put("1", "text");
  store->SetKind("1", VSAPI_ITEM_RTF_BODY);
  store->set_mdb(engine_->Attach("with rich text", store));
  events_->AwaitPasses(2);
  EXPECT_EQ(scans(), 0u);
  write("1");
  events_->AwaitPasses(4);
  EXPECT_EQ(scans(), 1u);
  engine_.reset();
}

// ---- While the vendor is being loaded -----------------------------------------------------------

class WhileLoading : public EngineTest {
 protected:
  ~WhileLoading() override {  // before its settings file goes
    gate_.LetAll();
    engine_.reset();
  }

  void Write(const std::string& enabled, const std::string& vendor) {
    settings_file_ = folder_.Write(
        "v.reg",
        "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\"
        "Services\\MSExchangeIS\\VirusScan]\n\"Enabled\"=dword:" +
            enabled + "\n\"Library\"=\"" + VendorPath(vendor) + "\"\n\"Parameters\"=\"" +
            gate_.parameters() + "\"\n\"ProactiveScanning\"=dword:1\n");
  }
  // Enabled goes from 0 to 1, and the vendor's start waits at the gate.
  void BeginToLoad(const std::string& vendor) {
    Write("0", vendor);
    StartWith({.settings_file = settings_file_, .state_folder = folder_.path()});
    Write("1", vendor);
    gate_.AwaitEntered(1);
  }

  TemporaryFolder folder_;
};

TEST_F(WhileLoading, ClientsWaitForTheVendorAndThenForTheScan) {
  BeginToLoad("hangs_at_start");
  auto waits = OpenLater(store_->Put("1", "INFECTED:A"));
  auto blocked = std::async(
      std::launch::async, [&, item = store_->Put("2", "harmless")] { return engine_->Open(item); });
  EXPECT_TRUE(Eventually([&] { return Count("Requests In Flight") == 2; }));
  gate_.LetAll();
  EXPECT_THAT(Get(waits), Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  EXPECT_THAT(blocked.get(), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

TEST_F(WhileLoading, AClientWaitsNoLongerThanItsTimeOut) {
  BeginToLoad("hangs_at_start");
  auto late = OpenLater(store_->Put("1", "harmless"), {.timeout = std::chrono::milliseconds(1)});
  EXPECT_THAT(Get(late), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_TIMED_OUT));
}

TEST_F(WhileLoading, NewItemsAreQueued) {
  BeginToLoad("hangs_at_start");
  EXPECT_EQ(engine_->Submitted(store_->Put("1", "harmless")), VSAPI_SUBMITTED_QUEUED);
  gate_.LetAll();
  EXPECT_TRUE(Eventually([&] { return scans() == 1; }));
}

TEST_F(WhileLoading, ClientsAreRefusedWhereItCantBeLoadedAfterAll) {
  Write("0", "good");
  StartWith({.settings_file = settings_file_, .state_folder = folder_.path()});
  Write("1", "start_fails");
  events_->Await(kNoVendor);
  EXPECT_TRUE(Eventually(
      [&] { return Open(store_->Put("1", "harmless")).reason == VSAPI_REASON_NO_VENDOR; }));
}

TEST_F(WhileLoading, TheEndOfTheEngineAnswersThem) {
  BeginToLoad("hangs_at_start");
  auto waits = OpenLater(store_->Put("1", "harmless"));
  EXPECT_TRUE(Eventually([&] { return Count("Requests In Flight") == 1; }));
  auto ended = std::async(std::launch::async, [&] { return engine_->Shutdown(kPatience); });
  EXPECT_EQ(Get(waits).answer, VSAPI_ANSWER_IN_PROGRESS);
  gate_.LetAll();
  EXPECT_TRUE(ended.get());
}

}  // namespace
}  // namespace vsapi::test
