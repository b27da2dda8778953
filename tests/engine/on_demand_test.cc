// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/on_demand: what a client that opens an item is answered, when that
// needs a scan, and how long it waits.
#include "support/engine_test.h"

namespace vsapi::test {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Field;
using ::testing::SizeIs;
using ::testing::StrEq;

constexpr char kIdentity[] = "version=5;digest=today";

// A stamp of GoodVendor with kIdentity, or as the test makes it differ.
Stamp StampOf(int32_t verdict, uint64_t version = 5, const std::string& definitions = "today",
              const std::string& vendor = "GoodVendor") {
  Stamp stamp = {};
  stamp.verdict = verdict;
  stamp.scope = VSAPI_SCOPE_CONTENT;
  stamp.version = version;
  std::copy(definitions.begin(), definitions.end(), stamp.definitions.bytes);
  vendor.copy(stamp.vendor, sizeof stamp.vendor - 1);
  return stamp;
}

class OnDemand : public EngineTest {
 protected:
  // Transport has a switch of its own, under another key.
  OnDemand() {
    settings_file_ =
        folder_.Write("virusscan.reg",
                      "Windows Registry Editor Version 5.00\n\n"
                      "[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Exchange\\TransportAVAPI]\n"
                      "\"Enabled\"=dword:1\n");
  }

  // Opens an item whose stamp came with the row.
  Decision OpenStamped(const Stamp& stamp) {
    store_->Put("item", "harmless");
    store_->SetStamp("item", stamp);
    return Open(store_->ItemOf("item"));
  }

