// SPDX-License-Identifier: Apache-2.0
//
// The engine over a store of a test, with the vendor that does nothing wrong.
#pragma once

#include <sstream>
#include <string>

#include "progress.h"
#include "scanning.h"
#include "temp_folder.h"

namespace store_sim {

// New items are scanned as they come, and nothing else that nobody asks for.
inline void WriteSettings(const TempFolder& folder, const std::string& store) {
  folder.Write(store + "/virusscan.reg",
               "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\"
               "CurrentControlSet\\Services\\MSExchangeIS\\VirusScan]\n"
               "\"Enabled\"=dword:1\n\"ProactiveScanning\"=dword:1\n");
}

struct Scanned {
  explicit Scanned(const Store& store, const std::string& parameters = "")
      : scanning(store, {VSAPI_TEST_VENDORS_DIR "/good.so", parameters}, events) {}

  std::ostringstream lines;
  Progress progress{lines, false};
  EventLines events{progress, EventLines::Which::kProblems};
  Scanning scanning;
};

}  // namespace store_sim
