// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/registry: what `reg export` writes is read, what is malformed is told
// by file, line and reason, and nothing that a file may hold brings the engine down.
#include "registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "settings_table.h"

namespace vsapi::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kHeader = "Windows Registry Editor Version 5.00\n\n";
const std::string kKey =
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\VirusScan]\n";

struct Parsed {
  std::vector<SettingValue> values;
  std::string problem;  // "" if it was good

  const SettingValue* Find(const std::string& name) const {
    for (const SettingValue& value : values)
      if (value.name == name) return &value;
    return nullptr;
  }
  std::string Text(const std::string& name) const {
    return Find(name) ? Find(name)->text : "(absent)";
  }
  uint64_t Number(const std::string& name) const { return Find(name) ? Find(name)->number : ~0ull; }
};

Parsed Parse(const std::string& content) {
  Parsed parsed;
  const bool good = ParseRegistry(content, "v.reg", parsed.values, parsed.problem);
  EXPECT_EQ(good, parsed.problem.empty());
  return parsed;
}
Parsed ParseValues(const std::string& lines) { return Parse(kHeader + kKey + lines); }

const std::string kGood = kHeader + "; who scans\n" + kKey +
                          R"("Enabled"=dword:00000001
"Library"="C:\\Program Files\\a \"b\"\\vendor.dll"
"Version"=hex(b):01,02,00,00,\
  00,00,00,80
"Unread"=hex:00,01,\
  02
@="the default value"

[HKEY_CURRENT_USER\Software\Other]
"Enabled"=dword:00000000
)";

void ExpectGoodValues(const Parsed& parsed) {
  EXPECT_EQ(parsed.problem, "");
  EXPECT_EQ(parsed.values.size(), 5u);
  EXPECT_TRUE(parsed.Find("Unread")->is_other);
  EXPECT_EQ(parsed.Number("Enabled"), 1u);
  EXPECT_EQ(parsed.Text("Library"), "C:\\Program Files\\a \"b\"\\vendor.dll");
  EXPECT_EQ(parsed.Number("Version"), 0x8000000000000201u);
  EXPECT_EQ(parsed.Text(""), "the default value");
}

std::string WithCrLf(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

// Of ASCII.
std::string Utf16(const std::string& text) {
  std::string out = "\xFF\xFE";
  for (const char c : text) out += {c, '\0'};
  return out;
}

TEST(Registry, ReadsUtf8) { ExpectGoodValues(Parse(kGood)); }
TEST(Registry, ReadsUtf8WithItsMark) { ExpectGoodValues(Parse("\xEF\xBB\xBF" + kGood)); }
TEST(Registry, ReadsLinesThatEndAsOnWindows) { ExpectGoodValues(Parse(WithCrLf(kGood))); }
TEST(Registry, ReadsUtf16AsRegExportWritesIt) { ExpectGoodValues(Parse(Utf16(WithCrLf(kGood)))); }
TEST(Registry, NeedsNoNewLineAtTheEnd) {
  ExpectGoodValues(Parse(kGood.substr(0, kGood.size() - 1)));
}

TEST(Registry, TurnsUtf16IntoUtf8) {
  std::string content = Utf16(kHeader + kKey + "\"Vendor\"=\"");
  content += std::string(
      "\xE4\x00"
      "\xAC\x20"
      "\x3D\xD8\x00\xDE"
      "\x00\xD8",
      10);  // and a lone surrogate
  content += Utf16("\"\n").substr(2);
  EXPECT_EQ(Parse(content).Text("Vendor"), "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\xEF\xBF\xBD");
}

TEST(Registry, SaysWhereEachValueStands) {
  const Parsed parsed = Parse(kGood);
  EXPECT_EQ(parsed.Find("Enabled")->place, "v.reg:5");
  EXPECT_EQ(parsed.Find("")->place, "v.reg:11");
  EXPECT_EQ(parsed.Find("Enabled")->key, kVirusScanKey);
}

TEST(Registry, TellsNumbersFromTexts) {
  const Parsed parsed = ParseValues("\"a\"=dword:10\n\"b\"=\"10\"\n");
  EXPECT_TRUE(parsed.Find("a")->is_number);
  EXPECT_EQ(parsed.Number("a"), 16u);
  EXPECT_FALSE(parsed.Find("b")->is_number);
}

TEST(Registry, AllowsBlanksAndCommentsWhereRegeditDoes) {
  const Parsed parsed = ParseValues(
      "  ; a comment\n\t\"a\" = dword:1 ; one\n\"b\"=\"text\" ; two\n\n;\"c\"=dword:1\n");
  EXPECT_EQ(parsed.problem, "");
  EXPECT_EQ(parsed.Number("a"), 1u);
  EXPECT_EQ(parsed.Text("b"), "text");
  EXPECT_EQ(parsed.Find("c"), nullptr);
}

TEST(Registry, NeverContinuesAComment) {
  const Parsed parsed = ParseValues("; \"a\"=hex:00,\\\n\"b\"=dword:1\n");
  EXPECT_EQ(parsed.Number("b"), 1u);
}

TEST(Registry, KeepsEscapedQuotesAndBackslashesOfNamesAndTexts) {
  EXPECT_EQ(ParseValues(R"("a\"b\\"="\\\\c\"")").Text("a\"b\\"), R"(\\c")");
  EXPECT_EQ(ParseValues(R"("a"="")").Text("a"), "");
  EXPECT_EQ(ParseValues(R"("a"="=hex:\\")").Text("a"), "=hex:\\");
}

