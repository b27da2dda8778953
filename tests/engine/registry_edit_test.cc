// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/registry_edit: one value changes and nothing else does.
#include "registry_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "registry.h"
#include "registry_text.h"
#include "settings_table.h"
#include "support/test_folder.h"

namespace vsapi::engine {
namespace {

using ::testing::HasSubstr;

const std::string kVersionLine = "Windows Registry Editor Version 5.00\n\n";
const std::string kKeyLine = "[HKEY_LOCAL_MACHINE\\" + std::string(kVirusScanKey) + "]\n";

SettingValue Value(const std::string& name, const std::string& text, const std::string& mdb = "") {
  std::string problem;
  return ParseSetting(name, text, mdb, problem).value();
}

std::string Edited(const std::string& content, const SettingValue& value) {
  std::string problem;
  const auto edited = EditRegistry(content, "v.reg", value, problem);
  EXPECT_EQ(problem, "");
  return edited.value_or("(refused)");
}
std::string Refusal(const std::string& content, const SettingValue& value) {
  std::string problem;
  EXPECT_EQ(EditRegistry(content, "v.reg", value, problem), std::nullopt);
  return problem;
}

TEST(RegistryEdit, ReplacesTheValueWhereItStands) {
  EXPECT_EQ(Edited(kVersionLine + "; top\n" + kKeyLine +
                       "\"scantimeout\" = dword:1 ; why\n\"Unknown\"=hex:00,\\\n  01\n",
                   Value("ScanTimeout", "20")),
            kVersionLine + "; top\n" + kKeyLine +
                "\"scantimeout\"=dword:00000014 ; why\n\"Unknown\"=hex:00,\\\n  01\n");
}

TEST(RegistryEdit, ReplacesAValueOfSeveralLines) {
  EXPECT_EQ(Edited(kVersionLine + kKeyLine + "\"Library\"=hex(2):76,00,\\\n  00,00 ; v\n; end\n",
                   Value("Library", "a\\\"b")),
            kVersionLine + kKeyLine + "\"Library\"=\"a\\\\\\\"b\" ; v\n; end\n");
}

TEST(RegistryEdit, ReplacesTheLastOfSeveralAndADeletion) {
  EXPECT_EQ(
      Edited(kVersionLine + kKeyLine + "\"Enabled\"=dword:1\n\"Enabled\"=dword:0\n", Value("Enabled", "1")),
      kVersionLine + kKeyLine + "\"Enabled\"=dword:1\n\"Enabled\"=dword:00000001\n");
  EXPECT_EQ(Edited(kVersionLine + kKeyLine + "\"Enabled\"=dword:1\n\"Enabled\"=-\n", Value("Enabled", "1")),
            kVersionLine + kKeyLine + "\"Enabled\"=dword:1\n\"Enabled\"=dword:00000001\n");
}

TEST(RegistryEdit, AddsToTheEndOfTheKey) {
  EXPECT_EQ(Edited(kVersionLine + kKeyLine + "\"Enabled\"=dword:1\n\n[HKLM\\Other]\n\"a\"=dword:1\n",
                   Value("Profile", "2.6")),
            kVersionLine + kKeyLine +
                "\"Enabled\"=dword:1\n\"Profile\"=\"2.6\"\n\n[HKLM\\Other]\n\"a\"=dword:1\n");
}

TEST(RegistryEdit, AddsBehindTheCommentThatShowsTheValueUnderItsKey) {
  const std::string shown = ";\"profile\"=\"2.5\"\n", set = "\"Profile\"=\"2.6\"\n";
  const std::string above = kVersionLine + "[HKLM\\Other]\n" + shown + kKeyLine + "; why\n";
  const std::string below = "\n\"Enabled\"=dword:1\n[HKLM\\Another]\n" + shown;
  EXPECT_EQ(Edited(above + shown + below, Value("Profile", "2.6")), above + shown + set + below);
  const std::string last = "\"Enabled\"=dword:1\n\n; why\n" + shown;
  EXPECT_EQ(Edited(above + last, Value("Profile", "2.6")), above + last + set);
}

TEST(RegistryEdit, KnowsAKeyThatIsIndented) {
  const std::string shown = ";\"Profile\"=\"2.5\"\n";
  const std::string below = "  [HKLM\\Other]\n" + shown;
  EXPECT_EQ(Edited(kVersionLine + kKeyLine + below, Value("Profile", "2.6")),
            kVersionLine + kKeyLine + "\"Profile\"=\"2.6\"\n" + below);
}

TEST(RegistryEdit, AddsTheKeyWhereThereIsNone) {
  EXPECT_EQ(
      Edited(kVersionLine + "[HKLM\\Other]\n\"Enabled\"=dword:1", Value("Enabled", "0")),
      kVersionLine + "[HKLM\\Other]\n\"Enabled\"=dword:1\n\n" + kKeyLine + "\"Enabled\"=dword:00000000\n");
}

TEST(RegistryEdit, PutsNothingIntoAKeyThatIsDeletedLater) {
  const std::string before = kVersionLine + kKeyLine + "\"Enabled\"=dword:1\n[-HKLM\\SYSTEM]\n";
  EXPECT_EQ(Edited(before, Value("Enabled", "1")),
            before + "\n" + kKeyLine + "\"Enabled\"=dword:00000001\n");
}

TEST(RegistryEdit, FindsTheKeyOfAnMdbByItsName) {
  const std::string key = "[HKLM\\" + std::string(kStoresKey) + "\\MAIL1\\Public-MDB1]\n";
  EXPECT_EQ(Edited(kVersionLine + key + "\"VirusScanEnabled\"=dword:1\n", Value("Enabled", "0", "mdb1")),
            kVersionLine + key + "\"VirusScanEnabled\"=dword:00000000\n");
}

TEST(RegistryEdit, MakesAKeyForAnMdb) {
  EXPECT_EQ(Edited(kVersionLine, Value("Enabled", "0", "mdb1")),
            kVersionLine + "\n[HKEY_LOCAL_MACHINE\\" + kStoresKey +
                "\\Local\\Private-mdb1]\n\"VirusScanEnabled\"=dword:00000000\n");
}

TEST(RegistryEdit, KeepsEncodingAndLineEnds) {
  const std::string before =
      "Windows Registry Editor Version 5.00\r\n\r\n; \xC3\xA4\xF0\x9F\x98\x80\r\n";
  const std::string after =
      before + "\r\n" + kKeyLine.substr(0, kKeyLine.size() - 1) + "\r\n\"Vendor\"=\"\xC3\xA4\"\r\n";
  for (const auto encoding : {RegistryText::Encoding::kUtf8, RegistryText::Encoding::kUtf8WithMark,
                              RegistryText::Encoding::kUtf16})
    EXPECT_EQ(Edited(EncodeRegistry({encoding, before}), Value("Vendor", "\xC3\xA4")),
              EncodeRegistry({encoding, after}));
}

TEST(RegistryEdit, RefusesWhatItCouldNotKeep) {
  const std::string broken =
      EncodeRegistry({RegistryText::Encoding::kUtf16, kVersionLine}) + std::string("\x00\xD8\n\x00", 4);
  EXPECT_THAT(Refusal(broken, Value("Enabled", "1")), HasSubstr("broken characters"));
  EXPECT_THAT(Refusal(kVersionLine + "nonsense\n", Value("Enabled", "1")), HasSubstr("v.reg:3: "));
  EXPECT_THAT(Refusal("", Value("Enabled", "1")), HasSubstr("v.reg:1: "));
  EXPECT_THAT(Refusal(kVersionLine, Value("Vendor", "a\nb")), HasSubstr("one line"));
}

TEST(RegistryEdit, IsReadAsItWasWritten) {
  std::string content = kVersionLine;
  for (const std::string text : {"", "a", "\"", "\\", "a\\\\\"b;=[", "\xE2\x82\xAC"}) {
    content = Edited(content, Value("Parameters", text));
    std::vector<SettingValue> values;
    std::string problem;
    ASSERT_TRUE(ParseRegistry(content, "v.reg", values, problem)) << problem;
    EXPECT_EQ(values.at(0).text, text);
  }
}

// ---- Files --------------------------------------------------------------------------------------

TEST(SettingsFile, IsReplacedWithItsModeAndLeavesNothingElse) {
  const test::TestFolder folder;
  const std::string path = folder.Write("v.reg", kVersionLine);
  chmod(path.c_str(), 0640);
  std::string problem;
  ASSERT_TRUE(WriteSetting(path, Value("Enabled", "1"), problem)) << problem;
  EXPECT_EQ(test::ReadFile(path), kVersionLine + "\n" + kKeyLine + "\"Enabled\"=dword:00000001\n");
  struct stat found = {};
  ASSERT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0640u);
  EXPECT_EQ(folder.Entries().size(), 1u);
}

TEST(SettingsFile, IsReplacedBehindALink) {
  const test::TestFolder folder;
  folder.Write("real.reg", kVersionLine);
  std::filesystem::create_symlink("real.reg", folder.path() + "/v.reg");
  std::string problem;
  ASSERT_TRUE(WriteSetting(folder.path() + "/v.reg", Value("Enabled", "1"), problem)) << problem;
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() + "/v.reg"));
  EXPECT_THAT(test::ReadFile(folder.path() + "/real.reg"), HasSubstr("\"Enabled\"=dword:00000001"));
}

