// SPDX-License-Identifier: Apache-2.0
//
// The specification of VirusScanEnabled: one MDB is switched off, or on, by itself. That background
// scanning obeys stands in background_test.cc.
#include "support/engine_test.h"

namespace vsapi::test {
namespace {

constexpr char kStores[] =
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\";

class OneMdb : public EngineTest {
 protected:
  // VirusScanEnabled of the MDB `public store`.
  void Set(int enabled) {
    settings_file_ = folder_.Write(
        "virusscan.reg", std::string("Windows Registry Editor Version 5.00\n\n") + kStores +
                             "SERVER\\Public-public store]\n\"VirusScanEnabled\"=dword:" +
                             std::to_string(enabled) + "\n");
  }

  static Stamp StampOf(int32_t verdict) {
    Stamp stamp = {};
    stamp.verdict = verdict;
    stamp.scope = VSAPI_SCOPE_CONTENT;
    stamp.version = 1;
    std::string_view("GoodVendor").copy(stamp.vendor, sizeof stamp.vendor - 1);
    return stamp;
  }

  TemporaryFolder folder_;
};

TEST_F(OneMdb, IsReleasedUnscannedAndCountedWhereItIsSwitchedOff) {
  Set(0);
  Start();
  const auto other = Attach("public store");
  const std::string infected = "INFECTED:Worm.A";
  EXPECT_THAT(Open(other->Put("item", infected)),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_DISABLED));
  EXPECT_EQ(other->calls(), 0);
  EXPECT_EQ(Count("Released Unscanned Disabled"), 1u);
  EXPECT_EQ(Open(store_->Put("item", infected)).answer, VSAPI_ANSWER_DENY_INFECTED);
}

TEST_F(OneMdb, IsReleasedAlsoWhereAStampDenies) {
  Set(0);
  Start("good", {}, "version=1");
  const auto other = Attach("public store");
  other->Put("item", "harmless");
  other->SetStamp("item", StampOf(VSAPI_VERDICT_INFECTED));
  EXPECT_THAT(Open(other->ItemOf("item")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_DISABLED));
  other->SetStamp("item", StampOf(VSAPI_VERDICT_CLEAN));
  EXPECT_THAT(Open(other->ItemOf("item")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
}

TEST_F(OneMdb, IsScannedThoughScanningIsOff) {
  Set(1);
  Start("good", {{"Enabled", "0"}});
  const auto other = Attach("public store");
  EXPECT_EQ(Open(other->Put("item", "INFECTED:Worm.A")).answer, VSAPI_ANSWER_DENY_INFECTED);
  EXPECT_THAT(Open(store_->Put("item", "INFECTED:Worm.A")),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_DISABLED));
  EXPECT_EQ(engine_->Status().enabled, 1);
}

TEST_F(OneMdb, TakesNothingProactivelyWhereItIsSwitchedOff) {
  Set(0);
  Start("good", {{"ProactiveScanning", "1"}});
  const auto other = Attach("public store");
  EXPECT_EQ(engine_->Submitted(other->Put("item", "harmless")), VSAPI_SUBMITTED_OFF);
  EXPECT_EQ(engine_->Submitted(store_->Put("item", "harmless")), VSAPI_SUBMITTED_QUEUED);
}

}  // namespace
}  // namespace vsapi::test