TEST(Registry, ReadsEveryDword) {
  EXPECT_EQ(ParseValues("\"a\"=dword:ffffffff").Number("a"), 0xffffffffu);
  EXPECT_EQ(ParseValues("\"a\"=dword:FFFFFFFF").Number("a"), 0xffffffffu);
  EXPECT_EQ(ParseValues("\"a\"=dword:0").Number("a"), 0u);
}

TEST(Registry, ReadsNumbersOfBytes) {
  EXPECT_EQ(ParseValues("\"a\"=hex(4):01,02,00,80").Number("a"), 0x80000201u);
  EXPECT_EQ(ParseValues("\"a\"=HEX(B):1,0,0,0,0,0,0,0 ; one").Number("a"), 1u);
}

TEST(Registry, ReadsTextsThatMayBeExpanded) {
  const Parsed parsed =
      ParseValues("\"a\"=hex(2):76,00,e4,00,\\\n  2e,00,73,00,00,00 ; v\n\"b\"=hex(2):\n");
  EXPECT_EQ(parsed.problem, "");
  EXPECT_EQ(parsed.Text("a"), "v\xC3\xA4.s");
  EXPECT_FALSE(parsed.Find("a")->is_number || parsed.Find("a")->is_other);
  EXPECT_EQ(parsed.Text("b"), "");
}

TEST(Registry, KnowsListsAndBinaryDataForWhatTheyAre) {
  const Parsed parsed =
      ParseValues("\"a\"=hex:00\n\"b\"=hex:\n\"c\"=hex(7):00,\\\n 00\n\"d\"=hex(0):\n");
  ASSERT_EQ(parsed.problem, "");
  ASSERT_EQ(parsed.values.size(), 4u);
  for (const SettingValue& value : parsed.values) EXPECT_TRUE(value.is_other) << value.name;
}

TEST(Registry, TakesBackWhatIsDeletedLater) {
  const Parsed parsed = ParseValues("\"a\"=dword:1\n\"b\"=dword:2\n\"a\"=-\n");
  EXPECT_EQ(parsed.Find("a"), nullptr);
  EXPECT_EQ(parsed.Number("b"), 2u);
  EXPECT_EQ(ParseValues("\"a\"=-\n\"a\"=dword:1\n").Number("a"), 1u);
}

TEST(Registry, DeletesWhateverTheCaseOfTheName) {
  EXPECT_THAT(ParseValues("\"Enabled\"=dword:1\n\"ENABLED\"=-\n").values, IsEmpty());
}

TEST(Registry, TakesNothingBackUnderAnotherKey) {
  EXPECT_EQ(ParseValues("\"a\"=dword:1\n[HKLM\\Other]\n\"a\"=-\n").Number("a"), 1u);
}

TEST(Registry, TakesBackAWholeKeyAndWhatIsUnderIt) {
  const std::string lines =
      "\"a\"=dword:1\n[HKLM\\x\\y]\n\"a\"=dword:1\n[HKLM\\xy]\n\"b\"=dword:2\n";
  const Parsed parsed = Parse(kHeader + "[HKLM\\x]\n" + lines + "[-hklm\\X]\n\"lost\"=dword:1\n");
  ASSERT_EQ(parsed.values.size(), 1u);
  EXPECT_EQ(parsed.Number("b"), 2u);
}

