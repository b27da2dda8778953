// SPDX-License-Identifier: Apache-2.0
//
// Which rules the libyara vendor loads, refuses, and how it identifies them.
#include <map>

#include "yara_support.h"

namespace vsapi::test {
namespace {

const std::string kRule = RuleFor("First", "first-marker");
const std::string kOtherRule = RuleFor("Second", "second-marker");

void ExpectNoStart(const std::string& parameters, const std::string& because) {
  VendorInstance vendor(Dll(), parameters);
  ASSERT_EQ(vendor.create_status(), VSAPI_OK);
  EXPECT_NE(vendor.Start(), VSAPI_OK) << because;
  EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, because)) << because << "\n" << vendor.LogText();
}

TEST(YaraRules, MayBeOneFileOfAnyName) {
  TestFolder folder;
  const std::string path = folder.Write("my.rules", kRule);
  folder.Write("other.yar", kOtherRule);
  Started yara("rules=" + path);
  EXPECT_THAT(yara.Scan("the first-marker"), IsInfectedBy("First"));
  EXPECT_THAT(yara.Scan("the second-marker"), IsClean());
  EXPECT_THAT(yara.Scan(Eicar()), IsEicar());
  EXPECT_EQ(IdentityOf(yara.vendor).count, 2u);
}

TEST(YaraRules, MayBeAFolderWhoseFilesAreNamespaces) {
  TestFolder folder;
  folder.Write("one.yar", kRule);
  folder.Write("two.yara", RuleFor("First", "second-marker"));
  folder.Write("notes.txt", "no rule");
  fs::create_directory(folder.path() + "/deeper");
  folder.Write("deeper/three.yar", "no rule either");
  Started yara("rules=" + folder.path());
  EXPECT_THAT(yara.Scan("the first-marker"), IsInfectedBy("one:First"));
  EXPECT_THAT(yara.Scan("the second-marker"), IsInfectedBy("two:First"));
  EXPECT_THAT(yara.Scan(Eicar()), IsEicar());
  EXPECT_EQ(IdentityOf(yara.vendor).count, 3u);
}

TEST(YaraRules, OfOneFileAreNotSilencedByAGlobalRuleOfAnother) {
  TestFolder folder;
  folder.Write("global.yar", "global private " + RuleThat("Never", "false") + kRule);
  folder.Write("other.yar", kOtherRule);
  Started yara("rules=" + folder.path());
  EXPECT_THAT(yara.Scan("the first-marker"), IsClean());
  EXPECT_THAT(yara.Scan("the second-marker"), IsInfectedBy("other:Second"));
  EXPECT_THAT(yara.Scan(Eicar()), IsEicar());
}

TEST(YaraRules, MustHoldARuleThatCanBeFound) {
  for (const std::string text : {"", "// nothing here\n", "private rule a { condition: true }\n"}) {
    TestFolder folder;
    ExpectNoStart("rules=" + folder.Write("a.yar", text), "a.yar holds no rule");
    ExpectNoStart("rules=" + folder.path(), "holds no rule that could be found");
  }
}

TEST(YaraRules, ThatAreBrokenAreNamedByFileAndLine) {
  const std::map<std::string, std::string> broken = {
      {"rule a {\n  condition: nonsense\n}\n", ":2: rule a: undefined identifier \"nonsense\""},
      {kRule + kRule, ":5: duplicated identifier \"First\""},
      {"rule a {\n  condition:\n", ":3: rule a: syntax error"},
      {"import \"nothing\"\n" + kRule, ":1: unknown module \"nothing\""},
      {"\nrule a { strings: $a = \"abcdef\" condition: true }\n", ":2: rule a: unreferenced"},
      {"rule a {\n  strings: $a = /a.*b/\n  condition: $a\n}\n", ":2: rule a: $a contains .*"},
      {"rule a { meta: verdict = \"fine\" condition: true }", "rule a: meta verdict must be"},
      {"rule a { meta: verdict = 1 condition: true }", "rule a: meta verdict must be"},
      {kRule + std::string("\0", 1) + kOtherRule, " is no text, it holds a zero byte"}};
  for (const auto& [text, complaint] : broken) {
    TestFolder folder;
    folder.Write("good.yar", kRule);
    const std::string path = folder.Write("wrong.yar", text);
    ExpectNoStart("rules=" + folder.path(), complaint);
    if (complaint[0] == ':') ExpectNoStart("rules=" + path, path + complaint);
  }
}

