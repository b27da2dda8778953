// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/settings: every row's default, range and type, and what the host
// gives.
#include "settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "settings_table.h"

namespace vsapi::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint64_t kDword = UINT32_MAX;

struct NumberRow {
  const char* name;
  uint64_t Settings::*member;
  uint64_t otherwise, min, max;  // `otherwise`: when absent
  const char* key = kVirusScanKey;
};
constexpr NumberRow kNumbers[] = {
    {"Enabled", &Settings::enabled, 0, 0, 1},
    {"Version", &Settings::version, 0, 0, kDword},
    {"ProactiveScanning", &Settings::proactive, 0, 0, 1},
    {"ScanningThreads", &Settings::scanning_threads, 0, 0, kDword},
    {"ScanTimeout", &Settings::scan_timeout_s, 180, 1, 86400},
    {"ReloadNow", &Settings::reload_now, 0, 0, 1},
    {"EnableScanDeletion", &Settings::enable_scan_deletion, 0, 0, 1},
    {"Enabled", &Settings::transport_enabled, 0, 0, 1, kTransportKey},
    {"VendorTimeout", &Settings::vendor_timeout_s, 60, 1, 86400},
    {"ProactiveLimit", &Settings::proactive_limit, 30, 1, 100000},
    {"MaxWaiters", &Settings::max_waiters, 0, 0, 100000},
    {"MaxRequests", &Settings::max_requests, 65536, 1, 10000000},
    {"WorkerMemory", &Settings::worker_memory_mib, 1024, 0, 1048576},
    {"MaxHungThreads", &Settings::max_hung_threads, 0, 0, 1000},
    {"BackgroundScanning", &Settings::background, 0, 0, 1},
    {"BackgroundScanningIgnoreStamp", &Settings::background_ignore_stamp, 0, 0, 1},
    {"BackgroundScanningOnlyUnscanned", &Settings::background_only_unscanned, 0, 0, 1},
    {"BackgroundScanningAttachmentMessagesOnly", &Settings::background_attachments_only, 0, 0, 1},
    {"BackgroundScanningRollingLowerAgeLimit", &Settings::background_age_limit_s, 0, 0, kDword},
    {"BackgroundMaxShare", &Settings::background_max_share, 100, 1, 100},
    {"BackgroundGrace", &Settings::background_grace, 0, 0, 1},
    {"OnAccessScanningRollingLowerAgeLimit", &Settings::on_access_age_limit_s, 0, 0, kDword},
    {"OnAccessThresholdVersion", &Settings::on_access_threshold_version, 0, 0, kDword},
    {"ScanRTF", &Settings::scan_rtf, 1, 0, 1},
    {"OpenRetryDelay", &Settings::open_retry_delay_ms, 500, 0, kDword},
    {"SendRetries", &Settings::send_retries, 2, 1, 1000},
    {"SendRetryInterval", &Settings::send_retry_interval_ms, 60000, 0, kDword},
    {"TransportExclusion", &Settings::transport_exclusion, 0, 0, 1},
    {"TransportRetries", &Settings::transport_retries, 16, 1, 1000},
    {"TransportRetryInterval", &Settings::transport_retry_interval_ms, 60000, 0, kDword},
    {"AVStampHeader", &Settings::avstamp_header, 0, 0, 1},
    {"EventFileSize", &Settings::event_file_size_mib, 10, 1, 4096},
    {"EventFiles", &Settings::event_files, 5, 1, 1000},
    {"EventSyslog", &Settings::event_syslog, 0, 0, 1},
    {"EventTerminal", &Settings::event_terminal, 0, 0, 1},
};

struct TextRow {
  const char* name;
  std::string Settings::*member;
  const char* otherwise;
  std::vector<const char*> choices;  // none: anything
};
const TextRow kTexts[] = {
    {"Library", &Settings::library, "", {}},
    {"Parameters", &Settings::parameters, "", {}},
    {"Vendor", &Settings::vendor, "", {}},
    {"InfectedAction",
     &Settings::infected_action,
     "notice",
     {"notice", "quarantine", "delete-part"}},
    {"Profile", &Settings::profile, "2.5", {"1.0", "2.0", "2.5", "2.6"}},
    {"ProactiveOverflow", &Settings::proactive_overflow, "leave", {"leave", "displace-oldest"}},
    {"Isolation", &Settings::isolation, "none", {"none", "process"}},
    {"WorkerProgram", &Settings::worker_program, "", {}},
    {"WorkerUser", &Settings::worker_user, "nobody", {}},
    {"WorkerCores", &Settings::worker_cores, "", {}},
    {"BackgroundHours", &Settings::background_hours, "", {"", "22:00-06:00", "00:00-24:00"}},
    {"TransportInfectedAction",
     &Settings::transport_infected_action,
     "reject",
     {"reject", "quarantine", "replace-part"}},
    {"TransportFailedAction",
     &Settings::transport_failed_action,
     "quarantine",
     {"quarantine", "reject", "deliver"}},
    {"AVStampKeyFile", &Settings::avstamp_key_file, "", {}},
    {"AVStampTrustedHops", &Settings::avstamp_trusted_hops, "", {}},
    {"EventFile", &Settings::event_file, "", {}},
    {"EventLevel", &Settings::event_level, "info", {"debug", "info", "warning", "error"}},
};