  TemporaryFolder folder_;
};

// ---- Stamps -------------------------------------------------------------------------------------

TEST_F(OnDemand, ScansWhatWasNeverJudgedAndStampsIt) {
  Start();
  EXPECT_THAT(Open(store_->Put("item", "harmless")),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_EQ(store_->opens(), 1);
  engine_->Flush(store_->mdb());
  EXPECT_EQ(store_->row("item").stamp.verdict, VSAPI_VERDICT_CLEAN);
  EXPECT_STREQ(store_->row("item").stamp.vendor, "GoodVendor");
  EXPECT_EQ(store_->row("item").stamp.generation, engine_->Status().generation);
}

TEST_F(OnDemand, CallsNeitherVendorNorStoreForACurrentStamp) {
  Start("good", {}, kIdentity);
  EXPECT_THAT(OpenStamped(StampOf(VSAPI_VERDICT_CLEAN)),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
  EXPECT_EQ(store_->calls(), 0);
  EXPECT_EQ(scans(), 0u);
  EXPECT_EQ(Count("Stamp Hits"), 1u);
}

TEST_F(OnDemand, ReadsTheStampAgainBeforeItScans) {
  Start("good", {}, kIdentity);
  const Item read_before = store_->Put("item", "harmless");
  store_->SetStamp("item", StampOf(VSAPI_VERDICT_CLEAN));
  EXPECT_THAT(Open(read_before), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
  EXPECT_EQ(store_->stamps_read(), 1);
  EXPECT_EQ(store_->opens(), 0);
}

TEST_F(OnDemand, ScansIfTheStampCannotBeRead) {
  Start();
  store_->read_stamp_status = VSAPI_E_INTERNAL;
  EXPECT_THAT(Open(store_->Put("item", "harmless")),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

struct StampCase {
  const char* what;
  Stamp stamp;
  bool is_current;
};
void PrintTo(const StampCase& row, std::ostream* out) { *out << row.what; }

class OnDemandStamp : public OnDemand, public ::testing::WithParamInterface<StampCase> {};

TEST_P(OnDemandStamp, IsCurrentAsTheTableSays) {
  Start("good", {}, kIdentity);
  OpenStamped(GetParam().stamp);
  EXPECT_EQ(scans(), GetParam().is_current ? 0u : 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Table, OnDemandStamp,
    ::testing::Values(
        StampCase{"clean of this version", StampOf(VSAPI_VERDICT_CLEAN), true},
        StampCase{"clean of this version by other definitions",
                  StampOf(VSAPI_VERDICT_CLEAN, 5, "x"), true},
        StampCase{"clean of a later version", StampOf(VSAPI_VERDICT_CLEAN, 6), true},
        StampCase{"clean of an older version", StampOf(VSAPI_VERDICT_CLEAN, 4), false},
        StampCase{"clean by another vendor", StampOf(VSAPI_VERDICT_CLEAN, 5, "today", "Other"),
                  false},
        StampCase{"clean for ever of an older version",
                  StampOf(VSAPI_VERDICT_CLEAN_PERMANENT, 1, "x"), true},
        StampCase{"clean for ever by another vendor",
                  StampOf(VSAPI_VERDICT_CLEAN_PERMANENT, 5, "today", "Other"), false},
        StampCase{"infected by these definitions", StampOf(VSAPI_VERDICT_INFECTED), true},
        StampCase{"infected by other definitions", StampOf(VSAPI_VERDICT_INFECTED, 5, "x"), false},
        StampCase{"infected by a later version", StampOf(VSAPI_VERDICT_INFECTED, 6, "x"), false},
        StampCase{"encrypted by other definitions", StampOf(VSAPI_VERDICT_ENCRYPTED, 5, "x"),
                  false},
        StampCase{"suspicious by another vendor",
                  StampOf(VSAPI_VERDICT_SUSPICIOUS, 5, "today", "Other"), false}));

TEST_F(OnDemand, DeniesByAStampWithTheNameOfWhatWasFound) {
  Start("good", {}, kIdentity);
  Stamp stamp = StampOf(VSAPI_VERDICT_INFECTED);
  std::string("Worm.Test").copy(stamp.finding, sizeof stamp.finding - 1);
  const Decision decision = OpenStamped(stamp);
  EXPECT_THAT(decision, Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_STAMP));
  EXPECT_STREQ(decision.finding, "Worm.Test");
  EXPECT_EQ(decision.code, 0x50Bu);
  EXPECT_EQ(store_->calls(), 0);
}

// ---- The answer to each condition ---------------------------------------------------------------

struct AnswerCase {
  const char* content;
  int32_t on_demand, transport;
  int32_t action;
  int32_t verdict;
  const char* finding;
  Settings settings = {};
};
void PrintTo(const AnswerCase& row, std::ostream* out) { *out << row.content; }

class OnDemandAnswer : public OnDemand, public ::testing::WithParamInterface<AnswerCase> {
 protected:
  void Expect(int32_t access, int32_t answer) {
    Start("good", GetParam().settings);
    const Decision decision = Open(store_->Put("item", GetParam().content), access);
    EXPECT_THAT(decision, Answers(answer, VSAPI_REASON_SCANNED));
    EXPECT_EQ(decision.verdict, GetParam().verdict);
    EXPECT_STREQ(decision.finding, GetParam().finding);
    engine_->Flush(store_->mdb());
    ASSERT_THAT(store_->applied(), SizeIs(1));
    EXPECT_EQ(store_->applied()[0].action, GetParam().action);
    EXPECT_EQ(store_->applied()[0].stamp.verdict, GetParam().verdict);
  }
};

TEST_P(OnDemandAnswer, ToAClient) { Expect(VSAPI_ACCESS_ON_DEMAND, GetParam().on_demand); }
TEST_P(OnDemandAnswer, ToTransport) { Expect(VSAPI_ACCESS_TRANSPORT, GetParam().transport); }

constexpr int32_t kAllow = VSAPI_ANSWER_ALLOW, kDeny = VSAPI_ANSWER_DENY_INFECTED,
                  kDeleted = VSAPI_ANSWER_DELETED, kDefer = VSAPI_ANSWER_UNAVAILABLE;

INSTANTIATE_TEST_SUITE_P(
    Table, OnDemandAnswer,
    ::testing::Values(AnswerCase{"harmless", kAllow, kAllow, VSAPI_ACTION_STAMP,
                                 VSAPI_VERDICT_CLEAN, ""},
                      AnswerCase{"PERMANENT", kAllow, kAllow, VSAPI_ACTION_STAMP,
                                 VSAPI_VERDICT_CLEAN_PERMANENT, ""},
                      AnswerCase{"INFECTED:Worm.A", kDeny, kDeny, VSAPI_ACTION_REPLACE_BY_NOTICE,
                                 VSAPI_VERDICT_INFECTED, "Worm.A"},
                      AnswerCase{"INFECTED:Worm.A",
                                 kDeny,
                                 kDeny,
                                 VSAPI_ACTION_QUARANTINE,
                                 VSAPI_VERDICT_INFECTED,
                                 "Worm.A",
                                 {{"InfectedAction", "quarantine"}}},
                      AnswerCase{"INFECTED:Worm.A",
                                 kDeny,
                                 kDeny,
                                 VSAPI_ACTION_DELETE_PART,
                                 VSAPI_VERDICT_INFECTED,
                                 "Worm.A",
                                 {{"InfectedAction", "delete-part"}}},
                      AnswerCase{"SUSPICIOUS", kDeny, kDefer, VSAPI_ACTION_QUARANTINE,
                                 VSAPI_VERDICT_SUSPICIOUS, "Heuristic.Test"},
                      AnswerCase{"ENCRYPTED", kAllow, kAllow, VSAPI_ACTION_STAMP,
                                 VSAPI_VERDICT_ENCRYPTED, "Encrypted.Test"},
                      AnswerCase{"UNSUPPORTED", kAllow, kAllow, VSAPI_ACTION_STAMP,
                                 VSAPI_VERDICT_UNSUPPORTED, "Unsupported.Test"},
                      AnswerCase{"OVERLIMIT", kDeny, kDefer, VSAPI_ACTION_STAMP,
                                 VSAPI_VERDICT_OVER_LIMIT, "Limit.Test"},
                      AnswerCase{"MALFORMED", kDeny, kDefer, VSAPI_ACTION_STAMP,
                                 VSAPI_VERDICT_MALFORMED, "Malformed.Test"},
                      AnswerCase{"DELETE",
                                 kDeleted,
                                 kDeleted,
                                 VSAPI_ACTION_DELETE_MESSAGE,
                                 VSAPI_VERDICT_DELETE_MESSAGE,
                                 "Delete.Test",
                                 {{"EnableScanDeletion", "1"}}},
                      AnswerCase{"DELETE",
                                 kDeny,
                                 kDeny,
                                 VSAPI_ACTION_REPLACE_BY_NOTICE,
                                 VSAPI_VERDICT_DELETE_MESSAGE,
                                 "Delete.Test",
                                 {{"EnableScanDeletion", "0"}}}));

TEST_F(OnDemand, HasTheClientReadCleanedContentAgain) {
  Start();
  EXPECT_THAT(Open(store_->Put("item", "good CLEANED news")),
              Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_CHANGED));
  EXPECT_EQ(store_->row("item").content, "good  news");
  EXPECT_THAT(Open(store_->ItemOf("item")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
  EXPECT_EQ(scans(), 1u);
}

TEST_F(OnDemand, RefusesWhatTheVendorFailedOnAndLeavesItUnstamped) {
  Start("lie");
  EXPECT_THAT(Open(store_->Put("item", "LIE")),
              Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
  engine_->Flush(store_->mdb());
  EXPECT_EQ(store_->row("item").stamp.verdict, VSAPI_VERDICT_NONE);
  EXPECT_EQ(store_->row("item").attempt.count, 1u);
}

TEST_F(OnDemand, RefusesWhatTheStoreCannotRead) {
  Start();
  store_->open_status = VSAPI_E_INTERNAL;
  EXPECT_THAT(Open(store_->Put("item", "harmless")),
              Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_READ_FAILED));
}

TEST_F(OnDemand, RefusesWhatCannotBeReadToItsEnd) {
  Start();
  store_->in_memory = false;
  store_->reads_fail = true;
  EXPECT_THAT(Open(store_->Put("item", "harmless")),
              Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_READ_FAILED));
  EXPECT_EQ(store_->open_contents(), 0);
}

TEST_F(OnDemand, ReadsContentThatIsNotInMemory) {
  Start();
  store_->in_memory = false;
  EXPECT_THAT(Open(store_->Put("item", "a long way to go INFECTED:Worm.A")),
              Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
}

TEST_F(OnDemand, RefusesEverythingWithoutAVendor) {
  Start("no_entry");
  EXPECT_THAT(Open(store_->Put("item", "harmless")),
              Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_NO_VENDOR));
  EXPECT_EQ(store_->calls(), 0);
}

TEST_F(OnDemand, AllowsAndCountsEverythingWhenScanningIsOff) {
  Start("good", {{"Enabled", "0"}});
  EXPECT_THAT(Open(store_->Put("item", "INFECTED:Worm.A")),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_DISABLED));
  EXPECT_EQ(Count("Released Unscanned Disabled"), 1u);
}

TEST_F(OnDemand, ReleasesExemptAccessUnscannedAndCountsIt) {
  Start();
  const Item item = store_->Put("item", "INFECTED:Worm.A");
  for (const int32_t access :
       {VSAPI_ACCESS_MOVE, VSAPI_ACCESS_REPLICATION, VSAPI_ACCESS_BACKUP, VSAPI_ACCESS_SYSTEM})
    EXPECT_THAT(Open(item, access), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_EXEMPT));
  EXPECT_EQ(Count("Released Unscanned Exempt"), 4u);
  EXPECT_EQ(store_->calls(), 0);
}

TEST_F(OnDemand, CountsWhatIsReleasedThoughNobodyCouldLookInside) {
  Start();
  Open(store_->Put("one", "ENCRYPTED"));
  Open(store_->Put("two", "UNSUPPORTED"));
  engine_->Flush(store_->mdb());
  Open(store_->ItemOf("one"));
  EXPECT_EQ(Count("Released Unscanned Encrypted"), 2u);
  EXPECT_EQ(Count("Released Unscanned Unsupported"), 1u);
}

TEST_F(OnDemand, AllowsAndCountsTransportWhenItsOwnSwitchIsOff) {
  settings_file_.clear();
  Start();
  EXPECT_THAT(Open(store_->Put("item", "INFECTED:Worm.A"), VSAPI_ACCESS_TRANSPORT),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_DISABLED));
  EXPECT_EQ(Count("Released Unscanned Disabled"), 1u);
  EXPECT_EQ(Open(store_->ItemOf("item")).answer, VSAPI_ANSWER_DENY_INFECTED);
}

TEST_F(OnDemand, RefusesItemsOfAnMdbThatIsNotThere) {
  Start();
  Item item = store_->Put("item", "harmless");
  item.mdb = 77;
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_GONE));
}

// ---- Messages -----------------------------------------------------------------------------------

TEST_F(OnDemand, ScansThePartsOfAMessageInParallel) {
  Start();
  const std::vector<Item> parts = {store_->Put("1", "GATE one"), store_->Put("2", "GATE two")};
  auto opened = std::async([&] { return engine_->OpenMessage(parts); });
  gate_.AwaitEntered(2);  // both are at the vendor, and neither has returned
  gate_.LetAll();
  EXPECT_THAT(opened.get(),
              AllOf(SizeIs(2), Each(Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED))));
}

