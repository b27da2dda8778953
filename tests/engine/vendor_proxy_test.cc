// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/vendor_proxy: whatever a vendor does, what comes out can be trusted,
// and an event names the vendor and the rule that it broke. The vendors are the real DLLs of
// tests/vendors.
#include "vendor_proxy.h"

#include <thread>

#include "text.h"
#include "vendor_proxy_fixture.h"

namespace vsapi::engine {
namespace {

// ---- A good vendor ------------------------------------------------------------------------------

TEST_F(VendorProxyTest, ReportsEveryVerdictOfAGoodVendor) {
  const auto vendor = Started("good");
  for (const auto& [word, verdict, finding] :
       {std::tuple{"harmless", VSAPI_VERDICT_CLEAN, ""},
        std::tuple{"PERMANENT", VSAPI_VERDICT_CLEAN_PERMANENT, ""},
        std::tuple{"INFECTED:Eicar", VSAPI_VERDICT_INFECTED, "Eicar"},
        std::tuple{"SUSPICIOUS", VSAPI_VERDICT_SUSPICIOUS, "Heuristic.Test"},
        std::tuple{"CLEANED", VSAPI_VERDICT_CLEANED, "Cleaned.Test"},
        std::tuple{"DELETE", VSAPI_VERDICT_DELETE_MESSAGE, "Delete.Test"},
        std::tuple{"ENCRYPTED", VSAPI_VERDICT_ENCRYPTED, "Encrypted.Test"},
        std::tuple{"OVERLIMIT", VSAPI_VERDICT_OVER_LIMIT, "Limit.Test"},
        std::tuple{"MALFORMED", VSAPI_VERDICT_MALFORMED, "Malformed.Test"},
        std::tuple{"UNSUPPORTED", VSAPI_VERDICT_UNSUPPORTED, "Unsupported.Test"}}) {
    const ScanReport report = ScanText(*vendor, word);
    EXPECT_EQ(report.status, VSAPI_OK) << word;
    EXPECT_EQ(report.verdict, verdict) << word;
    EXPECT_EQ(report.scope, VSAPI_SCOPE_CONTENT) << word;
    EXPECT_STREQ(report.name(), finding) << word;
  }
  ExpectBlamedNobody();
}

TEST_F(VendorProxyTest, GivesTheReplacementOfWhatWasCleaned) {
  EXPECT_EQ(ScanText(*Started("good"), "a CLEANED b").replacement, "a  b");
  EXPECT_EQ(ScanText(*Started("good"), "CLEANED").verdict, VSAPI_VERDICT_CLEANED);  // to nothing
}

TEST_F(VendorProxyTest, GivesPropertiesAndTheScopeOfAVerdictOnThem) {
  const auto vendor = Started("good");
  ScriptedContent content("harmless");
  content.name = "blocked.exe";
  const ScanReport report = Scan(*vendor, content);
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_BLOCKED);
  EXPECT_EQ(report.scope, VSAPI_SCOPE_ITEM);
}

TEST_F(VendorProxyTest, KeepsTheFirstFindingsAndCountsTheOthers) {
  const ScanReport report = ScanText(*Started("many_findings"), "MANY");
  EXPECT_EQ(report.findings.size(), 64u);
  EXPECT_EQ(report.findings_dropped, 936u);
  EXPECT_STREQ(report.name(), "Finding.0");
  ExpectBlamedNobody();
}

// ---- Reading ------------------------------------------------------------------------------------

TEST_F(VendorProxyTest, ReadsShortlyAndStillWholly) {
  const auto vendor = Started("good");
  ScriptedContent content(std::string(3000, '.') + "INFECTED:Late");
  content.longest_read = 7;
  EXPECT_EQ(Scan(*vendor, content).verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_GT(content.reads, 400);
}

TEST_F(VendorProxyTest, GivesContentInMemoryWithoutReading) {
  const auto vendor = Started("good");
  ScriptedContent content("INFECTED:Direct", true);
  EXPECT_EQ(Scan(*vendor, content).verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_EQ(content.reads, 0);
}

TEST_F(VendorProxyTest, JudgesEmptyContent) {
  for (const bool in_memory : {true, false}) {
    ScriptedContent content("", in_memory);
    EXPECT_EQ(Scan(*Started("good"), content).verdict, VSAPI_VERDICT_CLEAN);
    EXPECT_EQ(content.reads, 0);
  }
}

TEST_F(VendorProxyTest, NeverCallsCleanWhatCouldNotBeReadToItsEnd) {
  const auto vendor = Started("good");
  const std::string bytes(10'000, '.');
  ScriptedContent fails(bytes), ends(bytes), lies(bytes), odd(bytes);
  fails.fails_at = 5000;
  ends.ends_at = 5000;
  lies.claims_more = 1 << 20;
  odd.fails_at = 0;
  odd.fails_by = 4711;
  for (ScriptedContent* content : {&fails, &ends, &lies, &odd}) {
    const ScanReport report = Scan(*vendor, *content);
    EXPECT_EQ(report.status, VSAPI_E_READ_FAILED);
    EXPECT_EQ(report.verdict, VSAPI_VERDICT_NONE);
  }
  ExpectBlamedNobody();
}

TEST_F(VendorProxyTest, NeverCallsCleanWhatFailedToBeReadEvenIfTheVendorSaysSo) {
  const auto vendor = Started("swallows_errors");
  ScriptedContent content(std::string(10'000, '.'));
  content.fails_at = 5000;
  const ScanReport report = Scan(*vendor, content);
  EXPECT_EQ(report.status, VSAPI_E_READ_FAILED);
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_NONE);
}

TEST_F(VendorProxyTest, BarsCallsThatComeAfterTheScanHasReturned) {
  const auto vendor = Started("late_finding");
  ScriptedContent first("LATE"), second("harmless");
  EXPECT_EQ(Scan(*vendor, first, 0).verdict, VSAPI_VERDICT_CLEAN);
  const ScanReport report = Scan(*vendor, second, 1);
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_CLEAN);
  EXPECT_TRUE(report.findings.empty());
  ExpectBlamed(
      {"LateFindingVendor breaks the contract: add_finding was called after the scan had "
       "returned"});
}

TEST_F(VendorProxyTest, LetsNothingThroughThatAVendorThrows) {
  const auto vendor = Started("throws");
  const ScanReport report = ScanText(*vendor, "THROW");
  EXPECT_EQ(report.status, VSAPI_E_CONTRACT);
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_NONE);
  EXPECT_EQ(ScanText(*vendor, "harmless").verdict, VSAPI_VERDICT_CLEAN);
  ExpectBlamed({"ThrowsVendor breaks the contract: scan threw an exception"});
}

TEST_F(VendorProxyTest, BelievesNoVendorThatTakesACancellationForTheEnd) {
  const auto vendor = Started("swallows_errors");
  cancelled_ = true;
  const ScanReport report = ScanText(*vendor, "the rest is never read");
  EXPECT_EQ(report.status, VSAPI_E_CANCELLED);
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_NONE);
}

TEST_F(VendorProxyTest, BarsCallsOfOtherThreadsThanTheScans) {
  ScanText(*Started("makes_thread"), "THREAD");
  const auto events = Events();
  ASSERT_FALSE(events.empty());
  EXPECT_THAT(events.front().text, HasSubstr("was called on another thread than the scan"));
}

// ---- Time ---------------------------------------------------------------------------------------

TEST_F(VendorProxyTest, StopsAScanThatIsCancelled) {
  cancelled_ = true;
  EXPECT_EQ(ScanText(*Started("good"), "harmless").status, VSAPI_E_CANCELLED);
  EXPECT_EQ(ScanText(*Started("hang"), "HANG").status, VSAPI_E_CANCELLED);
  ExpectBlamedNobody();
}

TEST_F(VendorProxyTest, StopsAScanWhenItsBudgetHasRunOut) {
  const auto vendor = Started("hang");
  ScanReport report;
  std::atomic<bool> ended = false;
  std::thread scan([&] {
    report = ScanText(*vendor, "HANG");
    ended = true;
  });
  // However soon or late the scan began: it has no more than its budget.
  while (!ended) {
    clock_.Advance(seconds(10));
    std::this_thread::yield();
  }
  scan.join();
  EXPECT_EQ(report.status, VSAPI_E_CANCELLED);
  EXPECT_GE(report.in_vendor, seconds(60));
  EXPECT_EQ(ScanText(*vendor, "harmless").verdict, VSAPI_VERDICT_CLEAN);
}

TEST_F(VendorProxyTest, TimesTheVendor) {
  test::VendorGate gate;
  const auto vendor = Started("good", gate.parameters());
  ScanReport report;
  std::thread scan([&] { report = ScanText(*vendor, "GATE"); });
  gate.AwaitScan();
  clock_.Advance(seconds(7));
  gate.Let();
  scan.join();
  EXPECT_EQ(report.in_vendor, seconds(7));
}

// ---- Misdeeds of a scan -------------------------------------------------------------------------

TEST_F(VendorProxyTest, TakesAnOkWithoutAVerdictForABrokenContract) {
  const ScanReport report = ScanText(*Started("lie"), "LIE");
  EXPECT_EQ(report.status, VSAPI_E_CONTRACT);
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_NONE);
  ExpectBlamed({"LieVendor breaks the contract: it returned ok without a verdict"});
}

TEST_F(VendorProxyTest, TakesAnUnknownVerdictForSuspicious) {
  const ScanReport report = ScanText(*Started("unknown_verdict"), "UNKNOWN");
  EXPECT_EQ(report.status, VSAPI_OK);
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_SUSPICIOUS);
  ExpectBlamed({"UnknownVerdictVendor breaks the contract: it returned the unknown verdict 9999"});
}

