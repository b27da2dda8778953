// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/scanner: what becomes of one request between the vendor's verdict and
// the waiters, above all what is durable before whom.
#include "support/engine_test.h"

namespace vsapi::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Scanner : public EngineTest {
 protected:
  // Opens `content` while the store holds back every Apply; returns when the outcome has come
  // there.
  std::future<Decision> OpenWithTheStoreHeld(const std::string& content) {
    store_->apply_gate.Close();
    auto client = OpenLater(store_->Put("item", content));
    store_->apply_gate.AwaitArrived(1);
    return client;
  }
};

// ---- Durability ---------------------------------------------------------------------------------

TEST_F(Scanner, ReleasesNoWaiterBeforeADenialIsDurable) {
  for (const char* content :
       {"INFECTED:Worm.A", "SUSPICIOUS", "OVERLIMIT", "MALFORMED", "CLEANED"}) {
    SCOPED_TRACE(content);
    Start();
    auto client = OpenWithTheStoreHeld(content);
    EXPECT_FALSE(IsReady(client));
    store_->apply_gate.Open();
    EXPECT_NE(Get(client).answer, VSAPI_ANSWER_ALLOW);
    EXPECT_THAT(store_->applied(), SizeIs(1));
  }
}

TEST_F(Scanner, ReleasesAWaiterOfCleanContentBeforeTheStampIsWritten) {
  Start();
  auto client = OpenWithTheStoreHeld("harmless");
  EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_THAT(store_->batches(), IsEmpty());
  store_->apply_gate.Open();
}

