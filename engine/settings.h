// SPDX-License-Identifier: Apache-2.0
//
// The settings in force, by VSAPI's registry names: checked values of what settings_table.h
// defines. Where a value comes from is not their business: registry.h reads a .reg file, the host
// may give its own.
//
// Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "message_policy.h"
#include "policy.h"

namespace vsapi::engine {

// What is set for one MDB; the rest is as for all of them.
struct MdbSettings {
  std::string mdb = {};
  std::optional<uint64_t> enabled = {};
  std::optional<uint64_t> background = {};
  std::optional<uint64_t> proactive = {};
  bool operator==(const MdbSettings&) const = default;
};

struct Settings {
  // The defaults, as settings_table.cc has them.
  Settings();

  uint64_t enabled;
  std::string library;
  std::string parameters;
  std::string vendor;  // rules over the vendor's own name where given
  uint64_t version;    // rules over the vendor's own version where not 0
  uint64_t proactive;
  uint64_t background;
  uint64_t background_ignore_stamp;
  uint64_t background_only_unscanned;
  uint64_t background_attachments_only;
  uint64_t background_age_limit_s;  // 0: none
  uint64_t background_max_share;    // percent of a processor, for each MDB
  std::string background_hours;     // "22:00-06:00", or "": all
  uint64_t background_grace;
  uint64_t on_access_age_limit_s;
  uint64_t on_access_threshold_version;
  uint64_t scanning_threads;  // 0: 2 * processors + 1
  uint64_t scan_timeout_s;
  uint64_t scan_rtf;
  uint64_t reload_now;
  uint64_t open_retry_delay_ms;
  uint64_t send_retries;
  uint64_t send_retry_interval_ms;
  uint64_t enable_scan_deletion;
  uint64_t transport_exclusion;
  uint64_t transport_enabled;
  std::string transport_infected_action;
  std::string transport_failed_action;
  uint64_t transport_retries;
  uint64_t transport_retry_interval_ms;
  uint64_t avstamp_header;
  std::string avstamp_key_file;
  std::string avstamp_trusted_hops;
  uint64_t vendor_timeout_s;
  uint64_t proactive_limit;
  std::string proactive_overflow;
  uint64_t max_waiters;  // 0: 4 * pool threads
  uint64_t max_requests;
  uint64_t max_hung_threads;  // 0: as many as pool threads
  std::string infected_action;
  std::string isolation;
  std::string worker_program;  // "": beside the vendors
  std::string worker_user;
  uint64_t worker_memory_mib;  // 0: no limit
  std::string worker_cores;
  std::string profile;
  std::string event_file;
  uint64_t event_file_size_mib;
  uint64_t event_files;
  uint64_t event_syslog;
  uint64_t event_terminal;
  std::string event_level;
  std::vector<MdbSettings> mdbs = {};

  PolicySettings Policy() const;
  // TransportInfectedAction, TransportFailedAction.
  InfectedMessage ForInfectedMessages() const;
  GivenUpMessage ForGivenUpMessages() const;
  // 10, 20, 25 or 26.
  unsigned ProfileNumber() const;
  // Is a message on its way scanned? 1.0 looks at what is sent, 2.0 had nothing there.
  bool ScansTransport() const;
  // How often a message on its way is tried, and when again after so many tries.
  uint64_t TransportTries() const;
  uint64_t TransportRetryAfterMs(uint64_t tries) const;
  // The pool's size on `cpus` processors; out of (n+1)/2 ... 5n+1 counts as not given.
  unsigned PoolThreads(unsigned cpus) const;
  bool ThreadsOutOfRange(unsigned cpus) const;
  // Of a pool of so many.
  size_t MaxHungThreads(size_t threads) const {
    return max_hung_threads != 0 ? max_hung_threads : threads;
  }
  bool IsIsolated() const { return isolation == "process"; }
  // ProactiveOverflow.
  bool DisplacesOldest() const { return proactive_overflow == "displace-oldest"; }
  // Enabled, ProactiveScanning and BackgroundScanning of this MDB; the last two never without the
  // first.
  bool EnabledFor(std::string_view mdb) const;
  bool ProactiveFor(std::string_view mdb) const;
  bool BackgroundFor(std::string_view mdb) const;
  // ScanRTF: are items of that kind (VSAPI_ITEM_...) scanned?
  bool ScansKind(int32_t kind) const;
  // Is there anything to be scanned, so that a vendor is needed?
  bool IsEnabledAnywhere() const;
  bool operator==(const Settings&) const = default;

 private:
  // Its own value, or the one for all.
  uint64_t Own(std::string_view mdb, std::optional<uint64_t> MdbSettings::*own,
               uint64_t for_all) const;
};

// One value as found: where a message can point at, and what it says.
struct SettingValue {
  std::string key = {};  // registry key without the hive's name
  std::string name = {};
  bool is_number = false;
  uint64_t number = 0;
  std::string text = {};
  std::string place = {};  // "virusscan.reg:12"
  bool is_other = false;   // neither number nor text: binary, a list
};

// Puts `values` over the defaults of their profile; of several of one name the last rules; names
// and keys compare without case. What is wrong keeps its default and adds a line to `problems`, and
// so does a name under our keys that nobody knows, with the nearest that there is.
Settings MakeSettings(std::span<const SettingValue> values, std::vector<std::string>& problems);

// Is there a value for Enabled that is none? A slip of the pen must not switch scanning off: unlike
// other settings it has no default to fall back to.
bool HasWrongEnabled(std::span<const SettingValue> values, std::string& problem);

// A value given as text, checked and with its key; numbers in decimal or 0x... A setting outside
// the key VirusScan is named with the last part of its key, "TransportAVAPI\Enabled"; one for an
// MDB needs `mdb`. Nothing with `problem` filled if there is no such setting or it does not fit.
std::optional<SettingValue> ParseSetting(const std::string& name, const std::string& text,
                                         const std::string& mdb, std::string& problem);

// "Enabled was 0, is 1" for each difference.
std::vector<std::string> Differences(const Settings& before, const Settings& after);

}  // namespace vsapi::engine