TEST_F(VendorProxyTest, TakesAFindingOfAnUnknownKindForSuspicious) {
  const ScanReport report = ScanText(*Started("unknown_kind"), "UNKNOWN");
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_SUSPICIOUS);
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].kind, VSAPI_FINDING_HEURISTIC);
  ExpectBlamed({"UnknownKindVendor breaks the contract: a finding is of the unknown kind 9999"});
}

TEST_F(VendorProxyTest, SharesNoVerdictOfAnUnknownScope) {
  const ScanReport report = ScanText(*Started("unknown_scope"), "UNKNOWN");
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_CLEAN);
  EXPECT_EQ(report.scope, VSAPI_SCOPE_ITEM);
  ExpectBlamed({"UnknownScopeVendor breaks the contract: it returned the unknown scope 9999"});
}

TEST_F(VendorProxyTest, TakesAnUnknownStatusForAnErrorWhateverTheVerdict) {
  const ScanReport report = ScanText(*Started("unknown_status"), "UNKNOWN");
  EXPECT_EQ(report.status, VSAPI_E_INTERNAL);
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_NONE);
  ExpectBlamed({"UnknownStatusVendor breaks the contract: it returned an unknown status 9999"});
}

TEST_F(VendorProxyTest, MakesFindingsPrintableAndShort) {
  const ScanReport report = ScanText(*Started("bad_name"), "BAD_NAME");
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_INFECTED);
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].name, "???");
  EXPECT_EQ(report.findings[1].name, std::string(95, 'n'));
  ExpectBlamed({"BadNameVendor breaks the contract: a finding's name is not UTF-8"});
}

