// SPDX-License-Identifier: Apache-2.0
//
// The ways to protect a store, one after the other, each in a process of its own: same mail, same
// clients, same libclamav, same definitions.
#include <spawn.h>
#include <sys/wait.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "definitions.h"
#include "error.h"
#include "run_way.h"

namespace store_sim::ways {
namespace {

struct Command {
  vsapi::bench::SectionOptions section;
  std::string way;
  std::string clients = VSAPI_WAYS_FOLDER "/clients.ini";
  uint64_t seed = 1;

  std::string profile() const {
    return section.is_short ? VSAPI_WAYS_FOLDER "/clients_short.ini" : clients;
  }
};

const NamedWay& FindWay(const std::string& name) {
  for (const NamedWay& each : Ways())
    if (name == each.name) return each;
  throw Error("there is no way '" + name + "'; see --help");
}

void RunHere(const Command& command) {
  const vsapi::bench::TempFolder folder(std::filesystem::temp_directory_path());
  Records records(command.section, command.way);
  RunWay(FindWay(command.way), {folder.path()}, ReadProfileFile(command.profile()), command.seed,
         records);
}

// This program with the same arguments and the way's name.
bool RunThere(std::vector<char*> arguments, const char* way) {
  std::string option = std::string("--way=") + way;
  arguments.push_back(option.data());
  arguments.push_back(nullptr);
  std::cerr << "ways: " << way << '\n';
  pid_t process = 0;
  int status = 0;
  return posix_spawn(&process, "/proc/self/exe", nullptr, nullptr, arguments.data(), environ) ==
             0 &&
         waitpid(process, &status, 0) == process && status == 0;
}

int Run(const Command& command, const std::vector<char*>& arguments) {
  if (!command.way.empty()) {
    RunHere(command);
    return 0;
  }
  for (const NamedWay& each : Ways())
    if (!RunThere(arguments, each.name)) return 1;
  return 0;
}

void AddOptions(CLI::App& app, Command& command) {
  std::string names;
  for (const NamedWay& each : Ways()) names += std::string(names.empty() ? "" : ", ") + each.name;
  vsapi::bench::AddSectionOptions(app, command.section);
  app.add_option("--way", command.way, "One of " + names + "; without it all of them in turn");
  app.add_option("--clients", command.clients, "Profile of the clients")
      ->check(CLI::ExistingFile)
      ->capture_default_str();
  app.add_option("--seed", command.seed, "Seed of all choices")->capture_default_str();
}

}  // namespace
}  // namespace store_sim::ways

int main(int argc, char** argv) try {
  CLI::App app("Ways to protect a mail store, on the same mail and with the same clients");
  store_sim::ways::Command command;
  store_sim::ways::AddOptions(app, command);
  CLI11_PARSE(app, argc, argv);
  return store_sim::ways::Run(command, {argv, argv + argc});
} catch (const std::exception& error) {
  std::cerr << "ways: " << error.what() << '\n';
  return 1;
}
