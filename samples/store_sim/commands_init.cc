// SPDX-License-Identifier: Apache-2.0
//
// store_sim init: makes a store and its settings file.
#include <iostream>
#include <memory>

#include "commands.h"
#include "registry_file.h"
#include "store.h"

namespace store_sim {
namespace {

struct InitOptions {
  std::string folder;
  std::vector<std::string> mdbs;
};

void Init(const InitOptions& options) {
  const auto mdbs = options.mdbs.empty() ? std::vector<std::string>{"mdb1"} : options.mdbs;
  Store::Init(options.folder, mdbs);
  WriteRegistryFile(options.folder);
  std::cout << "made the store " << options.folder << " with";
  for (const std::string& name : mdbs) std::cout << ' ' << name;
  std::cout << "; its settings are in " << kRegistryFileName << '\n';
}

}  // namespace

void AddInitCommand(CLI::App& app, int&) {
  const auto options = std::make_shared<InitOptions>();
  CLI::App* command = app.add_subcommand("init", "Make a store and its virusscan.reg");
  command->add_option("DIR", options->folder, "Folder of the new store")->required();
  command
      ->add_option("--mdb", options->mdbs,
                   "Name of a messaging database; may be given several times [mdb1]")
      ->expected(1)
      ->take_all();
  command->callback([options] { Init(*options); });
}

}  // namespace store_sim
