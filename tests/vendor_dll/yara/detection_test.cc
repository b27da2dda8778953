// SPDX-License-Identifier: Apache-2.0
//
// What the libyara vendor finds, how it names it, and what verdict a rule gives.
#include "yara_support.h"

namespace vsapi::test {
namespace {

TEST(YaraDetection, FindsEicarWithItsOwnRuleAlone) {
  Started yara("");
  EXPECT_THAT(yara.Scan(Eicar()), IsEicar());
  EXPECT_THAT(yara.Scan(Eicar() + "\r\n"), IsEicar());
  EXPECT_THAT(yara.Scan(Eicar().substr(0, 67)), IsClean());
  EXPECT_THAT(yara.Scan("a harmless text"), IsClean());
  EXPECT_THAT(yara.Scan(""), IsClean());
}

TEST(YaraDetection, LooksAtTheBytesItIsGivenAndUnpacksNothing) {
  StartedWith yara(RuleFor("Marker", "first-marker"));
  const std::string text = "here is the first-marker " + std::string(100, '.');
  EXPECT_THAT(yara.Scan(text), IsInfectedBy("Marker"));
  EXPECT_THAT(yara.Scan(Zip({{"a.txt", text}})), IsClean());
  EXPECT_THAT(yara.Scan(MimeWithAttachment("a.txt", text)), IsClean());
}

TEST(YaraDetection, FindsEmptyContentIfARuleAsksForIt) {
  StartedWith yara(RuleThat("Empty", "filesize == 0"));
  EXPECT_THAT(yara.Scan(""), IsInfectedBy("Empty"));
  EXPECT_THAT(yara.Scan(Script{.content = "", .in_memory = false}), IsInfectedBy("Empty"));
  EXPECT_THAT(yara.Scan("x"), IsClean());
}

TEST(YaraDetection, GivesTheVerdictThatMetaOrTagSays) {
  StartedWith yara(RuleFor("Plain", "plain-marker") +
                   RuleFor("Meta_S", "meta-s-marker", "", "verdict = \"suspicious\"") +
                   RuleFor("Meta_B", "meta-b-marker", "", "verdict = \"blocked\"") +
                   RuleFor("Meta_I", "meta-i-marker", "", "verdict = \"infected\"") +
                   RuleFor("Tag_S", "tag-s-marker", " : mail suspicious") +
                   RuleFor("Tag_B", "tag-b-marker", " : blocked"));
  const struct {
    const char* content;
    const char* name;
    int32_t verdict, kind;
  } kExpected[] = {
      {"plain-marker", "Plain", VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT},
      {"meta-s-marker", "Meta_S", VSAPI_VERDICT_SUSPICIOUS, VSAPI_FINDING_HEURISTIC},
      {"meta-b-marker", "Meta_B", VSAPI_VERDICT_BLOCKED, VSAPI_FINDING_POLICY},
      {"meta-i-marker", "Meta_I", VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT},
      {"tag-s-marker", "Tag_S", VSAPI_VERDICT_SUSPICIOUS, VSAPI_FINDING_HEURISTIC},
      {"tag-b-marker", "Tag_B", VSAPI_VERDICT_BLOCKED, VSAPI_FINDING_POLICY},
  };
  for (const auto& expected : kExpected) {
    const Outcome outcome = yara.Scan(expected.content);
    EXPECT_THAT(outcome, Says(expected.verdict)) << expected.name;
    ASSERT_EQ(outcome.findings.size(), 1u);
    EXPECT_EQ(outcome.findings[0].name, expected.name);
    EXPECT_EQ(outcome.findings[0].kind, expected.kind);
    EXPECT_EQ(outcome.scope, VSAPI_SCOPE_CONTENT);
  }
}

TEST(YaraDetection, LetsTheStrongestDecideAndTellsAll) {
  StartedWith yara(RuleFor("Weak", "marker", " : suspicious") +
                   RuleFor("Policy", "marker", " : blocked") + RuleFor("Threat", "arke") +
                   RuleFor("Both", "other", " : suspicious blocked"));
  const Outcome outcome = yara.Scan("a marker");
  ASSERT_THAT(outcome, Says(VSAPI_VERDICT_INFECTED));
  ASSERT_EQ(outcome.findings.size(), 3u);
  EXPECT_EQ(outcome.findings[0].name, "Threat");
  EXPECT_EQ(outcome.findings[1].name, "Policy");
  EXPECT_EQ(outcome.findings[2].name, "Weak");
  EXPECT_THAT(yara.Scan("some other"), Says(VSAPI_VERDICT_BLOCKED));
}

TEST(YaraDetection, TellsNothingOfPrivateRules) {
  StartedWith yara("private " + RuleFor("Hidden", "marker") +
                   RuleThat("Shown", "Hidden and filesize < 10"));
  EXPECT_THAT(yara.Scan("marker"), IsInfectedBy("Shown"));
  EXPECT_THAT(yara.Scan("marker, and much more"), IsClean());
}

TEST(YaraDetection, KeepsNamesWithinTheContract) {
  const std::string longest(128, 'R');
  StartedWith yara(RuleFor(longest, "marker"));
  EXPECT_THAT(yara.Scan("marker"), IsInfectedBy(std::string(95, 'R')));
}

// libyara's scanner remembers the last program's entry point.
TEST(YaraDetection, ForgetsOneContentBeforeTheNext) {
  StartedWith yara(RuleThat("Program", "entrypoint >= 0") + RuleFor("Marker", "first-marker"),
                   "strict=off");
  const std::string program = ReadFile(VSAPI_YARA_DLL);
  ASSERT_THAT(yara.Scan(program).findings,
              testing::Contains(testing::Field(&Finding::name, "Program")));
  EXPECT_THAT(yara.Scan("a harmless text"), IsClean());
  EXPECT_THAT(yara.Scan("the first-marker"), IsInfectedBy("Marker"));
  EXPECT_THAT(yara.Scan("a harmless text"), IsClean());
}

Script Named(const std::string& name) {
  return {.content = "MZ", .properties = {{VSAPI_PROPERTY_ATTACHMENT_NAME, name}}};
}

TEST(YaraProperties, AreThereForRulesIfAskedForAndThenHoldForTheItemAlone) {
  StartedWith yara(RuleThat("Program", "extension == \".exe\" and uint16(0) == 0x5A4D") +
                       RuleThat("Invoice", "filename icontains \"invoice\"") +
                       RuleThat("Boss",
                                "sender == \"boss@example.com\" and subject == \"pay\" and "
                                "content_type == \"text/plain\" and part_path == \"2.1\""),
                   "properties=on");
  const Outcome program = yara.Scan(Named("Notes.EXE"));
  EXPECT_THAT(program, IsInfectedBy("Program"));
  EXPECT_EQ(program.scope, VSAPI_SCOPE_ITEM);
  EXPECT_THAT(yara.Scan(Named("My Invoice")), IsInfectedBy("Invoice"));
  const Outcome plain = yara.Scan(Named("notes.txt"));
  EXPECT_THAT(plain, IsClean()) << "nothing stays from the item before";
  EXPECT_EQ(plain.scope, VSAPI_SCOPE_ITEM);
  EXPECT_THAT(yara.Scan("MZ"), IsClean()) << "an item without a name";
  EXPECT_THAT(yara.Scan(Script{.content = "x",
                               .properties = {{VSAPI_PROPERTY_SENDER, "boss@example.com"},
                                              {VSAPI_PROPERTY_SUBJECT, "pay"},
                                              {VSAPI_PROPERTY_CONTENT_TYPE, "text/plain"},
                                              {VSAPI_PROPERTY_PART_PATH, "2.1"}}}),
              IsInfectedBy("Boss"));
}

TEST(YaraProperties, AreNotCutByAZeroByteInThem) {
  StartedWith yara(RuleThat("Program", "filename endswith \".exe\""), "properties=on");
  EXPECT_THAT(yara.Scan(Named(std::string("notes.txt\0.exe", 14))), IsInfectedBy("Program"));
}

}  // namespace
}  // namespace vsapi::test
