// SPDX-License-Identifier: Apache-2.0
//
// That the libyara vendor calls nothing clean that it did not judge.
#include "yara_support.h"

namespace vsapi::test {
namespace {

constexpr size_t kMiB = 1024 * 1024;

void ExpectOverLimit(const Outcome& outcome, const std::string& name) {
  EXPECT_THAT(outcome, Says(VSAPI_VERDICT_OVER_LIMIT));
  ASSERT_EQ(outcome.findings.size(), 1u);
  EXPECT_EQ(outcome.findings[0].kind, VSAPI_FINDING_LIMIT);
  EXPECT_EQ(outcome.findings[0].name, name);
}

TEST(YaraLimits, LooksAt64MiBUnlessToldOtherwise) {
  Started yara("");
  std::string content = Eicar();
  content.resize(64 * kMiB, ' ');
  EXPECT_THAT(yara.Scan(Script{.content = content, .in_memory = false}), IsEicar());
  content += ' ';
  ExpectOverLimit(yara.Scan(content), "Limit.MaxSize");
}

// libyara stops counting at a million matches of one string and leaves it out of the rest.
std::string TooManyMatches() {
  std::string content;
  for (int i = 0; i < 1'100'000; ++i) content += "abcd";
  return content;
}

TEST(YaraLimits, NeverCallsCleanWhatMatchesTooOften) {
  StartedWith yara("rule Few { strings: $a = \"abcd\" condition: #a == 3 }\n" +
                   RuleFor("Marker", "first-marker", " : suspicious"));
  ExpectOverLimit(yara.Scan(TooManyMatches()), "Limit.TooManyMatches");
  const Outcome found = yara.Scan(TooManyMatches() + "first-marker");
  EXPECT_THAT(found, Says(VSAPI_VERDICT_SUSPICIOUS)) << "what is found still counts";
  ASSERT_EQ(found.findings.size(), 2u);
  EXPECT_EQ(found.findings[0].name, "Marker");
  EXPECT_EQ(found.findings[1].name, "Limit.TooManyMatches");
  EXPECT_THAT(yara.Scan("abcd"), IsClean()) << "the next content is not troubled by it";
  EXPECT_THAT(yara.Scan("abcdabcdabcd"), IsInfectedBy("Few"));
}

// libyara gives the whole scan up where one expression branches too much.
TEST(YaraLimits, NeverCallsCleanWhatAnExpressionCanNotBeFollowedIn) {
  StartedWith yara("rule Deep { strings: $a = /begin(a?a?a?a?a?){1,200}end/ condition: $a }\n");
  ExpectOverLimit(yara.Scan("begin" + std::string(5000, 'a') + "end"), "Limit.TooManyMatches");
  EXPECT_THAT(yara.Scan("beginend"), IsInfectedBy("Deep"));
}

std::string ManyRules() {
  std::string rules;
  for (int i = 0; i < 100; ++i) rules += RuleThat("R" + std::to_string(i), "filesize > 0");
  return rules;
}

TEST(YaraLimits, StopsBetweenRulesWhenCancelledOrOutOfTime) {
  StartedWith yara(ManyRules());
  const Outcome cancelled = yara.Scan(Script{.content = "x", .cancelled_after = 20});
  EXPECT_THAT(cancelled, FailsWith(VSAPI_E_CANCELLED));
  EXPECT_THAT(cancelled.findings, testing::IsEmpty());
  EXPECT_LT(cancelled.questions, 30u);
  EXPECT_THAT(yara.Scan(Script{.content = "x", .expired_after = 20}), FailsWith(VSAPI_E_TIMEOUT));
  EXPECT_EQ(yara.Scan("x").findings.size(), 100u) << "the session goes on";
}

// The script answers the question before the scan, then the budget is gone: libyara gets its least,
// one second, and needs far longer.
TEST(YaraLimits, CallsATimeLimitATimeOutAndNeverOverLimit) {
  StartedWith yara(RuleThat("Endless", "for all i in (1..100000000000) : (i > 0)") +
                   RuleFor("Marker", "first-marker"));
  const Outcome outcome = yara.Scan(Script{.content = "the first-marker", .expired_after = 1});
  EXPECT_THAT(outcome, FailsWith(VSAPI_E_TIMEOUT));
  EXPECT_THAT(outcome.findings, testing::IsEmpty());
  EXPECT_THAT(outcome.text, testing::HasSubstr("did not finish in the time"));
}

}  // namespace
}  // namespace vsapi::test
