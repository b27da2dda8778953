// SPDX-License-Identifier: Apache-2.0
//
// store_sim check: is the store sound?
#include <iostream>
#include <memory>

#include "commands.h"
#include "display.h"
#include "mdb_check.h"
#include "store.h"
#include "transport_queue.h"

namespace store_sim {
namespace {

// Of the messages pending submission. A file without tables may be what a host left that was killed
// while it made the queue, and no damage, or a queue that was cut off: who knows that is told.
uint64_t CheckQueue(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / kTransportFile)) return 0;
  if (!TransportQueue::Exists(folder)) {
    std::cout << kTransportFile << ": empty, no queue yet; if there was one, restore it from a "
              << "backup\n";
    return 0;
  }
  TransportQueue queue(folder, Access::kRead);
  const std::string damage = queue.Damage();
  std::cout << kTransportFile << ": " << queue.List().size() << " messages, "
            << (damage.empty() ? "sound" : ForDisplay(damage)) << '\n';
  return damage.empty() ? 0 : 1;
}

int Check(const std::string& folder) {
  const Store store(folder, Access::kRead);
  uint64_t problems = 0;
  for (const auto& mdb : store.mdbs()) {
    const MdbCheck check =
        CheckMdb(*mdb, store.folder() / (mdb->name() + ".db"),
                 [](const std::string& line) { std::cout << ForDisplay(line) << '\n'; });
    std::cout << mdb->name() << ": " << check.messages << " messages, " << check.contents
              << " contents, "
              << (check.problems == 0 ? "sound" : std::to_string(check.problems) + " problems")
              << '\n';
    problems += check.problems;
  }
  problems += CheckQueue(folder);
  return problems == 0 ? kDone : kDamaged;
}

}  // namespace

void AddCheckCommand(CLI::App& app, int& exit_status) {
  const auto folder = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("check", "Check that the store is sound; changes nothing");
  command->add_option("DIR", *folder, "Folder of the store")->required();
  command->footer(
      "Reads every byte. Exit status: 0 sound, 30 not: restore the MDB from a backup. 1: it could "
      "not be read at all.");
  command->callback([folder, &exit_status] { exit_status = Check(*folder); });
}

}  // namespace store_sim