TEST_F(VendorProxyTest, BlamesANameThatIsTooLong) {
  EXPECT_EQ(ScanText(*Started("bad_name"), "LONG_NAME").name(), std::string(95, 'n'));
  ExpectBlamed({"BadNameVendor breaks the contract: a finding's name is longer than 95 bytes"});
}

TEST_F(VendorProxyTest, NamesAFindingThatHasNoName) {
  const ScanReport report = ScanText(*Started("empty_name"), "EMPTY_NAME");
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_STREQ(report.name(), "unnamed");
  ExpectBlamed({"EmptyNameVendor breaks the contract: a finding has no name"});
}

TEST_F(VendorProxyTest, TakesCleanedWithoutAReplacementForInfected) {
  const ScanReport report = ScanText(*Started("no_replacement"), "REPLACE");
  EXPECT_EQ(report.status, VSAPI_OK);
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_INFECTED);
  ExpectBlamed(
      {"NoReplacementVendor breaks the contract: a replacement and the verdict \"cleaned\" go "
       "together"});
}

TEST_F(VendorProxyTest, NeverReplacesContentByHalfAReplacement) {
  const ScanReport report = ScanText(*Started("half_replacement"), "HALF");
  EXPECT_EQ(report.status, VSAPI_OK);
  EXPECT_EQ(report.verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_EQ(report.replacement, "");
  ExpectBlamed(
      {"HalfReplacementVendor breaks the contract: it says cleaned although its replacement was "
       "refused"});
}

TEST_F(VendorProxyTest, PassesOnThatTheVendorIsBusy) {
  const auto vendor = Started("busy", "times=1");
  EXPECT_EQ(ScanText(*vendor, "BUSY").status, VSAPI_E_BUSY);
  EXPECT_EQ(ScanText(*vendor, "BUSY").status, VSAPI_OK);
  ExpectBlamedNobody();
}

// ---- The life cycle -----------------------------------------------------------------------------

TEST_F(VendorProxyTest, RefusesAVendorThatMakesNoInstance) {
  EXPECT_EQ(Create("create_fails"), nullptr);
  EXPECT_EQ(problem_, "CreateFailsVendor could not be created (internal error)");
}

TEST_F(VendorProxyTest, RefusesATableThatIsNotWholeAndNamesTheFunction) {
  EXPECT_EQ(Create("half_table"), nullptr);
  EXPECT_EQ(problem_, "HalfTableVendor breaks the contract: its table has no scan function");
}

TEST_F(VendorProxyTest, DoesNotServeWhenTheVendorDoesNotStart) {
  const auto vendor = Create("start_fails");
  EXPECT_FALSE(vendor->Start(problem_));
  EXPECT_EQ(problem_, "StartFailsVendor could not be started (internal error)");
}

TEST_F(VendorProxyTest, DoesNotServeWithoutAllItsSessions) {
  const auto enough = Create("session_fails", "", 2);
  EXPECT_TRUE(enough->Start(problem_)) << problem_;
  const auto lacking = Create("session_fails", "", 3);
  EXPECT_FALSE(lacking->Start(problem_));
  EXPECT_EQ(problem_, "SessionFailsVendor could not open session 3 of 3 (out of memory)");
}

// ---- Extensions ---------------------------------------------------------------------------------

TEST_F(VendorProxyTest, ReadsTheIdentityOfTheDefinitions) {
  const auto vendor = Started("good", "version=42;digest=abc");
  VendorProxy::Signatures signatures;
  ASSERT_TRUE(vendor->ReadSignatures(signatures, problem_));
  EXPECT_EQ(signatures.version, 42u);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(signatures.digest.bytes), 4),
            std::string("abc\0", 4));
  EXPECT_EQ(signatures.count, 1u);
  EXPECT_FALSE(vendor->HasNewerSignatures());
}

