// SPDX-License-Identifier: Apache-2.0
//
// The settings, by VSAPI's registry names: one table (settings.cc) with name, place, type, default,
// range, unit and meaning, from which values are checked. Where a value comes from is not its
// business: registry.h reads a .reg file, the host may give its own.
//
// Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "policy.h"

namespace vsapi::engine {

struct Settings {
  uint64_t enabled = 0;
  std::string library = {};
  std::string parameters = {};
  std::string vendor = {};  // rules over the vendor's own name where given
  uint64_t version = 0;     // rules over the vendor's own version where not 0
  uint64_t proactive = 0;
  uint64_t scanning_threads = 0;  // 0: 2 * processors + 1
  uint64_t scan_timeout_s = 180;
  uint64_t reload_now = 0;
  uint64_t enable_scan_deletion = 0;
  uint64_t transport_enabled = 0;
  uint64_t vendor_timeout_s = 60;
  uint64_t proactive_limit = 30;
  uint64_t max_waiters = 0;  // 0: 4 * pool threads
  uint64_t max_requests = 65536;
  std::string infected_action = "notice";
  std::string profile = "2.5";

  PolicySettings Policy() const;
  // The pool's size on `cpus` processors; out of (n+1)/2 ... 5n+1 counts as not given.
  unsigned PoolThreads(unsigned cpus) const;
  bool ThreadsOutOfRange(unsigned cpus) const;
  bool operator==(const Settings&) const = default;
};

// One value as found: where a message can point at, and what it says.
struct SettingValue {
  std::string key = {};  // registry key without the hive's name, or "" when the host gives it
  std::string name = {};
  bool is_number = false;
  uint64_t number = 0;
  std::string text = {};
  std::string place = {};  // "virusscan.reg:12"
};

// Puts `values` over the defaults; unknown names are left alone, names compare without case. What
// is out of range keeps its default and adds a line to `problems`.
Settings MakeSettings(std::span<const SettingValue> values, std::vector<std::string>& problems);

// Is there a value for Enabled that is none? A slip of the pen must not switch scanning off: unlike
// other settings it has no default to fall back to.
bool HasWrongEnabled(std::span<const SettingValue> values, std::string& problem);

// The host's own value as text; a setting outside the key VirusScan is named with the last part of
// its key, "TransportAVAPI\Enabled"; false with `problem` filled if there is no such setting or it
// does not fit.
bool ApplyText(const std::string& name, const std::string& value, Settings& settings,
               std::string& problem);

inline constexpr char kVirusScanKey[] =
    "SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\VirusScan";
inline constexpr char kTransportKey[] = "Software\\Microsoft\\Exchange\\TransportAVAPI";

}  // namespace vsapi::engine