TEST(YaraRules, MayDrawWarningsIfThatIsAccepted) {
  TestFolder folder;
  folder.Write("slow.yar", "rule Slow {\n  strings: $a = \"a\"\n  condition: $a\n}\n");
  ExpectNoStart("rules=" + folder.path(), "(a warning; Parameters strict=off accepts it)");
  Started yara("strict=off;rules=" + folder.path());
  EXPECT_TRUE(
      yara.vendor.Logged(VSAPI_LOG_WARNING, "slow.yar:2: rule Slow: string \"$a\" may slow"))
      << yara.vendor.LogText();
  EXPECT_THAT(yara.Scan("a"), IsInfectedBy("slow:Slow"));
}

TEST(YaraRules, IncludeNothingUnlessAllowed) {
  TestFolder folder;
  folder.Write("part.inc", kRule);
  folder.Write("main.yar", "include \"part.inc\"\n");
  ExpectNoStart("rules=" + folder.path(), "main.yar:1: includes are disabled");
  Started yara("includes=on;rules=" + folder.path());
  EXPECT_THAT(yara.Scan("the first-marker"), IsInfectedBy("main:First"));
}

TEST(YaraRules, SayWhichIncludedFileIsMissingOrBroken) {
  TestFolder folder;
  folder.Write("main.yar", "\ninclude \"part.inc\"\n");
  ExpectNoStart("includes=on;rules=" + folder.path(), "main.yar:2: callback failed to provide");
  ExpectNoStart("includes=on;rules=" + folder.path(),
                "there is no file " + folder.path() + "/part");
  folder.Write("part.inc", "\nrule a { condition: nonsense }\n");
  ExpectNoStart("includes=on;rules=" + folder.path(), "part.inc:2: rule a: undefined identifier");
}

TEST(YaraRules, ThatIncludeAreNewerWhenTheIncludedFileIs) {
  TestFolder folder;
  SetTime(folder.Write("part.inc", kRule), 1'700'000'000);
  SetTime(folder.Write("main.yar", "include \"part.inc\"\n"), 1'600'000'000);
  const std::string parameters = "includes=on;rules=" + folder.path();
  const Started yara(parameters);
  EXPECT_EQ(IdentityOf(yara.vendor).version, 1'700'000'000'000'000'000u);
  EXPECT_FALSE(HasNewer(yara.vendor));
  folder.Write("part.inc", kOtherRule);
  EXPECT_TRUE(HasNewer(yara.vendor));
  const Started newer(parameters);
  EXPECT_NE(DigestOf(newer.vendor), DigestOf(yara.vendor));
}

TEST(YaraRules, AskForNoPropertiesUnlessAllowed) {
  TestFolder folder;
  const std::string path = folder.Write("a.yar", RuleThat("a", "filename == \"x\""));
  ExpectNoStart("rules=" + path, "a.yar:2: rule a: undefined identifier \"filename\"");
}

TEST(YaraRules, FallBackToEicarWithALoudWarning) {
  const Started yara("");
  EXPECT_TRUE(yara.vendor.Logged(VSAPI_LOG_WARNING,
                                 "no YARA rules given: only the EICAR test file will be found"));
  EXPECT_EQ(IdentityOf(yara.vendor).version, 1u) << "any real rules are newer";
  EXPECT_EQ(IdentityOf(yara.vendor).built_ns, 0);
  EXPECT_EQ(IdentityOf(yara.vendor).count, 1u);
  EXPECT_FALSE(HasNewer(yara.vendor));
}

TEST(YaraRules, OfOneFileAreNewerByThatFileAlone) {
  TestFolder folder;
  const std::string path = folder.Write("a.yar", kRule);
  const Started yara("rules=" + path);
  folder.Write("b.yar", kOtherRule);
  EXPECT_FALSE(HasNewer(yara.vendor));
  SetTime(path, 1'700'000'000);
  EXPECT_TRUE(HasNewer(yara.vendor));
  fs::remove(path);
  EXPECT_FALSE(HasNewer(yara.vendor)) << "a new instance could not start";
}

}  // namespace
}  // namespace vsapi::test
