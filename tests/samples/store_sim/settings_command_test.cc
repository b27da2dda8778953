// SPDX-License-Identifier: Apache-2.0
//
// store_sim settings, as an administrator uses it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "program.h"

namespace store_sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SettingsCommandTest : public ProgramTest {
 protected:
  SettingsCommandTest() { EXPECT_EQ(Run("init s --mdb mdb1 --mdb mdb2"), 0) << err_; }

  std::string Get(const std::string& arguments) {
    EXPECT_EQ(Run("settings s get " + arguments), 0) << err_;
    return out_.substr(0, out_.find('\n'));
  }
  std::string File() { return ReadAll(folder_ / "s/virusscan.reg"); }
};

TEST_F(SettingsCommandTest, ShowsWhatANewStoreHas) {
  EXPECT_EQ(Get("Enabled"), "1");
  EXPECT_EQ(Get("proactivescanning"), "1");
  EXPECT_EQ(Get("Library"), "vsapi_clamav.so");
  EXPECT_EQ(Get("ScanTimeout"), "180");
  EXPECT_EQ(Get("'TransportAVAPI\\Enabled'"), "0");
}

TEST_F(SettingsCommandTest, ListsAllOfThemWithTheirPlace) {
  for (const char* arguments : {"settings s", "settings s list"}) {
    ASSERT_EQ(Run(arguments), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("ScanTimeout "));
    EXPECT_THAT(out_, HasSubstr("TransportAVAPI\\Enabled "));
    EXPECT_THAT(out_,
                ::testing::ContainsRegex("Library +vsapi_clamav.so +sz +virusscan.reg:[0-9]"));
    EXPECT_THAT(out_, ::testing::ContainsRegex("ScanRTF +1 +1 +dword"));
  }
}

TEST_F(SettingsCommandTest, ChangesOneLineAndNothingElse) {
  const std::string before = File();
  ASSERT_EQ(Run("settings s set Enabled 0"), 0) << err_;
  EXPECT_EQ(out_, "Enabled was 1, is 0\n");
  std::string expected = before;
  const std::string line = "\"Enabled\"=dword:0000000";
  expected[expected.find(line) + line.size()] = '0';
  EXPECT_EQ(File(), expected);
  EXPECT_EQ(Get("Enabled"), "0");
}

TEST_F(SettingsCommandTest, SaysWhatWasAndWhatIs) {
  ASSERT_EQ(Run("settings s set ScanRTF 0"), 0) << err_;
  EXPECT_EQ(out_, "ScanRTF was 1, is 0\n");
  ASSERT_EQ(Run("settings s set Isolation process"), 0) << err_;
  EXPECT_EQ(out_, "Isolation was \"none\", is \"process\"\n");
}

TEST_F(SettingsCommandTest, RefusesWhatTheTableRefuses) {
  const std::string before = File();
  EXPECT_EQ(Run("settings s set Enabled 2"), 1);
  EXPECT_THAT(err_, HasSubstr("setting Enabled: 2 is not within 0 to 1"));
  EXPECT_EQ(Run("settings s set ScanTimeuot 5"), 1);
  EXPECT_THAT(err_, HasSubstr("did you mean ScanTimeout?"));
  EXPECT_EQ(Run("settings s get Nonsense"), 1);
  EXPECT_EQ(Run("settings s set Enabled"), 2);
  EXPECT_EQ(Run("settings missing"), 1);
  EXPECT_EQ(Run("settings s set ProactiveScanning 0 --mdb mdb3"), 1);
  EXPECT_EQ(File(), before);
}

TEST_F(SettingsCommandTest, KnowsWhatDiffersForOneMdb) {
  ASSERT_EQ(Run("settings s set ProactiveScanning 0 --mdb mdb2"), 0) << err_;
  EXPECT_EQ(out_, "VirusScanProactiveScanning was 1, is 0\n");
  EXPECT_EQ(Get("ProactiveScanning --mdb mdb2"), "0");
  EXPECT_EQ(Get("ProactiveScanning --mdb mdb1"), "1");
  EXPECT_EQ(Get("ProactiveScanning"), "1");
  ASSERT_EQ(Run("settings s --mdb mdb2"), 0) << err_;
  EXPECT_THAT(out_, ::testing::ContainsRegex("VirusScanProactiveScanning +0 +dword +virusscan"));
  EXPECT_THAT(out_, Not(HasSubstr("ScanTimeout")));
}

TEST_F(SettingsCommandTest, SpeaksToMachines) {
  ASSERT_EQ(Run("settings s set ScanTimeout 0x14 --json"), 0) << err_;
  EXPECT_EQ(nlohmann::json::parse(out_).at("is"), "20");
  ASSERT_EQ(Run("settings s get ScanTimeout --json"), 0) << err_;
  const auto one = nlohmann::json::parse(out_);
  EXPECT_EQ(one.at("value"), 20);
  EXPECT_EQ(one.at("default"), 180);
  EXPECT_THAT(one.at("place"), HasSubstr("virusscan.reg:"));
  ASSERT_EQ(Run("settings s --json"), 0) << err_;
  EXPECT_GT(nlohmann::json::parse(out_).size(), 30u);
}

TEST_F(SettingsCommandTest, TellsWhatIsWrongInTheFile) {
  folder_.Write(
      "s/virusscan.reg",
      "Windows Registry Editor Version 5.00\n\n[HKLM\\SYSTEM\\CurrentControlSet\\Services\\"
      "MSExchangeIS\\VirusScan]\n\"ScanTimeout\"=dword:0\n\"ScanTimeuot\"=dword:1\n");
  ASSERT_EQ(Run("settings s get ScanTimeout"), 0);
  EXPECT_EQ(out_, "180\n");
  EXPECT_THAT(err_, HasSubstr("virusscan.reg:4: ScanTimeout: 0 is not within 1 to 86400"));
  EXPECT_THAT(err_, HasSubstr("virusscan.reg:5: there is no setting \"ScanTimeuot\""));
  folder_.Write("s/virusscan.reg", "nonsense\n");
  EXPECT_EQ(Run("settings s set Enabled 1"), 1);
  EXPECT_THAT(err_, HasSubstr("virusscan.reg:1: "));
  EXPECT_EQ(File(), "nonsense\n");
}

}  // namespace
}  // namespace store_sim
