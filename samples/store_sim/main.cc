// SPDX-License-Identifier: Apache-2.0
//
// store_sim: a mail store on SQLite, made to show what the engine does for a real one.
#include <exception>
#include <iostream>

#include "commands.h"

int main(int argc, char** argv) {
  using namespace store_sim;
  CLI::App app("A mail store whose mail is scanned by OpenVSAPI", "store_sim");
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 done, 1 it failed or some messages had problems, 2 wrong command line; of "
      "`open` also 10 infected, 11 in progress, 12 unavailable; of `analyze` 20 warnings, 21 "
      "errors.");
  int exit_status = kDone;
  AddInitCommand(app, exit_status);
  AddImportCommand(app, exit_status);
  AddListCommand(app, exit_status);
  AddShowCommand(app, exit_status);
  AddOpenCommand(app, exit_status);
  AddServeCommand(app, exit_status);
  AddHostCommands(app, exit_status);
  AddTopCommand(app, exit_status);
  AddAnalyzeCommand(app, exit_status);
  try {
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