SettingValue NumberOf(const std::string& name, uint64_t number,
                      const std::string& key = kVirusScanKey) {
  return {key, name, true, number, "", "v.reg:3"};
}
SettingValue TextOf(const std::string& name, const std::string& text) {
  return {kVirusScanKey, name, false, 0, text, "v.reg:3"};
}

struct Made {
  Settings settings;
  std::vector<std::string> problems;
};
Made Make(const std::vector<SettingValue>& values) {
  Made made;
  made.settings = MakeSettings(values, made.problems);
  return made;
}

TEST(Settings, HaveTheDocumentedDefaults) {
  const Made made = Make({});
  for (const NumberRow& row : kNumbers)
    EXPECT_EQ(made.settings.*row.member, row.otherwise) << row.name;
  for (const TextRow& row : kTexts) EXPECT_EQ(made.settings.*row.member, row.otherwise) << row.name;
  EXPECT_THAT(made.problems, IsEmpty());
}

TEST(Settings, AreAllSpecifiedHere) {
  std::set<std::string> specified;
  for (const NumberRow& row : kNumbers) specified.insert(std::string(row.key) + "\\" + row.name);
  for (const TextRow& row : kTexts) specified.insert(std::string(kVirusScanKey) + "\\" + row.name);
  std::set<std::string> defined;
  for (const SettingRow& row : SettingRows())
    if (row.of_mdb == nullptr) defined.insert(std::string(row.key) + "\\" + row.name);
  EXPECT_EQ(defined, specified);
}

TEST(Settings, TakeTheEndsOfEachRange) {
  for (const NumberRow& row : kNumbers)
    for (const uint64_t number : {row.min, row.max}) {
      const Made made = Make({NumberOf(row.name, number, row.key)});
      EXPECT_EQ(made.settings.*row.member, number) << row.name;
      EXPECT_THAT(made.problems, IsEmpty());
    }
}

void ExpectRefused(const SettingValue& value, const NumberRow& row, const std::string& why) {
  const Made made = Make({value});
  EXPECT_EQ(made.settings.*row.member, row.otherwise) << row.name;
  const std::string name = row.key == kTransportKey ? "TransportAVAPI\\Enabled" : row.name;
  EXPECT_THAT(made.problems,
              ElementsAre("v.reg:3: " + name + ": " + why + "; the default is used"));
}

TEST(Settings, KeepTheDefaultAndSayWhyForWhatIsOutOfRange) {
  for (const NumberRow& row : kNumbers) {
    const std::string range =
        " is not within " + std::to_string(row.min) + " to " + std::to_string(row.max);
    ExpectRefused(NumberOf(row.name, row.max + 1, row.key), row,
                  std::to_string(row.max + 1) + range);
    if (row.min > 0)
      ExpectRefused(NumberOf(row.name, row.min - 1, row.key), row,
                    std::to_string(row.min - 1) + range);
  }
}

TEST(Settings, KeepTheDefaultAndSayWhyForTheWrongType) {
  for (const NumberRow& row : kNumbers) {
    SettingValue text = NumberOf(row.name, 1, row.key);
    text.is_number = false;
    text.text = "1";
    ExpectRefused(text, row, "must be a number (dword)");
  }
  for (const TextRow& row : kTexts) {
    const Made made = Make({NumberOf(row.name, 1)});
    EXPECT_EQ(made.settings.*row.member, row.otherwise);
    EXPECT_THAT(made.problems, ElementsAre(HasSubstr(std::string(row.name) + ": must be a text")));
  }
}

TEST(Settings, TakeTheChoicesOfATextAndNoOther) {
  for (const TextRow& row : kTexts) {
    for (const char* choice : row.choices)
      EXPECT_EQ(Make({TextOf(row.name, choice)}).settings.*row.member, choice);
    const Made made = Make({TextOf(row.name, "something|else")});
    EXPECT_EQ(made.settings.*row.member, row.choices.empty() ? "something|else" : row.otherwise);
    EXPECT_EQ(made.problems.size(), row.choices.empty() ? 0u : 1u);
  }
}

