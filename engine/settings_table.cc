// SPDX-License-Identifier: Apache-2.0
#include "settings_table.h"

#include <strings.h>

#include <algorithm>

#include "daily_hours.h"

namespace vsapi::engine {
namespace {

const char* WrongWithHours(const std::string& text) {
  return DailyHours::Parse(text) ? nullptr : "hours are given as 22:00-06:00";
}

constexpr SettingRow kRows[] = {
    {.name = "Enabled",
     .number = &Settings::enabled,
     .max = 1,
     .since = "1.0",
     .source = "KB263949",
     .effect = "1: scan. 0: everything is released unscanned, and counted. A wrong value keeps the "
               "one in force"},
    {.name = "Library",
     .text = &Settings::library,
     .since = "1.0",
     .source = "KB263949",
     .effect = "the vendor DLL: a path, or a file name in the folder `vsapi` beside libvsapi. "
               "Another one is loaded beside the running one"},
    {.name = "Parameters",
     .text = &Settings::parameters,
     .since = "1.0",
     .source = "KB263949",
     .effect =
         "handed to the vendor as it is; a change builds a new generation, and the sweep looks at "
         "everything again"},
    {.name = "Vendor",
     .text = &Settings::vendor,
     .since = "1.0",
     .source = "KB263949",
     .effect = "identity in stamps, empty: the vendor's own; another one makes all stamps stale"},
    {.name = "Version",
     .number = &Settings::version,
     .since = "1.0",
     .source = "KB263949",
     .effect = "version in stamps, 0: the vendor's own; a higher one makes clean stamps stale"},
    {.name = "BackgroundScanning",
     .number = &Settings::background,
     .otherwise = 1,
     .max = 1,
     .since_profile = "2.0",
     .otherwise_there = 0,
     .since = "1.0",
     .source = "KB263949 (1.0), KB276056 (2.0)",
     .effect = "1: each MDB is swept for items without a current stamp"},
    {.name = "OpenRetryDelay",
     .number = &Settings::open_retry_delay_ms,
     .otherwise = 500,
     .unit = "ms",
     .since = "1.0",
     .source = "KB263949",
     .effect =
         "Profile 1.0: pause before a client's next try; since 2.0 clients are woken instead"},
    {.name = "SendRetries",
     .number = &Settings::send_retries,
     .otherwise = 2,
     .min = 1,
     .max = 1000,
     .since = "1.0",
     .source = "KB263949",
     .effect = "Profile 1.0: tries of a message that is sent, the first one included, while its "
               "attachments are being scanned"},
    {.name = "SendRetryInterval",
     .number = &Settings::send_retry_interval_ms,
     .otherwise = 60000,
     .unit = "ms",
     .since = "1.0",
     .source = "KB263949",
     .effect = "Profile 1.0: pause between those tries"},
    {.name = "ProactiveScanning",
     .number = &Settings::proactive,
     .max = 1,
     .since = "2.0",
     .source = "Microsoft blog on event 9874",
     .effect = "1: new items are queued in the low lane"},
    {.name = "ScanningThreads",
     .number = &Settings::scanning_threads,
     .since = "2.0",
     .source = "TechNet aa997059, AVG 2015",
     .effect = "pool threads; 0: 2n+1 on n processors, and so outside of (n+1)/2 to 5n+1"},
    {.name = "ScanTimeout",
     .number = &Settings::scan_timeout_s,
     .otherwise = 180,
     .min = 1,
     .max = 86400,
     .unit = "s",
     .since = "2.0",
     .source = "Microsoft blog on event 9874",
     .effect = "longest wait of a client; the scan goes on"},
    {.name = "ReloadNow",
     .number = &Settings::reload_now,
     .max = 1,
     .since = "2.0",
     .source = "Microsoft blog on event 9874; effect recalled",
     .effect = "1: a new generation is built, and the sweep looks at everything again; then the "
               "engine writes 0 into the file"},
    {.name = "ScanRTF",
     .number = &Settings::scan_rtf,
     .otherwise = 1,
     .max = 1,
     .since = "2.0",
     .source = "Microsoft blog on event 9874; no default is documented",
     .effect = "0: bodies in rich text (text/rtf) are released unscanned, and counted, and neither "
               "proactive nor background scanning takes them. A whole message, where it is "
               "scanned, is so with them"},
    {.name = "EnableScanDeletion",
     .number = &Settings::enable_scan_deletion,
     .max = 1,
     .since = "2.5",
     .source = "Microsoft blog on event 9874; effect recalled",
     .effect = "1: a vendor's verdict *delete message* is obeyed, from profile 2.5 on; else as "
               "infected"},
    {.name = "TransportExclusion",
     .number = &Settings::transport_exclusion,
     .max = 1,
     .since = "2.5",
     .source = "Dr.Web 11.0 for Exchange",
     .effect = "1: what leaves the store for transport is not scanned there, and counted"},
    {.name = "Enabled",
     .key = kTransportKey,
     .number = &Settings::transport_enabled,
     .max = 1,
     .since = "2.5",
     .source = "KB843545, KB328841",
     .effect =
         "1: messages on their way, and what is opened with the access class *transport*, are "
         "scanned, from profile 2.5 on"},
    {.name = "TransportInfectedAction",
     .text = &Settings::transport_infected_action,
     .text_otherwise = "reject",
     .choices = "reject|quarantine|replace-part",
     .since = "ours",
     .effect = "what becomes of an infected message on its way. *replace-part*: a notice stands in "
               "for the part, and the rest is delivered; where that can't be, quarantine"},
    {.name = "TransportFailedAction",
     .text = &Settings::transport_failed_action,
     .text_otherwise = "quarantine",
     .choices = "quarantine|reject|deliver",
     .since = "ours",
     .source = "KB843545 has the loop without an end",
     .effect = "what becomes of a message that could not be judged in all its tries; event 1050. "
               "One that was found suspicious goes into quarantine then, whatever stands here"},
    {.name = "TransportRetries",
     .number = &Settings::transport_retries,
     .otherwise = 16,
     .min = 1,
     .max = 1000,
     .unit = "tries",
     .since = "ours",
     .source = "KB843545",
     .effect = "tries of a message on its way that can't be judged, the first one included; 16 are "
               "some ten hours"},
    {.name = "TransportRetryInterval",
     .number = &Settings::transport_retry_interval_ms,
     .otherwise = 60000,
     .unit = "ms",
     .since = "ours",
     .effect = "pause after the first of those tries; then twice as long each time, up to an hour"},
    {.name = "AVStampHeader",
     .number = &Settings::avstamp_header,
     .max = 1,
     .since_profile = "2.6",
     .otherwise_there = 1,
     .since = "2.6",
     .source = "TechNet aa996551; Forefront had DisableAVStamping",
     .effect = "1: hosts write what transport has judged clean into a header of the message, and "
               "trust it where it was written with the key. Of hosts"},
    {.name = "AVStampKeyFile",
     .text = &Settings::avstamp_key_file,
     .since = "ours",
     .effect = "the key of that header, 32 bytes or more, readable by its owner alone; a name "
               "without a folder stands beside the settings file. Empty: no such header. Of hosts"},
    {.name = "AVStampTrustedHops",
     .text = &Settings::avstamp_trusted_hops,
     .since = "ours",
     .source = "TechNet bb795200",
     .effect = "addresses and networks, `10.1.0.0/16 ::1`: from these hosts alone the header "
               "counts. Empty: from none. Of hosts"},
    {.name = "OnAccessScanningRollingLowerAgeLimit",
     .number = &Settings::on_access_age_limit_s,
     .since_profile = "2.6",
     .otherwise_there = 86400,
     .unit = "s",
     .since = "2.6",
     .source = "TechNet bb795173",
     .effect =
         "clients are given without a scan, and that is counted, what came in longer ago than "
         "this and has no current stamp, unless an older one is other than clean. 0: nothing "
         "is too old"},
    {.name = "OnAccessThresholdVersion",
     .number = &Settings::on_access_threshold_version,
     .since = "2.6",
     .source = "Microsoft blog on event 9874; effect recalled",
     .effect = "clients are given without a scan, and that is counted, what the same vendor has "
               "stamped clean by this version or a later one. 0: by the current one alone"},
    {.name = "BackgroundScanningIgnoreStamp",
     .number = &Settings::background_ignore_stamp,
     .max = 1,
     .since = "2.6",
     .source = "KB2632206",
     .effect =
         "1: the sweep scans again what others have scanned, transport among them: each new "
         "generation looks at everything once. 0: what carries a current stamp is left alone"},
    {.name = "BackgroundScanningOnlyUnscanned",
     .number = &Settings::background_only_unscanned,
     .max = 1,
     .since = "2.6",
     .source = "Microsoft blog on event 9874",
     .effect = "1: the sweep takes only items without any stamp, which misses new viruses"},
    {.name = "BackgroundScanningAttachmentMessagesOnly",
     .number = &Settings::background_attachments_only,
     .max = 1,
     .since = "2.6",
     .source = "Microsoft blog on event 9874",
     .effect = "1: the sweep takes only messages with attachments"},
    {.name = "BackgroundScanningRollingLowerAgeLimit",
     .number = &Settings::background_age_limit_s,
     .unit = "s",
     .since = "ours",
     .source = "Forefront's job has such a limit; named as OnAccessScanningRollingLowerAgeLimit",
     .effect = "the sweep takes only messages that came in so short a time ago; 0: all"},
    {.name = "BackgroundMaxShare",
     .number = &Settings::background_max_share,
     .otherwise = 100,
     .min = 1,
     .max = 100,
     .unit = "%",
     .since = "ours",
     .effect = "of one processor, what the sweep of an MDB takes: it rests after each item"},
    {.name = "BackgroundHours",
     .text = &Settings::background_hours,
     .wrong_with = WrongWithHours,
     .since = "ours",
     .source = "Forefront's and Dr.Web's jobs have a time of day",
     .effect =
         "the hours of the sweep each day, local time: `22:00-06:00`. Outside of them it waits, "
         "and then goes on where it was. Empty: always"},
    {.name = "BackgroundGrace",
     .number = &Settings::background_grace,
     .max = 1,
     .since = "ours",
     .effect = "1: while the sweep goes over an MDB, clients are given what is stamped clean by an "
               "older version of the same vendor, and that is counted. 0: it is scanned when it is "
               "opened, as VSAPI does"},
    {.name = "VirusScanEnabled",
     .key = kStoresKey,
     .of_mdb = &MdbSettings::enabled,
     .max = 1,
     .since = "2.0",
     .source = "recalled",
     .effect = "Enabled for one MDB. 0: its items are released unscanned, and counted, and neither "
               "proactive nor background scanning takes them. 1: they are scanned though Enabled "
               "is 0"},
    {.name = "VirusScanBackgroundScanning",
     .key = kStoresKey,
     .of_mdb = &MdbSettings::background,
     .max = 1,
     .since = "2.0",
     .source = "recalled",
     .effect = "BackgroundScanning for one MDB"},
    {.name = "VirusScanProactiveScanning",
     .key = kStoresKey,
     .of_mdb = &MdbSettings::proactive,
     .max = 1,
     .since = "2.0",
     .source = "recalled",
     .effect = "ProactiveScanning for one MDB"},
    {.name = "Profile",
     .text = &Settings::profile,
     .text_otherwise = "2.5",
     .choices = "1.0|2.0|2.5|2.6",
     .since = "ours",
     .effect = "which VSAPI it behaves like: README.md has the table"},
    {.name = "VendorTimeout",
     .number = &Settings::vendor_timeout_s,
     .otherwise = 60,
     .min = 1,
     .max = 86400,
     .unit = "s",
     .since = "ours",
     .effect = "the vendor's time for one scan"},
    {.name = "ProactiveLimit",
     .number = &Settings::proactive_limit,
     .otherwise = 30,
     .min = 1,
     .max = 100000,
     .unit = "items",
     .since = "ours",
     .source = "KB285667 has the 30",
     .effect = "items that the low lane holds; further ones stay in the store unscanned"},
    {.name = "ProactiveOverflow",
     .text = &Settings::proactive_overflow,
     .text_otherwise = "leave",
     .choices = "leave|displace-oldest",
     .since = "ours",
     .source = "KB285667, AVG 2012",
     .effect = "which item stays unscanned when the low lane is full: the new or the oldest one"},
    {.name = "MaxWaiters",
     .number = &Settings::max_waiters,
     .max = 100000,
     .unit = "callers",
     .since = "ours",
     .source = "KB2826066",
     .effect = "callers blocked in `vsapi_open`; the next one gets *in progress* at once. 0: 4 × "
               "threads"},
    {.name = "MaxRequests",
     .number = &Settings::max_requests,
     .otherwise = 65536,
     .min = 1,
     .max = 10000000,
     .unit = "requests",
     .since = "ours",
     .effect = "asynchronous opens that may wait at once"},
    {.name = "MaxHungThreads",
     .number = &Settings::max_hung_threads,
     .max = 1000,
     .unit = "threads",
     .since = "ours",
     .effect = "pool threads that are replaced while they hang in the vendor; if one more hangs, "
               "who would have to wait for a scan gets *in progress* at once. Each may need a "
               "session of the vendor, which is opened beforehand: more of them come with the next "
               "generation. 0: as many as the pool has"},
    {.name = "InfectedAction",
     .text = &Settings::infected_action,
     .text_otherwise = "notice",
     .choices = "notice|quarantine|delete-part",
     .since = "ours",
     .effect = "what the store does to infected content"},
    {.name = "Isolation",
     .text = &Settings::isolation,
     .text_otherwise = "none",
     .choices = "none|process",
     .since = "ours",
     .effect =
         "where the vendor runs: in the host, or in processes of its own, which may crash and "
         "hang. What has brought down its scanner gets a process in either case"},
    {.name = "WorkerProgram",
     .text = &Settings::worker_program,
     .since = "ours",
     .effect =
         "the program for those processes. Empty: `vsapi_worker` in the folder `vsapi` beside "
         "libvsapi"},
    {.name = "WorkerUser",
     .text = &Settings::worker_user,
     .text_otherwise = "nobody",
     .since = "ours",
     .effect = "whom they run as where the host is root; must be able to read the vendor DLL and "
               "its definitions"},
    {.name = "WorkerMemory",
     .number = &Settings::worker_memory_mib,
     .otherwise = 1024,
     .max = 1048576,
     .unit = "MiB",
     .since = "ours",
     .effect = "what each may take beside the definitions; at half of it, it is replaced after its "
               "scan. 0: no limit"},
    {.name = "WorkerCores",
     .text = &Settings::worker_cores,
     .since = "ours",
     .effect =
         "the folder for core files of processes that crash, which WorkerUser must be able to "
         "write. Empty: none are made"},
    {.name = "EventFile",
     .text = &Settings::event_file,
     .since = "ours",
     .effect = "events as JSON lines; a name without a folder stands beside the settings file. "
               "Empty: none"},
    {.name = "EventFileSize",
     .number = &Settings::event_file_size_mib,
     .otherwise = 10,
     .min = 1,
     .max = 4096,
     .unit = "MiB",
     .since = "ours",
     .effect = "at this size the file becomes EventFile.1, and a new one is begun"},
    {.name = "EventFiles",
     .number = &Settings::event_files,
     .otherwise = 5,
     .min = 1,
     .max = 1000,
     .unit = "files",
     .since = "ours",
     .effect = "so many event files are kept, the current one included"},
    {.name = "EventSyslog",
     .number = &Settings::event_syslog,
     .max = 1,
     .since = "ours",
     .effect = "1: events go to syslog (and so to the journal) too, as facility mail"},
    {.name = "EventTerminal",
     .number = &Settings::event_terminal,
     .max = 1,
     .since = "ours",
     .effect = "1: events go to the standard error output too"},
    {.name = "EventLevel",
     .text = &Settings::event_level,
     .text_otherwise = "info",
     .choices = "debug|info|warning|error",
     .since = "ours",
     .effect = "the lowest severity that goes to file, syslog and terminal"},
};

constexpr char kPrefix[] = "VirusScan";  // of the names for one MDB

bool StartsWithName(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && SameName(text.substr(0, prefix.size()), prefix);
}

bool IsOneOf(const std::string& value, const std::string& choices) {
  return value.find('|') == std::string::npos &&
         ("|" + choices + "|").find("|" + value + "|") != std::string::npos;
}

const SettingRow* FindRow(auto fits) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), fits);
  return row == std::end(kRows) ? nullptr : row;
}

}  // namespace

