// SPDX-License-Identifier: Apache-2.0
//
// Each rule of the analyzer, both ways; and what is collected for them.
#include "analyzer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "analyzer_facts.h"
#include "store.h"
#include "temp_folder.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kKey[] = "SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\VirusScan";

Facts GoodFacts() {
  Facts facts;
  facts.processors = 4;
  facts.settings.enabled = 1;
  facts.vendor_serves = true;
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
      {"threads-low", [](Facts& f) { f.settings.scanning_threads = 8; }},
      {"threads-out-of-range", [](Facts& f) { f.settings.scanning_threads = 22; }},
      {"queue-long", [](Facts& f) { f.queue_length = 10; }},
      {"queue-too-long", [](Facts& f) { f.queue_length = 11; }},
      {"vendor-slow", [](Facts& f) { f.vendor_time_ns = 2'500'000'001; }},
      {"definitions-old", [](Facts& f) { f.definitions_age_s = 3 * 86400 + 1; }},
      {"store-watched", [](Facts& f) { f.covering_scanners = {"clamd.conf"}; }},
      {"scanner-runs", [](Facts& f) { f.running_scanners = {"kesl"}; }},
      {"mdb-off",
       [](Facts& f) {
         Give(f, "VirusScanEnabled", 0,
              "SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\HOST\\Private-mdb1");
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
  folder.Write("root/etc/clamav/clamd.conf", "OnAccessIncludePath " + folder.path().string() +
                                                 "\nOnAccessExcludePath " +
                                                 (folder / "s").string() + "\n");
  folder.Write("s/virusscan.reg", "nonsense");
  facts = CollectFacts(folder / "s", folder / "root");
  EXPECT_THAT(facts.covering_scanners, IsEmpty());
  EXPECT_THAT(facts.settings_problem, HasSubstr("virusscan.reg:1"));
}

}  // namespace
}  // namespace store_sim