TEST(Registry, IgnoresOtherHivesAndDeletedKeys) {
  for (const std::string key :
       {"[HKEY_CURRENT_USER\\x]", "[HKEY_CLASSES_ROOT\\x]", "[HKEY_LOCAL_MACHINE]",
        "[HKEY_LOCAL_MACHINES\\x]", "[-HKEY_LOCAL_MACHINE\\x]", "[]", "[x]"}) {
    const Parsed parsed = Parse(kHeader + key + "\n\"Enabled\"=dword:1\n");
    EXPECT_EQ(parsed.problem, "") << key;
    EXPECT_THAT(parsed.values, IsEmpty()) << key;
  }
}

TEST(Registry, KnowsTheHiveByItsShortNameAndInAnyCase) {
  for (const std::string hive : {"HKLM", "hklm", "Hkey_Local_Machine"})
    EXPECT_EQ(Parse(kHeader + "[" + hive + "\\x]\n\"a\"=dword:1\n").Find("a")->key, "x") << hive;
}

// ---- What is malformed --------------------------------------------------------------------------

struct BadLine {
  const char* line;
  const char* what;
};

class MalformedRegistry : public ::testing::TestWithParam<BadLine> {};

TEST_P(MalformedRegistry, IsToldByFileLineAndReason) {
  // The line before and the line after are good; the header, a blank line and the key come first.
  const Parsed parsed =
      ParseValues("\"before\"=dword:1\n" + std::string(GetParam().line) + "\n\"after\"=dword:1\n");
  EXPECT_EQ(parsed.problem, "v.reg:5: " + std::string(GetParam().what));
}

constexpr char kExpected[] = "expected [a key], \"a name\"=value or ; a comment";
constexpr char kDwordText[] = "dword: must be followed by 1 to 8 hexadecimal digits";
constexpr char kQwordText[] = "hex(b): must be followed by 8 bytes";
constexpr char kQwordBytes[] = "hex(b): must be followed by bytes of two hexadecimal digits each";
constexpr char kHexBytes[] = "hex: must be followed by bytes of two hexadecimal digits each";
constexpr char kKinds[] = "the value must be \"text\", dword:, hex: or -";

INSTANTIATE_TEST_SUITE_P(
    EveryLine, MalformedRegistry,
    ::testing::Values(
        BadLine{"Enabled=dword:1", kExpected}, BadLine{"# comment", kExpected},
        BadLine{"]", kExpected}, BadLine{"[HKEY_LOCAL_MACHINE\\x", "the key has no closing ]"},
        BadLine{"[", "the key has no closing ]"}, BadLine{"\"a", "the name has no closing \""},
        BadLine{"\"", "the name has no closing \""}, BadLine{"\"a\\", "the name has no closing \""},
        BadLine{"\"a\"", "there must be = after the name"},
        BadLine{"\"a\" 1", "there must be = after the name"},
        BadLine{"@", "there must be = after the name"},
        BadLine{"\"a\"=", "there is no value after ="},
        BadLine{"\"a\"=  ", "there is no value after ="},
        BadLine{"\"a\"=\"text", "the text has no closing \""},
        BadLine{"\"a\"=\"text\\\"", "the text has no closing \""},
        BadLine{"\"a\"=\"text\" more", "the text has no closing \""},
        BadLine{"\"a\"=dword:", kDwordText}, BadLine{"\"a\"=dword:123456789", kDwordText},
        BadLine{"\"a\"=dword:xyz", kDwordText}, BadLine{"\"a\"=dword:-1", kDwordText},
        BadLine{"\"a\"=dword:1 2", kDwordText}, BadLine{"\"a\"=dword:0x1", kDwordText},
        BadLine{"\"a\"=hex(b):", kQwordText}, BadLine{"\"a\"=hex(b):1,2,3,4,5,6,7", kQwordText},
        BadLine{"\"a\"=hex(b):1,2,3,4,5,6,7,8,9", kQwordText},
        BadLine{"\"a\"=hex(b):1,2,3,4,5,6,7,100", kQwordBytes},
        BadLine{"\"a\"=hex(b):1,2,3,4,5,6,7,x", kQwordBytes}, BadLine{"\"a\"=hex:0,", kHexBytes},
        BadLine{"\"a\"=hex:,", kHexBytes}, BadLine{"\"a\"=hex:00 01", kHexBytes},
        BadLine{"\"a\"=hex(4):00,00,00", "hex(4): must be followed by 4 bytes"},
        BadLine{"\"a\"=hex(2):00", "hex(2): must be followed by whole UTF-16 units"},
        BadLine{"\"a\"=hex(2):00,00,41,00", "hex(2): has a zero inside of its text"},
        BadLine{"\"a\"=hex(x):00", kKinds}, BadLine{"\"a\"=hex(2:00", kKinds},
        BadLine{"\"a\"=hex2:00", kKinds}, BadLine{"\"a\"=hex", kKinds},
        BadLine{"\"a\"=\"Ger\xE4t\"",
                "the text is not UTF-8: save the file as UTF-8 or as Unicode (UTF-16)"},
        BadLine{"\"a\"=1", kKinds}, BadLine{"\"a\"=text", kKinds}, BadLine{"\"a\"=--", kKinds}));