TEST(Settings, TakeNoChoiceByAPieceOfIt) {
  for (const char* text : {"", "not", "ice", "notice|quarantine", "Notice"})
    EXPECT_EQ(Make({TextOf("InfectedAction", text)}).problems.size(), 1u) << text;
}

TEST(Settings, CompareNamesAndKeysWithoutCase) {
  const Made made = Make(
      {NumberOf("SCANTIMEOUT", 5, "system\\CURRENTCONTROLSET\\services\\MsExchangeIS\\virusscan")});
  EXPECT_EQ(made.settings.scan_timeout_s, 5u);
}

TEST(Settings, LeaveOtherKeysAlone) {
  const Made made = Make({NumberOf("SomebodyElses", 5, "Software\\Other"),
                          NumberOf("ScanTimeout", 5, "Software\\Other"),
                          NumberOf("ScanTimeout", 5, ""), TextOf("", "the default value")});
  EXPECT_EQ(made.settings.scan_timeout_s, 180u);
  EXPECT_THAT(made.problems, IsEmpty());
}

TEST(Settings, TellOfAnUnknownNameAndTheNearestOne) {
  const auto told = [](const char* name, const char* key = kVirusScanKey) {
    return Make({NumberOf(name, 1, key)}).problems;
  };
  const std::string alone = "; it is left alone";
  EXPECT_THAT(told("ScanTimeuot"), ElementsAre("v.reg:3: there is no setting \"ScanTimeuot\"" +
                                               alone + "; did you mean ScanTimeout?"));
  EXPECT_THAT(told("backgroundscaning"), ElementsAre(HasSubstr("mean BackgroundScanning?")));
  EXPECT_THAT(told("SomebodyElses"),
              ElementsAre("v.reg:3: there is no setting \"SomebodyElses\"" + alone));
  EXPECT_THAT(told("Enable", kTransportKey),
              ElementsAre(HasSubstr("did you mean TransportAVAPI\\Enabled?")));
}

TEST(Settings, KeepTheDefaultForListsAndBinaryData) {
  SettingValue value = TextOf("Library", "");
  value.is_other = true;
  EXPECT_THAT(Make({value}).problems, ElementsAre(HasSubstr("Library: must be a text")));
}

// ---- Profiles and MDBs --------------------------------------------------------------------------

TEST(Settings, HaveTheDefaultsOfTheirProfile) {
  for (const std::string profile : {"1.0", "2.0", "2.5", "2.6"}) {
    const Settings settings = Make({TextOf("Profile", profile)}).settings;
    EXPECT_EQ(settings.background, profile == "1.0" ? 1u : 0u) << profile;
    EXPECT_EQ(settings.on_access_age_limit_s, profile == "2.6" ? 86400u : 0u) << profile;
  }
}

TEST(Settings, RuleOverTheDefaultOfTheirProfile) {
  EXPECT_EQ(Make({NumberOf("BackgroundScanning", 0), TextOf("Profile", "1.0")}).settings.background,
            0u);
}

TEST(Settings, TellOnceOfAWrongProfile) {
  EXPECT_EQ(Make({TextOf("Profile", "3.0")}).problems.size(), 1u);
}

const std::string kStore = std::string(kStoresKey) + "\\MAIL1\\";

TEST(Settings, TakeWhatIsSetForOneMdb) {
  for (const std::string& key :
       {kStore + "Private-mdb1", kStore + "public-MDB1", kStore + "mdb1"}) {
    const Settings settings = Make({NumberOf("Enabled", 1), NumberOf("ProactiveScanning", 1),
                                    NumberOf("VirusScanProactiveScanning", 0, key)})
                                  .settings;
    EXPECT_FALSE(settings.ProactiveFor("mdb1")) << key;
    EXPECT_FALSE(settings.ProactiveFor("Private-mdb1")) << key;
    EXPECT_TRUE(settings.ProactiveFor("mdb2")) << key;
  }
}

TEST(Settings, HoldForAnMdbThatSaysNothing) {
  const Settings settings = Make({NumberOf("VirusScanEnabled", 0, kStore + "mdb1")}).settings;
  EXPECT_FALSE(settings.ProactiveFor("mdb1"));
  EXPECT_EQ(settings.mdbs.at(0).enabled, 0u);
  EXPECT_EQ(settings.mdbs.at(0).background, std::nullopt);
}