TEST_F(OnDemand, AnswersEachPartInItsPlace) {
  Start("good", {}, kIdentity);
  store_->Put("stamped", "stamped");
  store_->SetStamp("stamped", StampOf(VSAPI_VERDICT_CLEAN));
  const auto decisions = engine_->OpenMessage(
      std::vector<Item>{store_->Put("first", "clean"), store_->ItemOf("stamped"),
                        store_->Put("bad", "INFECTED:Worm.A"),
                        store_->Put("again", "INFECTED:Worm.A"), store_->Put("last", "clean too")});
  ASSERT_THAT(decisions, SizeIs(5));
  EXPECT_THAT(decisions[0], Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_THAT(decisions[1], Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
  EXPECT_EQ(decisions[2].answer, VSAPI_ANSWER_DENY_INFECTED);
  EXPECT_EQ(decisions[3].answer, VSAPI_ANSWER_DENY_INFECTED);
  EXPECT_THAT(decisions[4], Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

TEST_F(OnDemand, HasOneDeadlineForAllPartsOfAMessage) {
  Start();
  const std::vector<Item> parts = {store_->Put("slow", "GATE"), store_->Put("quick", "harmless")};
  const auto decisions = engine_->OpenMessage(parts, {.timeout = std::chrono::milliseconds(200)});
  EXPECT_THAT(decisions[0], Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_TIMED_OUT));
  EXPECT_THAT(decisions[1], Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

TEST_F(OnDemand, DecidesOnNothingForAMessageWithoutParts) {
  Start();
  EXPECT_THAT(engine_->OpenMessage({}), SizeIs(0));
}

// ---- Deadlines and limits -----------------------------------------------------------------------

TEST_F(OnDemand, AnswersInProgressAtTheDeadlineAndStampsTheLateResult) {
  Start();
  const Item item = store_->Put("item", "GATE");
  const Decision late = engine_->Open(item, {.timeout = std::chrono::milliseconds(20)});
  EXPECT_THAT(late, Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_TIMED_OUT));
  EXPECT_EQ(late.code, 0x50Au);
  gate_.Let(1);
  ASSERT_TRUE(Eventually([&] { return Count("Requests In Flight") == 0; }));
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
  EXPECT_EQ(gate_.entered(), 1u);
  EXPECT_EQ(Count("Time-outs"), 1u);
}

TEST_F(OnDemand, DefersTransportAtTheDeadline) {
  Start();
  EXPECT_THAT(
      engine_->Open(store_->Put("item", "GATE"),
                    {.access = VSAPI_ACCESS_TRANSPORT, .timeout = std::chrono::milliseconds(20)}),
      Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_TIMED_OUT));
}

TEST_F(OnDemand, TakesTheDeadlineOfTheSettingsWhereTheCallerNamesNone) {
  Start("good", {{"ScanTimeout", "1"}});
  EXPECT_THAT(Open(store_->Put("item", "GATE")),
              Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_TIMED_OUT));
}

TEST_F(OnDemand, LetsOneWaiterLeaveWhileAnotherStays) {
  Start();
  const Item item = store_->Put("item", "GATE");
  auto stays = OpenLater(item);
  gate_.AwaitEntered(1);
  EXPECT_THAT(engine_->Open(item, {.timeout = std::chrono::milliseconds(20)}),
              Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_TIMED_OUT));
  EXPECT_FALSE(IsReady(stays));
  gate_.Let(1);
  EXPECT_THAT(Get(stays), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_EQ(gate_.entered(), 1u);
}

TEST_F(OnDemand, BlocksNoMoreThreadsThanMaxWaiters) {
  Start("good", {{"MaxWaiters", "1"}});
  const Item item = store_->Put("item", "GATE");
  auto waits = std::async(std::launch::async, [&] { return Open(item); });
  gate_.AwaitEntered(1);
  EXPECT_EQ(engine_->Status().waiters, 1u);
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_TOO_MANY));
  EXPECT_EQ(Count("Too Many Waiters"), 1u);
  gate_.Let(1);
  EXPECT_THAT(waits.get(), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_EQ(engine_->Status().waiters, 0u);
}

TEST_F(OnDemand, AnswersCurrentStampsHoweverManyWait) {
  Start("good", {{"MaxWaiters", "1"}}, kIdentity);
  auto waits = std::async(std::launch::async, [&] { return Open(store_->Put("held", "GATE")); });
  gate_.AwaitEntered(1);
  EXPECT_THAT(OpenStamped(StampOf(VSAPI_VERDICT_CLEAN)),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
  gate_.Let(1);
  waits.get();
}

}  // namespace
}  // namespace vsapi::test
