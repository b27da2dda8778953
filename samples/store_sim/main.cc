// SPDX-License-Identifier: Apache-2.0
//
// store_sim: a mail store on SQLite, made to show what the engine does for a real one.
#include <vsapi/host/vsapi_host.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "commands.h"

namespace store_sim {
namespace {

// The library only says that a command is missing where it knows none of the given name.
void CheckCommand(const CLI::App& app, int argc, char** argv) {
  if (argc < 2) throw CLI::RequiredError("A command");
  const std::string name = argv[1];
  const auto is_named = [&](const CLI::App* command) { return command->check_name(name); };
  if (name.starts_with('-') || !app.get_subcommands(is_named).empty()) return;
  throw CLI::ValidationError(name, "there is no such command");
}

}  // namespace
}  // namespace store_sim

int main(int argc, char** argv) {
  using namespace store_sim;
  // A reader that has seen enough ends the program, even where somebody had ignored that.
  std::signal(SIGPIPE, SIG_DFL);
  vsapi_keep_freed_memory();
  CLI::App app("A mail store whose mail is scanned by OpenVSAPI", "store_sim");
  app.require_subcommand(1);
  app.set_version_flag("--version", "store_sim " VSAPI_VERSION);
  app.footer(
      "Exit status: 0 done, 1 it failed or some messages had problems, 2 wrong command line; of "
      "`open`, `trace` and `submit` also 10 infected, 11 in progress, 12 unavailable; of `analyze` "
      "20 "
      "warnings, 21 errors; of `check` 30 damaged; of `simulate` 40 exposed, 41 lost.");
  int exit_status = kDone;
  AddInitCommand(app, exit_status);
  AddImportCommand(app, exit_status);
  AddDeliverCommand(app, exit_status);
  AddSubmitCommand(app, exit_status);
  AddQueueCommand(app, exit_status);
  AddMoveCommand(app, exit_status);
  AddMailboxesCommand(app, exit_status);
  AddListCommand(app, exit_status);
  AddShowCommand(app, exit_status);
  AddOpenCommand(app, exit_status);
  AddQuarantineCommand(app, exit_status);
  AddReplaceCommand(app, exit_status);
  AddReplyCommands(app, exit_status);
  AddReportCommand(app, exit_status);
  AddSettingsCommand(app, exit_status);
  AddServeCommand(app, exit_status);
  AddHostCommands(app, exit_status);
  AddTopCommand(app, exit_status);
  AddTraceCommand(app, exit_status);
  AddAnalyzeCommand(app, exit_status);
  AddSimulateCommand(app, exit_status);
  AddCheckCommand(app, exit_status);
  try {
    CheckCommand(app, argc, argv);
    app.parse(argc, argv);
    std::cout.flush();
    if (!std::cout) throw std::runtime_error("the output could not be written; check the disk");
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  } catch (const std::exception& error) {
    std::cerr << "store_sim: " << error.what() << '\n';
    return kTrouble;
  }
  return exit_status;
}