TEST(Registry, WantsItsHeaderFirst) {
  const std::string what = "the first line must be \"Windows Registry Editor Version 5.00\"";
  EXPECT_EQ(Parse("").problem, "v.reg:1: " + what);
  EXPECT_EQ(Parse("REGEDIT4\n").problem, "v.reg:1: " + what);
  EXPECT_EQ(Parse(kKey).problem, "v.reg:1: " + what);
  EXPECT_EQ(Parse("\n; only a comment\n").problem, "v.reg:2: " + what);
}

TEST(Registry, WantsAKeyBeforeTheFirstValue) {
  EXPECT_EQ(Parse(kHeader + "\"a\"=dword:1").problem,
            "v.reg:3: a value stands before the first [key]");
}

TEST(Registry, WantsTheEndOfTheLastValue) {
  EXPECT_EQ(ParseValues("\"a\"=hex:00,\\").problem,
            "v.reg:4: the last value ends in the middle of its data");
}

// ---- Whatever a file may hold -------------------------------------------------------------------

// Every value it makes must be sound, and every problem told by its place.
void ExpectSound(const std::string& content) {
  const Parsed parsed = Parse(content);
  ASSERT_TRUE(parsed.problem.empty() || parsed.problem.starts_with("v.reg:")) << parsed.problem;
  for (const SettingValue& value : parsed.values) ASSERT_TRUE(value.place.starts_with("v.reg:"));
}

TEST(Registry, SurvivesEveryTruncation) {
  for (const std::string& whole : {kGood, Utf16(WithCrLf(kGood))})
    for (size_t size = 0; size < whole.size(); ++size) ExpectSound(whole.substr(0, size));
}

TEST(Registry, SurvivesEveryByteReplacedByEachThatMatters) {
  for (const std::string& whole : {kGood, Utf16(WithCrLf(kGood))})
    for (size_t at = 0; at < whole.size(); ++at)
      for (const char byte : std::string("\0\n\r\"\\[]=,:;-@ \xFF\xD8", 16)) {
        std::string content = whole;
        content[at] = byte;
        ExpectSound(content);
      }
}

TEST(Registry, SurvivesEveryByteTakenOut) {
  for (size_t at = 0; at < kGood.size(); ++at) {
    std::string content = kGood;
    ExpectSound(content.erase(at, 1));
  }
}

// ---- Files --------------------------------------------------------------------------------------

TEST(RegistryFile, IsReadByItsPath) {
  const std::string path =
      ::testing::TempDir() + "registry_test_" + std::to_string(getpid()) + ".reg";
  std::ofstream(path) << kGood;
  Parsed parsed;
  EXPECT_TRUE(ReadRegistry(path, parsed.values, parsed.problem));
  EXPECT_EQ(parsed.Find("Enabled")->place, path + ":5");
  unlink(path.c_str());
}

TEST(RegistryFile, ThatIsMissingIsToldByItsPath) {
  Parsed parsed;
  EXPECT_FALSE(ReadRegistry("/nowhere/v.reg", parsed.values, parsed.problem));
  EXPECT_THAT(parsed.problem, HasSubstr("/nowhere/v.reg: No such file"));
}

}  // namespace
}  // namespace vsapi::engine