TEST(Settings, SwitchOneMdbOffWithAllThatItScans) {
  const Settings settings =
      Make({NumberOf("Enabled", 1), NumberOf("ProactiveScanning", 1),
            NumberOf("BackgroundScanning", 1), NumberOf("VirusScanEnabled", 0, kStore + "mdb1"),
            NumberOf("VirusScanBackgroundScanning", 1, kStore + "mdb1")})
          .settings;
  EXPECT_FALSE(settings.EnabledFor("mdb1"));
  EXPECT_FALSE(settings.ProactiveFor("mdb1"));
  EXPECT_FALSE(settings.BackgroundFor("mdb1"));
  EXPECT_TRUE(settings.EnabledFor("mdb2"));
  EXPECT_TRUE(settings.ProactiveFor("mdb2"));
  EXPECT_TRUE(settings.BackgroundFor("mdb2"));
}

TEST(Settings, SwitchOneMdbOnWhereScanningIsOff) {
  const Settings settings = Make({NumberOf("VirusScanEnabled", 1, kStore + "mdb1")}).settings;
  EXPECT_TRUE(settings.EnabledFor("mdb1"));
  EXPECT_FALSE(settings.EnabledFor("mdb2"));
  EXPECT_TRUE(settings.IsEnabledAnywhere());
  EXPECT_FALSE(
      Make({NumberOf("VirusScanEnabled", 0, kStore + "mdb1")}).settings.IsEnabledAnywhere());
}

TEST(Settings, TellOfWrongValuesForAnMdbAndUseTheOneForAll) {
  const Made made = Make({NumberOf("Enabled", 1), NumberOf("ProactiveScanning", 1),
                          NumberOf("VirusScanProactiveScanning", 2, kStore + "mdb1")});
  EXPECT_TRUE(made.settings.ProactiveFor("mdb1"));
  EXPECT_EQ(made.problems.size(), 1u);
}

TEST(Settings, LeaveAServersOwnValuesAlone) {
  EXPECT_THAT(Make({NumberOf("Background Cleanup", 2, kStore + "mdb1"),
                    NumberOf("VirusScanEnabled", 0, kStore + "mdb1\\deeper"),
                    NumberOf("VirusScanEnabled", 0, kStoresKey)})
                  .problems,
              IsEmpty());
  EXPECT_THAT(Make({NumberOf("VirusScanEnable", 0, kStore + "mdb1")}).problems,
              ElementsAre(HasSubstr("did you mean VirusScanEnabled?")));
}

// ---- Values ------------------------------------------------------------------------------------

TEST(Settings, TellTheTwoPlacesOfEnabledApart) {
  EXPECT_EQ(Make({NumberOf("Enabled", 1)}).settings.transport_enabled, 0u);
  EXPECT_EQ(Make({NumberOf("Enabled", 1, kTransportKey)}).settings.enabled, 0u);
}

TEST(Settings, LetTheLastValueOfANameRule) {
  EXPECT_EQ(Make({NumberOf("ScanTimeout", 5), NumberOf("ScanTimeout", 6)}).settings.scan_timeout_s,
            6u);
}

// ---- Threads ----------------------------------------------------------------------------------

TEST(Settings, HaveTwoThreadsForEachProcessorAndOneMore) {
  for (const unsigned cpus : {1u, 2u, 3u, 4u, 64u})
    EXPECT_EQ(Settings{}.PoolThreads(cpus), 2 * cpus + 1);
}

TEST(Settings, TakeScanningThreadsFromHalfToFiveTimesTheProcessors) {
  for (const unsigned cpus : {1u, 2u, 3u, 4u, 5u, 8u, 64u})
    for (uint64_t threads = 1; threads <= 5 * cpus + 3; ++threads) {
      Settings settings;
      settings.scanning_threads = threads;
      const bool fits = 2 * threads >= cpus + 1 && threads <= 5 * cpus + 1;
      EXPECT_EQ(settings.ThreadsOutOfRange(cpus), !fits) << threads << " on " << cpus;
      EXPECT_EQ(settings.PoolThreads(cpus), fits ? threads : 2 * cpus + 1)
          << threads << " on " << cpus;
    }
}

TEST(Settings, FallBackToTheDefaultForManyThreads) {
  Settings settings;
  settings.scanning_threads = kDword;
  EXPECT_TRUE(settings.ThreadsOutOfRange(4));
  EXPECT_EQ(settings.PoolThreads(4), 9u);
}

// ---- The policy -------------------------------------------------------------------------------

TEST(Settings, AllowDeletionFromProfile25OnWhereItIsEnabled) {
  for (const std::string profile : {"1.0", "2.0", "2.5", "2.6"})
    for (const uint64_t enabled : {0, 1}) {
      Settings settings;
      settings.profile = profile;
      settings.enable_scan_deletion = enabled;
      EXPECT_EQ(settings.Policy().delete_message, enabled == 1 && profile >= "2.5") << profile;
    }
}

