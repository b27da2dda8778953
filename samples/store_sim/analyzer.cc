// SPDX-License-Identifier: Apache-2.0
#include "analyzer.h"

#include <strings.h>

#include <algorithm>
#include <cstring>

#include "latencies.h"
#include "times.h"

namespace store_sim {
namespace {

using Details = std::optional<std::string>;

constexpr int64_t kOldDefinitions = 3 * 86400;
constexpr uint64_t kLongQueue = 5;
constexpr uint64_t kTooLongQueue = 10;
constexpr int kPeakBegins = 8;  // o'clock, local time
constexpr int kPeakEnds = 18;
constexpr double kLongPass = 60;           // seconds
constexpr int64_t kFlipsBackWithin = 120;  // seconds: two looks at the settings
constexpr char kVirusScan[] = "\\VirusScan";

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() &&
         strcasecmp(text.c_str() + text.size() - end.size(), end.c_str()) == 0;
}

Details If(bool holds, const std::string& details) {
  return holds ? Details(details) : std::nullopt;
}

Details IfAny(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return If(!names.empty(), list);
}

Details SettingsMalformed(const Facts& facts) {
  return If(!facts.settings_problem.empty(), facts.settings_problem);
}

Details ScanningOff(const Facts& facts) { return If(facts.settings.enabled == 0, "Enabled is 0"); }

Details LibraryWrong(const Facts& facts) {
  return If(!facts.library_problem.empty(), facts.library_problem);
}

Details VendorNotServing(const Facts& facts) {
  const bool wanted = facts.settings.enabled != 0;
  const std::string why = facts.vendor_refused.empty() ? "" : ": " + facts.vendor_refused;
  return If(wanted && facts.vendor_serves == false, "the running host has no vendor" + why);
}

Details VendorRefused(const Facts& facts) {
  const bool one_serves = facts.settings.enabled != 0 && facts.vendor_serves == true;
  return If(one_serves && !facts.vendor_refused.empty(), facts.vendor_refused);
}

Details VendorWarns(const Facts& facts) {
  const bool one_serves = facts.settings.enabled != 0 && facts.vendor_serves == true;
  return If(one_serves && !facts.vendor_warning.empty(), facts.vendor_warning);
}

Details TooFewThreads(const Facts& facts) {
  const uint64_t given = facts.settings.scanning_threads;
  const uint64_t formula = 2 * facts.processors + 1;
  return If(given != 0 && given < formula && !facts.settings.ThreadsOutOfRange(facts.processors),
            "ScanningThreads is " + std::to_string(given) + ", the formula gives " +
                std::to_string(formula));
}

Details ThreadsOutOfRange(const Facts& facts) {
  return If(facts.settings.ThreadsOutOfRange(facts.processors),
            "ScanningThreads is " + std::to_string(facts.settings.scanning_threads) + " on " +
                std::to_string(facts.processors) + " processors");
}

std::string QueueText(uint64_t length) {
  return "in the last ten minutes " + std::to_string(length) + " waited (90th percentile)";
}

Details QueueLong(const Facts& facts) {
  const uint64_t length = facts.queue_length.value_or(0);
  return If(length > kLongQueue && length <= kTooLongQueue, QueueText(length));
}

Details QueueTooLong(const Facts& facts) {
  const uint64_t length = facts.queue_length.value_or(0);
  return If(length > kTooLongQueue, QueueText(length));
}

Details VendorSlow(const Facts& facts) {
  const uint64_t took = facts.vendor_time_ns.value_or(0);
  return If(took > kSlowVendorNs,
            "nine scans of ten take up to " + Milliseconds(static_cast<int64_t>(took)));
}

Details DefinitionsOld(const Facts& facts) {
  const int64_t age = facts.definitions_age_s.value_or(0);
  return If(age > kOldDefinitions, "they are " + FormatAge(age * kSecond) + " old");
}

Details StoreIsWatched(const Facts& facts) { return IfAny(facts.covering_scanners); }
Details ScannerRuns(const Facts& facts) { return IfAny(facts.running_scanners); }

std::vector<std::string> MdbsOff(const Facts& facts) {
  std::vector<std::string> off;
  for (const std::string& mdb : facts.mdbs) {
    if (facts.settings.enabled != 0 && !facts.settings.EnabledFor(mdb)) off.push_back(mdb);
  }
  return off;
}

Details MdbOff(const Facts& facts) {
  const auto off = MdbsOff(facts);
  return off.size() < facts.mdbs.size() ? IfAny(off) : std::nullopt;
}

Details AllMdbsOff(const Facts& facts) {
  const auto off = MdbsOff(facts);
  return off.size() == facts.mdbs.size() ? IfAny(off) : std::nullopt;
}

Details BackgroundOn(const Facts& facts) {
  return If(facts.Number(kVirusScan, "BackgroundScanning") == 1, "BackgroundScanning is 1");
}

Details MissesNewViruses(const Facts& facts) {
  const auto& settings = facts.settings;
  return If(settings.background != 0 && settings.background_only_unscanned != 0,
            "BackgroundScanningOnlyUnscanned is 1");
}

bool IsAtPeak(const Facts::Pass& pass) {
  const bool is_workday = pass.weekday >= 1 && pass.weekday <= 5;
  return is_workday && pass.hour >= kPeakBegins && pass.hour < kPeakEnds &&
         pass.seconds >= kLongPass;
}

Details BackgroundAtPeak(const Facts& facts) {
  const auto pass = std::find_if(facts.passes.rbegin(), facts.passes.rend(), IsAtPeak);
  if (pass == facts.passes.rend()) return std::nullopt;
  return "a pass began on a workday after " + std::to_string(pass->hour) + " o'clock and took " +
         FormatAge(static_cast<int64_t>(pass->seconds) * kSecond);
}

Details EnabledFlipsBack(const Facts& facts) {
  const auto back = std::find_if(facts.enabled_again_s.rbegin(), facts.enabled_again_s.rend(),
                                 [](int64_t seconds) { return seconds <= kFlipsBackWithin; });
  if (back == facts.enabled_again_s.rend()) return std::nullopt;
  return "Enabled was set to 0, and " + std::to_string(*back) + " s later it was 1 again";
}

Details TransportWithoutMailbox(const Facts& facts) {
  return If(facts.settings.transport_enabled != 0 && facts.mailboxes == 0,
            "TransportAVAPI\\Enabled is 1, and no MDB has a mailbox");
}

// The vendors for which the Exchange Server Analyzer had a rule each, by a word of their names.
constexpr const char* kSymantec = "Symantec";
constexpr const char* kTrend = "Trend";

bool IsNamed(const Facts& facts, const char* vendor) {
  return strcasestr(facts.vendor.c_str(), vendor) != nullptr;
}

Details ScannedTwice(const Facts& facts, bool by_this_vendor) {
  const bool twice = facts.settings.enabled != 0 && facts.settings.transport_enabled != 0 &&
                     facts.mailboxes > 0 &&
                     facts.Number(kVirusScan, "TransportExclusion").value_or(0) == 0;
  return If(twice && by_this_vendor,
            "TransportAVAPI\\Enabled and Enabled are 1, TransportExclusion is 0; the vendor is " +
                (facts.vendor.empty() ? "not known" : facts.vendor));
}

Details ScannedTwiceBySymantec(const Facts& facts) {
  return ScannedTwice(facts, IsNamed(facts, kSymantec));
}
Details ScannedTwiceByTrend(const Facts& facts) {
  return ScannedTwice(facts, IsNamed(facts, kTrend));
}
Details ScannedTwiceByAnother(const Facts& facts) {
  return ScannedTwice(facts, !IsNamed(facts, kSymantec) && !IsNamed(facts, kTrend));
}

Details DeletionInVain(const Facts& facts) {
  const std::string& profile = facts.settings.profile;
  return If(facts.settings.enable_scan_deletion != 0 && profile != "2.5" && profile != "2.6",
            "EnableScanDeletion is 1, Profile is " + profile);
}

Details ClientsWaitTooShort(const Facts& facts) {
  const auto& settings = facts.settings;
  return If(settings.scan_timeout_s < settings.vendor_timeout_s,
            "ScanTimeout is " + std::to_string(settings.scan_timeout_s) + " s, VendorTimeout " +
                std::to_string(settings.vendor_timeout_s) + " s");
}

using enum Severity;

constexpr Rule kRules[] = {
    {"settings-malformed", kError, "the settings can't be read",
     "correct the line; a running host keeps the last good settings", "2.2", SettingsMalformed},
    {"scanning-off", kError, "scanning is off: all mail is released unscanned", "set Enabled to 1",
     "2.2", ScanningOff},
    {"library-wrong", kError, "the vendor can't be loaded", "name a vendor DLL by Library", "9.3",
     LibraryWrong},
    {"vendor-not-serving", kError, "no vendor is running: what is not yet scanned can't be opened",
     "look at the events 1011 and 1013", "9.3", VendorNotServing},
    {"vendor-refused", kError,
     "the vendor that is named was refused: after a restart there is none",
     "look at the events 1011 and 1014, correct Library or Parameters, and reload", "9.3",
     VendorRefused},
    {"vendor-warns", kWarning, "the vendor warned when it was loaded",
     "do what it says; the events 1014 have all of its words", "9.3", VendorWarns},
    {"threads-low", kWarning, "there are fewer scanning threads than 2n+1 on n processors",
     "remove ScanningThreads, unless the vendor says otherwise", "3.2", TooFewThreads},
    {"threads-out-of-range", kWarning, "the number of scanning threads is out of range, so unused",
     "remove ScanningThreads, or set it within (n+1)/2 and 5n+1", "3.2", ThreadsOutOfRange},
    {"queue-long", kWarning, "requests queue for scanning",
     "look at the vendor's time per scan, the processors' load and ScanningThreads", "4",
     QueueLong},
    {"queue-too-long", kError, "so many requests queue that clients wait",
     "look at the vendor's time per scan, the processors' load and ScanningThreads", "4",
     QueueTooLong},
    {"vendor-slow", kError, "the vendor takes more than 2.5 s for a scan (90th percentile)",
     "look at the processors' load and at the vendor's limits, or update the vendor", "4",
     VendorSlow},
    {"definitions-old", kWarning, "the definitions are stale", "look at what updates them", "9.5",
     DefinitionsOld},
    {"store-watched", kError, "a file-level scanner watches the store's files, and may lock them",
     "exclude the store's folder in its configuration", "9.7", StoreIsWatched},
    {"scanner-runs", kWarning, "an on-access scanner is running",
     "see to it that the store's folder is excluded", "9.7", ScannerRuns},
    {"mdb-off", kWarning, "scanning is off for some MDBs",
     "remove VirusScanEnabled, or set it to 1", "2.4", MdbOff},
    {"mdbs-all-off", kError, "Enabled is 1, but scanning is off for every MDB by its own setting",
     "remove VirusScanEnabled, or set it to 1", "2.4", AllMdbsOff},
    {"background-on", kWarning,
     "background scanning is on: after each update it goes through the whole store",
     "let definitions be updated off peak, or set BackgroundScanning to 0", "9.5", BackgroundOn},
    {"background-at-peak", kWarning, "background scanning runs while people work",
     "let definitions be updated off peak: each update begins a pass", "9.5", BackgroundAtPeak},
    {"misses-new-viruses", kWarning,
     "background scanning takes what was never scanned alone, and misses what is known since then",
     "set BackgroundScanningOnlyUnscanned to 0", "2.3", MissesNewViruses},
    {"scanned-twice-symantec", kWarning,
     "Symantec Mail Security scans mail in transport and again in the store",
     "set TransportAVAPI\\Enabled to 0 on a server with mailboxes, or TransportExclusion to 1",
     "2.5", ScannedTwiceBySymantec},
    {"scanned-twice-trend", kWarning,
     "Trend Micro ScanMail scans mail in transport and again in the store",
     "set TransportAVAPI\\Enabled to 0 on a server with mailboxes, or TransportExclusion to 1",
     "2.5", ScannedTwiceByTrend},
    {"scanned-twice", kWarning, "mail is scanned in transport and again in the store",
     "set TransportAVAPI\\Enabled to 0 where there are mailboxes, or TransportExclusion to 1",
     "2.5", ScannedTwiceByAnother},
    {"transport-without-mailbox", kWarning,
     "transport is scanned on a server without a mailbox: the store itself has nothing to scan",
     "right for a front end or bridgehead; else make mailboxes, or set TransportAVAPI\\Enabled to "
     "0",
     "2.5", TransportWithoutMailbox},
    {"enabled-flips-back", kWarning, "something sets Enabled back to 1, as vendors' services do",
     "stop the vendor's service before Enabled is set to 0", "2.1", EnabledFlipsBack},
    {"deletion-in-vain", kWarning, "messages are not deleted, although that is switched on",
     "set Profile to 2.5 or 2.6, or EnableScanDeletion to 0", "2.3", DeletionInVain},
    {"clients-wait-too-short", kWarning, "clients give up before the vendor has had its time",
     "set ScanTimeout above VendorTimeout", "9.1", ClientsWaitTooShort},
};

}  // namespace

std::optional<uint64_t> Facts::Number(const std::string& key_end, const std::string& name) const {
  std::optional<uint64_t> number;
  for (const auto& value : values) {
    const bool same = strcasecmp(value.name.c_str(), name.c_str()) == 0;
    if (same && value.is_number && EndsWith(value.key, key_end)) number = value.number;
  }
  return number;
}

std::span<const Rule> Rules() { return kRules; }

std::vector<Finding> Analyze(const Facts& facts) {
  std::vector<Finding> findings;
  for (const Rule& rule : kRules) {
    if (const Details details = rule.finding(facts)) findings.push_back({&rule, *details});
  }
  return findings;
}

Severity Worst(std::span<const Finding> findings) {
  Severity worst = kNone;
  for (const Finding& finding : findings) worst = std::max(worst, finding.rule->severity);
  return worst;
}

}  // namespace store_sim