std::span<const SettingRow> SettingRows() { return kRows; }

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

const SettingRow* FindSetting(const std::string& name, bool is_for_mdb) {
  return FindRow([&](const SettingRow& row) {
    if ((row.of_mdb != nullptr) != is_for_mdb) return false;
    return SameName(name, NameOf(row)) || (is_for_mdb && SameName(kPrefix + name, row.name));
  });
}

std::string NameOf(const SettingRow& row) {
  const std::string_view key = row.key;
  if (key != kTransportKey) return row.name;
  return std::string(key.substr(key.rfind('\\') + 1)) + "\\" + row.name;
}

uint64_t NumberDefault(const SettingRow& row, std::string_view profile) {
  return row.since_profile != nullptr && profile >= row.since_profile ? row.otherwise_there
                                                                      : row.otherwise;
}

std::string DefaultOf(const SettingRow& row, const std::string& profile) {
  if (row.of_mdb != nullptr) return "";
  if (row.text != nullptr) return row.text_otherwise;
  return std::to_string(NumberDefault(row, profile));
}

std::optional<std::string> WrongWith(const SettingRow& row, const SettingValue& value) {
  if (row.text == nullptr) {
    if (!value.is_number) return "must be a number (dword)";
    if (value.number >= row.min && value.number <= row.max) return std::nullopt;
    return std::to_string(value.number) + " is not within " + std::to_string(row.min) + " to " +
           std::to_string(row.max);
  }
  if (value.is_number || value.is_other) return "must be a text";
  if (row.wrong_with != nullptr && value.text != row.text_otherwise)
    if (const char* wrong = row.wrong_with(value.text)) return "\"" + value.text + "\": " + wrong;
  if (*row.choices == '\0' || IsOneOf(value.text, row.choices)) return std::nullopt;
  return "\"" + value.text + "\" is not one of " + row.choices;
}

