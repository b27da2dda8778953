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
  std::vector<std::string> public_mdbs;
};

void Init(const InitOptions& options) {
  const bool named = !options.mdbs.empty() || !options.public_mdbs.empty();
  const auto mdbs = named ? options.mdbs : std::vector<std::string>{"mdb1"};
  Store::Init(options.folder, mdbs, options.public_mdbs);
  WriteRegistryFile(options.folder);
  std::cout << "made the store " << options.folder << " with";
  for (const std::string& name : mdbs) std::cout << ' ' << name;
  for (const std::string& name : options.public_mdbs) std::cout << ' ' << name << " (public)";
  std::cout << "; its settings are in " << kRegistryFileName << '\n';
}

}  // namespace

void AddInitCommand(CLI::App& app, int&) {
  const auto options = std::make_shared<InitOptions>();
  CLI::App* command = app.add_subcommand("init", "Make a store and its virusscan.reg");
  command->add_option("DIR", options->folder, "Folder of the new store")->required();
  command
      ->add_option("--mdb", options->mdbs,
                   "Name of a private messaging database, which holds mailboxes; may be given "
                   "several times [mdb1]")
      ->expected(1)
      ->take_all();
  command
      ->add_option(
          "--public", options->public_mdbs,
          "Name of a public messaging database, which holds folders that all share; may be "
          "given several times")
      ->expected(1)
      ->take_all();
  command->callback([options] { Init(*options); });
}

}  // namespace store_sim
