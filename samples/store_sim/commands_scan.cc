// SPDX-License-Identifier: Apache-2.0
//
// The options of each command that has an engine of its own.
#include "commands.h"
#include "error.h"
#include "scanning.h"

namespace store_sim {

void AddScanOptions(CLI::App& command, ScanOptions& scan) {
  command.add_option("--vendor", scan.vendor,
                     "The vendor DLL: a path, or a file name in the folder vsapi beside libvsapi "
                     "[the setting Library]");
  command.add_option("--parameters", scan.parameters,
                     "Handed to the vendor [the setting Parameters]");
}

// The engine of the host is there already, with its vendor.
void CheckForHost(const ScanOptions& scan) {
  if (scan.vendor.empty() && !scan.parameters) return;
  throw Error(
      "a host of this store is running, and --vendor and --parameters are its own; leave them out, "
      "or stop it");
}

}  // namespace store_sim
