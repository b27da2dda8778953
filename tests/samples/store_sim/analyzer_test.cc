// SPDX-License-Identifier: Apache-2.0
//
// Each rule of the analyzer, both ways; and what is collected for them.
#include "analyzer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <functional>
#include <map>
#include <sstream>

#include "analyzer_facts.h"
#include "analyzer_journal.h"
#include "store.h"
#include "temp_folder.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kKey[] = "SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\VirusScan";

Facts GoodFacts() {
  Facts facts;
  facts.processors = 4;
  facts.settings.enabled = 1;
  facts.vendor = "GoodVendor";
  facts.vendor_serves = true;
  facts.mdbs = {"mdb1", "mdb2"};
  facts.queue_length = 5;
  facts.vendor_time_ns = 2'500'000'000;
  facts.definitions_age_s = 3 * 86400;
  return facts;
}

void Give(Facts& facts, const std::string& name, uint64_t number, const std::string& key = kKey) {
  vsapi::engine::SettingValue value;
  value.key = key;
  value.name = name;
  value.is_number = true;
  value.number = number;
  facts.values.push_back(value);
}

const std::map<std::string, std::function<void(Facts&)>>& Spoilers() {
  static const std::map<std::string, std::function<void(Facts&)>> kSpoilers{
      {"settings-malformed", [](Facts& f) { f.settings_problem = "virusscan.reg:3: what"; }},
      {"scanning-off", [](Facts& f) { f.settings.enabled = 0; }},
      {"library-wrong", [](Facts& f) { f.library_problem = "x.so is not a DLL"; }},
      {"vendor-not-serving", [](Facts& f) { f.vendor_serves = false; }},
      {"vendor-refused", [](Facts& f) { f.vendor_refused = "it is no shared library"; }},
      {"vendor-warns", [](Facts& f) { f.vendor_warning = "no definitions installed"; }},
      {"threads-low", [](Facts& f) { f.settings.scanning_threads = 8; }},
      {"threads-out-of-range", [](Facts& f) { f.settings.scanning_threads = 22; }},
      {"queue-long", [](Facts& f) { f.queue_length = 10; }},
      {"queue-too-long", [](Facts& f) { f.queue_length = 11; }},
      {"vendor-slow", [](Facts& f) { f.vendor_time_ns = 2'500'000'001; }},
      {"definitions-old", [](Facts& f) { f.definitions_age_s = 3 * 86400 + 1; }},
      {"store-watched", [](Facts& f) { f.covering_scanners = {"clamd.conf"}; }},
      {"scanner-runs", [](Facts& f) { f.running_scanners = {"kesl"}; }},
      {"mdb-off", [](Facts& f) { f.settings.mdbs = {{.mdb = "mdb1", .enabled = 0}}; }},
      {"mdbs-all-off",
       [](Facts& f) {
         f.settings.mdbs = {{.mdb = "mdb1", .enabled = 0}, {.mdb = "mdb2", .enabled = 0}};
       }},
      {"background-at-peak",
       [](Facts& f) {
         f.passes = {{1, 8, 60}, {0, 8, 60}};
       }},
      {"misses-new-viruses",
       [](Facts& f) {
         f.settings.background = 1;
         f.settings.background_only_unscanned = 1;
       }},
      {"transport-without-mailbox",
       [](Facts& f) {
         f.settings.transport_enabled = 1;
         f.mailboxes = 0;
       }},
      {"enabled-flips-back",
       [](Facts& f) {
         f.enabled_again_s = {120, 3600};
       }},
      {"scanned-twice-symantec",
       [](Facts& f) {
         f.settings.transport_enabled = 1;
         f.vendor = "symantec Mail Security";
       }},
      {"scanned-twice-trend",
       [](Facts& f) {
         f.settings.transport_enabled = 1;
         f.vendor = "Trend Micro ScanMail";
       }},
      {"background-on", [](Facts& f) { Give(f, "BackgroundScanning", 1); }},
      {"scanned-twice", [](Facts& f) { f.settings.transport_enabled = 1; }},
      {"deletion-in-vain",
       [](Facts& f) {
         f.settings.enable_scan_deletion = 1;
         f.settings.profile = "2.0";
       }},
      {"clients-wait-too-short", [](Facts& f) { f.settings.scan_timeout_s = 59; }}};
  return kSpoilers;
}

TEST(Analyzer, FindsNothingInAStoreInGoodOrder) { EXPECT_THAT(Analyze(GoodFacts()), IsEmpty()); }

TEST(Analyzer, FindsByEachRuleWhatThatIsForAndNothingElse) {
  for (const Rule& rule : Rules()) {
    ASSERT_TRUE(Spoilers().contains(rule.id)) << rule.id;
    Facts facts = GoodFacts();
    Spoilers().at(rule.id)(facts);
    const auto findings = Analyze(facts);
    ASSERT_EQ(findings.size(), 1u) << rule.id;
    EXPECT_EQ(findings[0].rule->id, rule.id);
    EXPECT_NE(findings[0].details, "");
    EXPECT_EQ(Worst(findings), rule.severity);
  }
}

TEST(Analyzer, IsQuietWhereAnotherSettingMakesItGood) {
  Facts facts = GoodFacts();
  facts.settings.scanning_threads = 9;
  facts.settings.transport_enabled = 1;
  Give(facts, "TransportExclusion", 1);
  facts.settings.enable_scan_deletion = 1;
  Give(facts, "BackgroundScanning", 1);
  Give(facts, "backgroundscanning", 0);
  EXPECT_THAT(Analyze(facts), IsEmpty());
}

TEST(Analyzer, IsQuietAboutNumbersJustWithinTheirBounds) {
  Facts facts = GoodFacts();
  facts.passes = {{1, 7, 3600}, {5, 18, 3600}, {6, 12, 3600}, {3, 12, 59}};
  facts.enabled_again_s = {121};
  facts.settings.background_only_unscanned = 1;  // and no background scanning
  facts.mailboxes = 0;                           // and no transport
  facts.settings.mdbs = {{.mdb = "mdb1", .enabled = 1}, {.mdb = "elsewhere", .enabled = 0}};
  EXPECT_THAT(Analyze(facts), IsEmpty());
}

TEST(Analyzer, TellsOnceWhyThereIsNoVendor) {
  Facts facts = GoodFacts();
  facts.vendor_serves = false;
  facts.vendor_refused = "it is no shared library";
  const auto findings = Analyze(facts);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_STREQ(findings[0].rule->id, "vendor-not-serving");
  EXPECT_THAT(findings[0].details, HasSubstr("it is no shared library"));
}

TEST(Analyzer, TellsOfScanningThatIsOffForAllOnce) {
  Facts facts = GoodFacts();
  facts.settings.enabled = 0;
  facts.settings.mdbs = {{.mdb = "mdb1", .enabled = 0}};
  const auto findings = Analyze(facts);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_STREQ(findings[0].rule->id, "scanning-off");
}

std::string LineOf(const std::string& time, int id, const std::string& text,
                   const std::string& fields = "") {
  return "{\"time\":\"" + time + "\",\"id\":" + std::to_string(id) + ",\"text\":\"" + text +
         "\",\"fields\":{" + fields + "}}\n";
}

class AnalyzerJournal : public ::testing::Test {
 protected:
  Facts Read(const std::string& lines, const std::string& before = "") {
    folder_.Write("e.jsonl", lines);
    folder_.Write("e.jsonl.1", before);
    Facts facts;
    ReadJournal(folder_ / "e.jsonl", facts);
    return facts;
  }
  const TempFolder folder_;
};

TEST_F(AnalyzerJournal, TellsHowSoonEnabledWasOneAgain) {
  const std::string off = R"(ScanTimeout was 180, is 20; Enabled was 1, is 0)";
  const std::string on = "Enabled was 0, is 1";
  const std::string first = LineOf("2026-11-22T10:00:00.900000000Z", 1005, off);
  const std::string again = LineOf("2026-11-22T10:00:30.100000000Z", 1005, on);
  EXPECT_THAT(Read(first + again + again).enabled_again_s, ElementsAre(30));
  EXPECT_THAT(Read(again, first).enabled_again_s, ElementsAre(30));
  EXPECT_THAT(Read(again).enabled_again_s, IsEmpty());
}

TEST_F(AnalyzerJournal, TakesTransportsSwitchForNoneOfTheStores) {
  EXPECT_THAT(Read(LineOf("2026-11-22T10:00:00.0Z", 1005, "TransportAVAPI\\\\Enabled was 1, is 0") +
                   LineOf("2026-11-22T10:00:01.0Z", 1005, "TransportAVAPI\\\\Enabled was 0, is 1"))
                  .enabled_again_s,
              IsEmpty());
}

TEST_F(AnalyzerJournal, TellsWhenPassesBegan) {
  const std::time_t ended = 1795345200;
  const std::time_t begun = ended - 7200;
  std::tm local{};
  localtime_r(&begun, &local);
  const Facts facts =
      Read("cut off at the beginning\"}\n" +
           LineOf("2026-11-22T11:00:00.0Z", 1041, "has ended", R"("seconds":"7200.5")"));
  ASSERT_EQ(facts.passes.size(), 1u);
  EXPECT_EQ(facts.passes[0].hour, local.tm_hour);
  EXPECT_EQ(facts.passes[0].weekday, local.tm_wday);
  EXPECT_EQ(facts.passes[0].seconds, 7200.5);
}

TEST_F(AnalyzerJournal, IsEmptyWhereThereIsNone) {
  Facts facts;
  ReadJournal(folder_ / "none", facts);
  EXPECT_THAT(facts.passes, IsEmpty());
}

TEST(AnalyzerFacts, TellWhoWatchesTheStoreByFanotify) {
  const TempFolder folder;
  Store::Init(folder / "s", {"mdb1"});
  struct statx about {};
  ASSERT_EQ(statx(AT_FDCWD, (folder / "s").c_str(), 0, STATX_INO | STATX_MNT_ID, &about), 0);
  std::ostringstream mount, other, inode;
  mount << "fanotify flags:10 event-flags:0\nfanotify mnt_id:" << std::hex << about.stx_mnt_id
        << " mflags:0 mask:3b\n";
  other << "fanotify mnt_id:" << std::hex << about.stx_mnt_id << "f mflags:0\n";
  inode << "fanotify ino:" << std::hex << about.stx_ino
        << " sdev:" << (about.stx_dev_major << 20 | about.stx_dev_minor) << " mflags:0\n";
  folder.Write("root/proc/12/comm", "guard\n");
  folder.Write("root/proc/12/fdinfo/5", mount.str());
  folder.Write("root/proc/13/comm", "bystander\n");
  folder.Write("root/proc/13/fdinfo/5", other.str());
  folder.Write("root/proc/14/comm", "inspector\n");
  folder.Write("root/proc/14/fdinfo/0", inode.str());
  EXPECT_THAT(
      CollectFacts(folder / "s", folder / "root").covering_scanners,
      UnorderedElementsAre("process 12 (guard) by fanotify", "process 14 (inspector) by fanotify"));
}

TEST(AnalyzerFacts, TellWhatIsThere) {
  const TempFolder folder;
  Store::Init(folder / "s", {"mdb1"});
  const std::string key = std::string("[HKEY_LOCAL_MACHINE\\") + kKey + "]\n";
  const auto dll = folder.Write("text.so", "no DLL");
  folder.Write("s/virusscan.reg", "Windows Registry Editor Version 5.00\n\n" + key +
                                      "\"Enabled\"=dword:00000001\n\"Library\"=\"" + dll.string() +
                                      "\"\n");
  folder.Write("root/etc/clamav/clamd.conf",
               "# all of it\nOnAccessIncludePath " + folder.path().string() + "\n");
  folder.Write("root/proc/12/comm", "kesl\n");
  folder.Write("root/proc/13/comm", "bash\n");
  Facts facts = CollectFacts(folder / "s", folder / "root");
  EXPECT_EQ(facts.settings.enabled, 1u);
  EXPECT_THAT(facts.library_problem, HasSubstr("text.so is not a DLL"));
  EXPECT_THAT(facts.covering_scanners, ElementsAre(HasSubstr("OnAccessIncludePath")));
  EXPECT_THAT(facts.running_scanners, ElementsAre("kesl"));
  EXPECT_EQ(facts.vendor_serves, std::nullopt);
  EXPECT_EQ(facts.vendor, dll.string());
  EXPECT_THAT(facts.mdbs, ElementsAre("mdb1"));
  EXPECT_EQ(facts.mailboxes, 0u);
  folder.Write("root/etc/clamav/clamd.conf", "OnAccessIncludePath " + folder.path().string() +
                                                 "\nOnAccessExcludePath " +
                                                 (folder / "s").string() + "\n");
  folder.Write("s/virusscan.reg", "nonsense");
  facts = CollectFacts(folder / "s", folder / "root");
  EXPECT_THAT(facts.covering_scanners, IsEmpty());
  EXPECT_THAT(facts.settings_problem, HasSubstr("virusscan.reg:1"));
}

class UnreadableSettings : public ::testing::TestWithParam<const char*> {};

TEST_P(UnreadableSettings, AreNotTakenForScanningSwitchedOff) {
  const TempFolder folder;
  Store::Init(folder / "s", {"mdb1"});
  const auto dll = folder.Write("vendor.so",
                                "\x7f"
                                "ELF");
  folder.Write("s/virusscan.reg",
               std::string("Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\") + kKey +
                   "]\n\"Enabled\"=" + GetParam() + "\n\"Library\"=\"" + dll.string() + "\"\n");
  const auto findings = Analyze(CollectFacts(folder / "s", folder / "root"));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_STREQ(findings[0].rule->id, "settings-malformed");
  EXPECT_THAT(findings[0].details, HasSubstr("virusscan.reg:4"));
}

INSTANTIATE_TEST_SUITE_P(AnalyzerFacts, UnreadableSettings,
                         ::testing::Values("dword:zz", "dword:00000005", "\"on\""));

}  // namespace
}  // namespace store_sim