TEST(SettingsFile, StaysAsItIsWhenItCantBeChanged) {
  const test::TestFolder folder;
  const std::string path = folder.Write("v.reg", "nonsense\n");
  std::string problem;
  EXPECT_FALSE(WriteSetting(path, Value("Enabled", "1"), problem));
  EXPECT_THAT(problem, HasSubstr("v.reg:1: "));
  EXPECT_EQ(test::ReadFile(path), "nonsense\n");
  EXPECT_FALSE(WriteSetting(folder.path() + "/none.reg", Value("Enabled", "1"), problem));
}

TEST(SettingsFile, LosesNothingToWritersAtOnce) {
  const test::TestFolder folder;
  const std::string path = folder.Write("v.reg", kVersionLine);
  const std::vector<std::string> names = {"Enabled", "ScanTimeout", "VendorTimeout", "Version"};
  std::vector<std::thread> writers;
  for (const std::string& name : names)
    writers.emplace_back([&] {
      std::string problem;
      for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(WriteSetting(path, Value(name, "1"), problem)) << problem;
    });
  for (std::thread& writer : writers) writer.join();
  for (const std::string& name : names)
    EXPECT_THAT(test::ReadFile(path), HasSubstr("\"" + name + "\"=dword:00000001"));
}

}  // namespace
}  // namespace vsapi::engine