TEST(Settings, NameTheInfectedAction) {
  const auto action = [](const char* text) {
    return Make({TextOf("InfectedAction", text)}).settings.Policy().infected;
  };
  EXPECT_EQ(action("notice"), InfectedAction::kReplaceByNotice);
  EXPECT_EQ(action("quarantine"), InfectedAction::kQuarantine);
  EXPECT_EQ(action("delete-part"), InfectedAction::kDeletePart);
}

// ---- What the host gives ------------------------------------------------------------------------

// "" if it is taken.
std::string Problem(const std::string& name, const std::string& text, const std::string& mdb = "") {
  std::string problem;
  ParseSetting(name, text, mdb, problem);
  return problem;
}

Settings Given(const std::string& name, const std::string& text, const std::string& mdb = "") {
  std::string problem;
  return Make({ParseSetting(name, text, mdb, problem).value()}).settings;
}

TEST(HostSettings, TakeNumbersInDecimalAndHexadecimal) {
  EXPECT_EQ(Given("ScanTimeout", "20").scan_timeout_s, 20u);
  EXPECT_EQ(Given("scantimeout", "0x1F").scan_timeout_s, 31u);
}

TEST(HostSettings, TakeTextAsItIs) { EXPECT_EQ(Given("Parameters", "17").parameters, "17"); }

TEST(Settings, HaveNoDefaultForAWrongEnabled) {
  std::string problem;
  EXPECT_FALSE(HasWrongEnabled(std::vector{NumberOf("Enabled", 1)}, problem));
  EXPECT_TRUE(HasWrongEnabled(std::vector{NumberOf("Enabled", 2)}, problem));
  EXPECT_EQ(problem, "v.reg:3: Enabled: 2 is not within 0 to 1");
}

TEST(HostSettings, OutsideTheMainKeyAreNamedWithTheirKey) {
  EXPECT_EQ(Given("TransportAVAPI\\Enabled", "1").transport_enabled, 1u);
  EXPECT_EQ(Given("TransportAVAPI\\Enabled", "1").enabled, 0u);
}

TEST(HostSettings, ForOneMdbNeedItsNameAndNoPrefix) {
  EXPECT_EQ(Given("ProactiveScanning", "1", "mdb1").mdbs.at(0).proactive, 1u);
  EXPECT_EQ(Given("VirusScanProactiveScanning", "1", "mdb1").mdbs.at(0).proactive, 1u);
  EXPECT_EQ(Problem("ScanTimeout", "1", "mdb1"), "there is no setting \"ScanTimeout\" for one MDB");
  EXPECT_THAT(Problem("VirusScanEnabled", "1"), HasSubstr("there is no setting"));
}

TEST(HostSettings, AreRefusedByNameAndReason) {
  EXPECT_EQ(Problem("Nonsense", "1"), "there is no setting \"Nonsense\"");
  EXPECT_EQ(Problem("Profil", "1"), "there is no setting \"Profil\"; did you mean Profile?");
  EXPECT_EQ(Problem("Profile", "3.0"), "setting Profile: \"3.0\" is not one of 1.0|2.0|2.5|2.6");
  EXPECT_EQ(Problem("Enabled", "2"), "setting Enabled: 2 is not within 0 to 1");
  for (const char* text :
       {"", "x", "1x", " 1", "0x", "0xg", "-1", "+1", "1.0", "99999999999999999999"})
    EXPECT_EQ(Problem("ScanTimeout", text), "setting ScanTimeout: must be a number (dword)")
        << text;
}

// ---- Changes ------------------------------------------------------------------------------------

TEST(SettingsDifferences, NameEachSettingWithItsOldAndNewValue) {
  Settings before, after;
  after.scan_timeout_s = 20;
  after.library = "v.so";
  after.mdbs.push_back({.mdb = "mdb1", .proactive = 1});
  EXPECT_THAT(Differences(before, before), IsEmpty());
  EXPECT_THAT(Differences(before, after),
              ElementsAre("Library was \"\", is \"v.so\"", "ScanTimeout was 180, is 20",
                          "VirusScanProactiveScanning of mdb1 was as for all, is 1"));
  EXPECT_THAT(Differences(after, before),
              ElementsAre("Library was \"v.so\", is \"\"", "ScanTimeout was 20, is 180",
                          "VirusScanProactiveScanning of mdb1 was 1, is as for all"));
}

}  // namespace
}  // namespace vsapi::engine