std::string ValueOf(const SettingRow& row, const Settings& settings) {
  if (row.text != nullptr) return settings.*row.text;
  return row.number != nullptr ? std::to_string(settings.*row.number) : "";
}

std::optional<std::string> MdbOfKey(const std::string& key) {
  const std::string_view stores = kStoresKey;
  if (!StartsWithName(key, stores) || key.size() == stores.size() || key[stores.size()] != '\\')
    return std::nullopt;
  const std::string_view rest = std::string_view(key).substr(stores.size() + 1);
  const size_t slash = rest.find('\\');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view mdb = rest.substr(slash + 1);
  if (mdb.empty() || mdb.find('\\') != std::string_view::npos) return std::nullopt;
  return std::string(BareMdbName(mdb));
}

std::string_view BareMdbName(std::string_view mdb) {
  for (const std::string_view kind : {"Private-", "Public-"})
    if (StartsWithName(mdb, kind)) return mdb.substr(kind.size());
  return mdb;
}

const SettingRow* RowOf(const std::string& key, const std::string& name) {
  const bool is_for_mdb = MdbOfKey(key).has_value();
  return FindRow([&](const SettingRow& row) {
    if (!SameName(name, row.name)) return false;
    return row.of_mdb != nullptr ? is_for_mdb : SameName(key, row.key);
  });
}

}  // namespace vsapi::engine