TEST_F(Scanner, CountsACleanStampBeforeItIsWritten) {
  Start();
  auto client = OpenWithTheStoreHeld("harmless");
  Get(client);
  EXPECT_THAT(Open(store_->Put("other", "harmless")),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
  EXPECT_EQ(scans(), 1u);
  store_->apply_gate.Open();
}

TEST_F(Scanner, WritesCleanStampsInGroups) {
  Start();
  auto client = OpenWithTheStoreHeld("harmless");
  for (int i = 0; i < 20; ++i) Open(store_->Put(std::to_string(i), "number " + std::to_string(i)));
  store_->apply_gate.Open();
  engine_->Flush(store_->mdb());
  const auto batches = store_->batches();
  ASSERT_THAT(batches, SizeIs(2));
  EXPECT_THAT(batches[0], SizeIs(1));
  EXPECT_THAT(batches[1], SizeIs(20));
}

TEST_F(Scanner, HoldsNoScanThreadWhileAnOutcomeIsWritten) {
  Start();
  store_->apply_gate.Close();
  const auto other = Attach("public store");
  std::vector<std::future<Decision>> denied;
  for (uint32_t i = 0; i < 2 * engine_->Status().threads; ++i)
    denied.push_back(
        OpenLater(store_->Put(std::to_string(i), "INFECTED:Worm." + std::to_string(i))));
  EXPECT_THAT(Open(other->Put("item", "harmless")),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  store_->apply_gate.Open();
  for (auto& client : denied) EXPECT_EQ(Get(client).answer, VSAPI_ANSWER_DENY_INFECTED);
}

TEST_F(Scanner, StillDeniesWhatTheStoreCouldNotWrite) {
  Start();
  store_->apply_status = VSAPI_E_INTERNAL;
  EXPECT_THAT(Open(store_->Put("item", "INFECTED:Worm.A")),
              Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  events_->Await(kOutcomeNotWritten);
  EXPECT_EQ(Count("Outcomes Not Written"), 1u);
}

TEST_F(Scanner, DeniesWhatWasCleanedButNotReplaced) {
  Start();
  store_->outcome_result = VSAPI_E_INTERNAL;
  EXPECT_THAT(Open(store_->Put("item", "CLEANED")),
              Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
}

TEST_F(Scanner, CallsNothingDeletedThatTheStoreDidNotDelete) {
  Start("good", {{"EnableScanDeletion", "1"}});
  store_->outcome_result = VSAPI_E_INTERNAL;
  EXPECT_THAT(Open(store_->Put("item", "DELETE")),
              Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  EXPECT_TRUE(store_->Has("item"));
}

TEST_F(Scanner, ScansAgainWhatCouldNotBeStamped) {
  Start();
  store_->apply_status = VSAPI_E_INTERNAL;
  Open(store_->Put("item", "harmless"));
  engine_->Flush(store_->mdb());
  EXPECT_THAT(Open(store_->ItemOf("item")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_EQ(scans(), 2u);
}

// ---- The item under the scan --------------------------------------------------------------------

TEST_F(Scanner, HasTheClientAskAgainIfTheContentChangedDuringTheScan) {
  Start();
  auto client = OpenLater(store_->Put("item", "GATE INFECTED:Worm.A"));
  gate_.AwaitEntered(1);
  store_->Put("item", "new content");
  gate_.LetAll();
  EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_CHANGED));
  EXPECT_EQ(store_->row("item").stamp.verdict, VSAPI_VERDICT_NONE);
  EXPECT_THAT(Open(store_->ItemOf("item")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

TEST_F(Scanner, SaysGoneIfTheItemIsGone) {
  Start();
  const Item item = store_->Put("item", "harmless");
  store_->Remove("item");
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_GONE));
}

TEST_F(Scanner, SaysGoneIfTheItemWentDuringTheScan) {
  Start();
  auto client = OpenLater(store_->Put("item", "GATE INFECTED:Worm.A"));
  gate_.AwaitEntered(1);
  store_->Remove("item");
  gate_.LetAll();
  EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_GONE));
}

TEST_F(Scanner, SaysChangedIfTheClientComesWithAnOldRow) {
  Start();
  const Item item = store_->Put("item", "before");
  store_->Put("item", "after");
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_CHANGED));
  EXPECT_EQ(scans(), 0u);
}

// ---- The vendor ---------------------------------------------------------------------------------

TEST_F(Scanner, TriesABusyVendorAgain) {
  Start("busy", {}, "times=2");
  EXPECT_THAT(Open(store_->Put("item", "BUSY INFECTED:Worm.A")),
              Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
}

TEST_F(Scanner, GivesUpOnAVendorThatStaysBusy) {
  Start("busy", {}, "times=1000000");
  EXPECT_THAT(Open(store_->Put("item", "BUSY")),
              Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
  engine_->Flush(store_->mdb());
  EXPECT_EQ(store_->row("item").attempt.count, 1u);
  EXPECT_GT(store_->row("item").attempt.not_before_ns, 0);
  events_->Await(kScanFailed);
}

TEST_F(Scanner, CancelsAVendorThatHangsAtItsBudget) {
  Start("hang", {{"VendorTimeout", "1"}});
  EXPECT_THAT(Open(store_->Put("item", "HANG")),
              Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
  engine_->Flush(store_->mdb());
  EXPECT_EQ(store_->row("item").stamp.verdict, VSAPI_VERDICT_NONE);
  EXPECT_EQ(store_->row("item").attempt.count, 1u);
  EXPECT_GE(Count("Vendor Nanoseconds"), 1'000'000'000u);
}

TEST_F(Scanner, CallsNothingCleanThatAVendorLiesAbout) {
  for (const auto& [vendor, content, answer] :
       {std::tuple("lie", "LIE", VSAPI_ANSWER_UNAVAILABLE),
        std::tuple("unknown_verdict", "UNKNOWN", VSAPI_ANSWER_DENY_INFECTED),
        std::tuple("unknown_status", "UNKNOWN", VSAPI_ANSWER_UNAVAILABLE),
        std::tuple("bad_name", "BAD_NAME", VSAPI_ANSWER_DENY_INFECTED),
        std::tuple("empty_name", "EMPTY_NAME", VSAPI_ANSWER_DENY_INFECTED)}) {
    SCOPED_TRACE(vendor);
    Start(vendor);
    EXPECT_EQ(Open(store_->Put("item", content)).answer, answer);
  }
}

TEST_F(Scanner, LetsTheScansOfASerialVendorInOneByOne) {
  Start("serial");
  std::vector<std::future<Decision>> clients;
  for (int i = 0; i < 20; ++i)
    clients.push_back(OpenLater(store_->Put(std::to_string(i), "SERIAL " + std::to_string(i))));
  for (auto& client : clients) EXPECT_STREQ(Get(client).finding, "Serial.Alone");
}

TEST_F(Scanner, GivesTheStoreFindingsAndReplacement) {
  Start();
  Open(store_->Put("item", "one CLEANED two"));
  const auto applied = store_->applied();
  ASSERT_THAT(applied, SizeIs(1));
  EXPECT_EQ(applied[0].action, VSAPI_ACTION_REPLACE);
  EXPECT_THAT(applied[0].findings, ElementsAre("Cleaned.Test"));
  EXPECT_EQ(applied[0].replacement, "one  two");
}

TEST_F(Scanner, TellsOfWhatItFoundOnce) {
  Start();
  Open(store_->Put("item", "INFECTED:Worm.A"));
  events_->Await(kVirusFound);
  EXPECT_THAT(events_->text(kVirusFound), ::testing::HasSubstr("Worm.A"));
  EXPECT_EQ(Count("Files Infected"), 1u);
  EXPECT_EQ(Count("Virus Scan Bytes Scanned"), std::string("INFECTED:Worm.A").size());
}

TEST_F(Scanner, ClosesEveryContentThatItOpened) {
  Start("hang", {{"VendorTimeout", "1"}});
  for (const char* content : {"harmless", "INFECTED:Worm.A", "CLEANED", "HANG"})
    Open(store_->Put("item", content));
  EXPECT_EQ(store_->opens(), 4);
  EXPECT_EQ(store_->open_contents(), 0);
}

TEST_F(Scanner, TellsWhoAskedForWhatItFound) {
  Start();
  const Item item = store_->Put("item", "GATE INFECTED:Worm.A");
  auto alice = OpenLater(item, {.client = "imap", .user = "alice"});
  gate_.AwaitEntered(1);
  auto bob = OpenLater(item, {.client = "owa", .user = "bob"});
  gate_.LetAll();
  Get(alice);
  Get(bob);
  events_->Await(kVirusFound);
  const std::string asked = events_->field(kVirusFound, "asked_by");
  EXPECT_THAT(asked, ::testing::StartsWith("imap alice 2"));
  EXPECT_THAT(asked, ::testing::HasSubstr(", owa bob 2"));
  EXPECT_EQ(events_->field(kVirusFound, "access"), "on-demand");
  EXPECT_EQ(events_->field(kVirusFound, "vendor"), "GoodVendor");
}

}  // namespace
}  // namespace vsapi::test