TEST_F(VendorProxyTest, TakesTheLibrarysVersionWhereThereAreNoDefinitions) {
  VendorProxy::Signatures signatures;
  ASSERT_TRUE(Started("good")->ReadSignatures(signatures, problem_));
  EXPECT_EQ(signatures.version, 1u);
  EXPECT_FALSE(Started("good")->HasNewerSignatures());
}

TEST_F(VendorProxyTest, RefusesHalfAnExtensionAndNamesIt) {
  EXPECT_EQ(Create("half_extension"), nullptr);
  EXPECT_EQ(problem_,
            "HalfExtensionVendor breaks the contract: its vsapi.signatures/1 lacks a function");
}

TEST_F(VendorProxyTest, GivesTheVendorsOwnSample) {
  std::string sample;
  EXPECT_TRUE(Started("good")->ReadPositiveSample(sample, problem_));
  EXPECT_EQ(sample, "INFECTED:SelfTest");
}

TEST_F(VendorProxyTest, TellsAVendorItsRoleAndWritesItsLines) {
  const auto vendor = Started("talks");
  const ScanReport report = ScanText(*vendor, "TALK");
  EXPECT_EQ(report.text, "a text?for the administrator");
  std::vector<std::string> lines;
  for (const auto& event : Events()) {
    EXPECT_EQ(event.id, EventId::kVendorSays);
    EXPECT_EQ(event.fields.at("vendor"), "TalkingVendor");
    lines.push_back(event.text);
  }
  EXPECT_THAT(lines, ElementsAre("TalkingVendor: create control", "TalkingVendor: start control",
                                 "TalkingVendor: scan scan", "TalkingVendor: two?lines ?"));
  EXPECT_EQ(recorded_.all().back().severity, VSAPI_SEVERITY_ERROR);
}

}  // namespace
}  // namespace vsapi::engine
