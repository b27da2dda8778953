// SPDX-License-Identifier: Apache-2.0
//
// The commands of the program store_sim. Each function adds one of them to the command line; when
// it is chosen, it runs and leaves its exit status behind.
#pragma once

#include <CLI/CLI.hpp>

#include "exit_status.h"

namespace store_sim {

struct ScanOptions;

void AddScanOptions(CLI::App& command, ScanOptions& scan);
// Throws Error if any of them was given although a host is running.
void CheckForHost(const ScanOptions& scan);

void AddAnalyzeCommand(CLI::App& app, int& exit_status);
void AddCheckCommand(CLI::App& app, int& exit_status);
void AddDeliverCommand(CLI::App& app, int& exit_status);
void AddInitCommand(CLI::App& app, int& exit_status);
void AddHostCommands(CLI::App& app, int& exit_status);  // status, counters, events, reload
void AddImportCommand(CLI::App& app, int& exit_status);
void AddListCommand(CLI::App& app, int& exit_status);
void AddMailboxesCommand(CLI::App& app, int& exit_status);
void AddMoveCommand(CLI::App& app, int& exit_status);
void AddOpenCommand(CLI::App& app, int& exit_status);
void AddReplaceCommand(CLI::App& app, int& exit_status);
void AddReplyCommands(CLI::App& app, int& exit_status);
void AddReportCommand(CLI::App& app, int& exit_status);
void AddQuarantineCommand(CLI::App& app, int& exit_status);
void AddQueueCommand(CLI::App& app, int& exit_status);
void AddSettingsCommand(CLI::App& app, int& exit_status);
void AddServeCommand(CLI::App& app, int& exit_status);
void AddShowCommand(CLI::App& app, int& exit_status);
void AddSimulateCommand(CLI::App& app, int& exit_status);
void AddSubmitCommand(CLI::App& app, int& exit_status);
void AddTopCommand(CLI::App& app, int& exit_status);
void AddTraceCommand(CLI::App& app, int& exit_status);

}  // namespace store_sim
