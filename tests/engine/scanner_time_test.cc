// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/scanner, what it says of time: all tries of a scan together have the
// time of one, in the vendor.
#include "support/inner_engine.h"

namespace vsapi::test {
namespace {

using std::chrono::seconds;

using ScannerTime = InnerEngineTest;

TEST_F(ScannerTime, IsUsedUpByATryThatTookAllOfIt) {
  Start("busy", {{"VendorTimeout", "5"}});
  auto client = Hang(1, "GATE BUSY ");
  clock_.Advance(seconds(5));
  gate_.Let(1);  // and no other one comes there
  EXPECT_EQ(Get(client.front()).reason, VSAPI_REASON_FAILED);
}

TEST_F(ScannerTime, IsLeftForAnotherTryByOneThatWasQuick) {
  Start("busy", {{"VendorTimeout", "5"}});
  auto client = Hang(1, "GATE BUSY ");
  clock_.Advance(seconds(1));
  gate_.LetAll();
  EXPECT_EQ(Get(client.front()).answer, VSAPI_ANSWER_ALLOW);
}

TEST_F(ScannerTime, IsLeftForAnotherTryOfWhatCanHaveHalfOfIt) {
  Start("busy", {{"VendorTimeout", "4"}});
  auto client = Hang(1, "GATE BUSY ");
  clock_.Advance(seconds(2));
  gate_.LetAll();
  EXPECT_EQ(Get(client.front()).answer, VSAPI_ANSWER_ALLOW);
}

TEST_F(ScannerTime, IsNotEnoughForAnotherTryOfWhatWouldHaveLess) {
  Start("busy", {{"VendorTimeout", "4"}});
  auto client = Hang(1, "GATE BUSY ");
  clock_.Advance(seconds(3));
  gate_.Let(1);  // and no other one comes there
  EXPECT_EQ(Get(client.front()).reason, VSAPI_REASON_FAILED);
}

TEST_F(ScannerTime, IsNotSpentBeforeTheGateOfASerialVendor) {
  Start("serial", {{"VendorTimeout", "5"}, {"ScanningThreads", "2"}});
  auto inside = Hang(1);
  auto waits = OpenLater("waits", "BUSY");
  EXPECT_TRUE(Eventually([&] { return Status().scanning == 2; }));
  clock_.Advance(seconds(5));
  gate_.LetAll();
  EXPECT_EQ(Get(inside.front()).answer, VSAPI_ANSWER_ALLOW);
  EXPECT_EQ(Get(waits).answer, VSAPI_ANSWER_ALLOW);
}

}  // namespace
}  // namespace vsapi::test
