// SPDX-License-Identifier: Apache-2.0
//
// What the libclamav vendor says when a limit ends a scan.
#include "clamav_support.h"

namespace vsapi::test {
namespace {

constexpr size_t kKiB = 1024;
constexpr size_t kMiB = kKiB * kKiB;

void ExpectLimit(const Outcome& outcome, const std::string& name) {
  EXPECT_THAT(outcome, Says(VSAPI_VERDICT_OVER_LIMIT));
  ASSERT_FALSE(outcome.findings.empty());
  EXPECT_EQ(outcome.findings[0].kind, VSAPI_FINDING_LIMIT);
  EXPECT_EQ(outcome.findings[0].name, "Heuristics.Limits.Exceeded." + name);
}

TEST(ClamavLimits, NeverCallsCleanWhatALimitCutShort) {
  for (const std::string heuristics : {"heuristics=on;", "heuristics=off;"}) {
    Started size(WithShipped(heuristics + "max_file_size=64K"));
    ExpectLimit(size.Scan(Zip({{"big.bin", std::string(100 * kKiB, 'x')}})), "MaxFileSize");
    Started depth(WithShipped(heuristics + "max_recursion=4"));
    ExpectLimit(depth.Scan(NestedZip(Eicar(), 12)), "MaxRecursion");
    Started scan(WithShipped(heuristics + "max_file_size=1M;max_scan_size=1M"));
    ExpectLimit(scan.Scan(Zip({{"1", std::string(900 * kKiB, 'x')},
                               {"2", std::string(900 * kKiB, 'y')},
                               {"eicar.com", Eicar()}})),
                "MaxScanSize");
  }
}

TEST(ClamavLimits, NeverCallsCleanWhatHoldsTooManyFiles) {
  Started clamav(WithShipped("max_files=5"));
  std::vector<Member> members;
  for (int i = 0; i < 20; ++i)
    members.push_back({std::to_string(i) + ".txt", "text " + std::to_string(i)});
  members.push_back({"eicar.com", Eicar()});
  ExpectLimit(clamav.Scan(Zip(members)), "MaxFiles");
}

TEST(ClamavLimits, LetsARealThreatDecideOverALimit) {
  Started clamav(WithShipped("max_recursion=4"));
  const Outcome outcome =
      clamav.Scan(Zip({{"deep.zip", NestedZip("text", 12)}, {"eicar.com", Eicar()}}));
  ASSERT_THAT(outcome, Says(VSAPI_VERDICT_INFECTED));
  EXPECT_EQ(outcome.findings[0].name, "Eicar-Test-Signature.UNOFFICIAL");
}

// libclamav names one of the two alerts, mostly but not always the limit: hence the rounds.
TEST(ClamavLimits, LetsALimitDecideOverEncryption) {
  Started clamav(WithShipped("max_recursion=4"));
  const std::string locked = EncryptedZip({{"a.txt", "hello"}});
  const std::string both = Zip({{"locked.zip", locked}, {"deep.zip", NestedZip("text", 12)}});
  for (int round = 0; round < 50; ++round) ExpectLimit(clamav.Scan(both), "MaxRecursion");
}

// libclamav's own defaults pass over such pages and texts without a sign.
TEST(ClamavLimits, NormalisesPagesAndTextsAsLargeAsTheLargestFile) {
  TestFolder definitions;
  definitions.Write("normalised.ndb", "Test.Html:3:*:" + HexOf("normalised-page-marker") +
                                          "\nTest.Text:7:*:" + HexOf("normalised-text-marker") +
                                          "\n");
  Started clamav("definitions=" + definitions.path());
  std::string page = "<html><body>\n";
  while (page.size() < 41 * kMiB)
    page += "<p>A paragraph of this long page is a line like this.</p>\n";
  page += "<p>Normalised-PAGE-Marker</p></body></html>\n";
  EXPECT_THAT(clamav.Scan(page), Says(VSAPI_VERDICT_INFECTED));
  std::string text;
  while (text.size() < 21 * kMiB) text += "A line of this long text reads like this one here.\n";
  EXPECT_THAT(clamav.Scan(text + "Normalised-TEXT-Marker\n"), Says(VSAPI_VERDICT_INFECTED));
}

// Far more than a second of work, which is quickly made: one archive of zeros, many times over.
std::string SlowToScan() {
  const std::string zeros = Zip({{"zeros", std::string(60 * kMiB, '\0')}});
  std::vector<Member> members;
  for (int i = 0; i < 16; ++i) members.push_back({std::to_string(i) + ".zip", zeros});
  return Zip(members);
}

TEST(ClamavLimits, CallsATimeLimitATimeOutAndNeverOverLimit) {
  Started clamav(WithShipped("max_scan_seconds=1;max_scan_size=1G"));
  EXPECT_THAT(clamav.Scan(SlowToScan()), FailsWith(VSAPI_E_TIMEOUT));
}

// Noise is one layer, in which libclamav asks nobody: it is its own clock that ends the scan.
TEST(ClamavLimits, KeepsToTheBudgetInsideALayerToo) {
  Started clamav;
  const Script noise{.content = Noise(16 * kMiB, 1), .budget = std::chrono::milliseconds(10)};
  EXPECT_THAT(clamav.Scan(noise), FailsWith(VSAPI_E_TIMEOUT));
  EXPECT_THAT(clamav.Scan(noise.content), Says(VSAPI_VERDICT_CLEAN)) << "with a longer budget";
}

constexpr unsigned kManyLayers = 200;

std::string ManyLayers() {
  std::vector<Member> members;
  for (unsigned i = 0; i < kManyLayers; ++i) members.push_back({std::to_string(i), Noise(2000, i)});
  return Zip(members);
}

// Counted, not timed: the pause between two questions is what a cancellation has to wait for.
TEST(ClamavLimits, AsksBeforeEachMemberIsUnpackedAndEachLayerIsLookedAt) {
  Started clamav;
  EXPECT_GE(clamav.Scan(ManyLayers()).questions, 2 * kManyLayers);
}

// Twenty answers of "go on", a no, and the question why.
constexpr unsigned kUntilTheNo = 20;

void ExpectToHaveStopped(const Outcome& outcome, int32_t status) {
  EXPECT_THAT(outcome, FailsWith(status));
  EXPECT_THAT(outcome.findings, testing::IsEmpty());
  EXPECT_EQ(outcome.questions, kUntilTheNo + 2);
}

TEST(ClamavLimits, StopsAtTheFirstQuestionAfterTheBudgetRanOut) {
  Started clamav;
  const Script script{.content = ManyLayers(), .expired_after = kUntilTheNo};
  ExpectToHaveStopped(clamav.Scan(script), VSAPI_E_TIMEOUT);
}

TEST(ClamavLimits, StopsAtTheFirstQuestionAfterACancellation) {
  Started clamav;
  const Script script{.content = ManyLayers(), .cancelled_after = kUntilTheNo};
  ExpectToHaveStopped(clamav.Scan(script), VSAPI_E_CANCELLED);
}

}  // namespace
}  // namespace vsapi::test
