// SPDX-License-Identifier: Apache-2.0
//
// What an experienced administrator would look at in a store's set-up, as the Exchange Server
// Analyzer did: rules as data over facts that were collected before.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "settings.h"

namespace store_sim {

// What the rules look at. The defaults are those of a store in good order.
struct Facts {
  unsigned processors = 1;
  std::string settings_problem;  // "": virusscan.reg could be read
  std::vector<vsapi::engine::SettingValue> values;
  vsapi::engine::Settings settings;  // made of the values
  std::string library_problem;       // "": the file named by Library is a DLL
  std::string vendor;                // its name, or that of its DLL
  std::vector<std::string> mdbs;     // of the store
  uint64_t mailboxes = 1;
  // Of the running host; nullopt: there is none, or it does not say.
  std::optional<bool> vendor_serves;
  std::string vendor_refused;              // why, if that was the last one to be loaded
  std::string vendor_warning;              // the last one of the vendor while it was loaded
  std::optional<uint64_t> queue_length;    // 90th percentile of the last ten minutes
  std::optional<uint64_t> vendor_time_ns;  // 90th percentile of the slowest access class
  std::optional<int64_t> definitions_age_s;
  std::vector<std::string>
      covering_scanners;                      // file-level scanners told to watch the store's files
  std::vector<std::string> running_scanners;  // known on-access scanners among the processes

  // Of the event file: passes of background scanning, when they began in local time; and after how
  // many seconds Enabled was 1 again, each time that somebody had set it to 0.
  struct Pass {
    int weekday = 0;  // Sunday is 0
    int hour = 0;
    double seconds = 0;
  };
  std::vector<Pass> passes;
  std::vector<int64_t> enabled_again_s;

  // The last number given by this name under a key that ends so; names compare without case.
  std::optional<uint64_t> Number(const std::string& key_end, const std::string& name) const;
};

enum class Severity { kNone, kWarning, kError };

struct Rule {
  const char* id;
  Severity severity;
  const char* text;    // what is wrong
  const char* advice;  // what to do
  const char* source;  // the section of the facts on Exchange that it follows
  // The details if it holds.
  std::optional<std::string> (*finding)(const Facts& facts);
};

std::span<const Rule> Rules();

struct Finding {
  const Rule* rule;
  std::string details;
};

std::vector<Finding> Analyze(const Facts& facts);
Severity Worst(std::span<const Finding> findings);

}  // namespace store_sim
