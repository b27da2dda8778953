// SPDX-License-Identifier: Apache-2.0
//
// The commands of the program store_sim. Each function adds one of them to the command line; when
// it is chosen, it runs and leaves its exit status behind.
#pragma once

#include <CLI/CLI.hpp>

namespace store_sim {

// kTrouble: the command failed, or it did its work but some messages had problems. The last three
// are what `open` was answered.
enum ExitStatus : int {
  kDone = 0,
  kTrouble = 1,
  kUsage = 2,
  kInfected = 10,
  kInProgress = 11,
  kUnavailable = 12
};

void AddInitCommand(CLI::App& app, int& exit_status);
void AddImportCommand(CLI::App& app, int& exit_status);
void AddListCommand(CLI::App& app, int& exit_status);
void AddOpenCommand(CLI::App& app, int& exit_status);
void AddSettingsCommand(CLI::App& app, int& exit_status);
void AddShowCommand(CLI::App& app, int& exit_status);

}  // namespace store_sim
