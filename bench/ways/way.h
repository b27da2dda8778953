// SPDX-License-Identifier: Apache-2.0
//
// One way to protect a store, beside clients that know nothing of it. A way that is no engine's
// leaves the engine switched off: the store then gives out what it is asked for.
//
// Thread safety: one thread calls it, but for Load and the gate, which clients call.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host.h"
#include "simulate_clients.h"
#include "way_records.h"

namespace store_sim::ways {

// Where a run has its things.
struct Places {
  std::filesystem::path folder;  // of the run alone
  std::filesystem::path store() const { return folder / "store"; }
  std::filesystem::path definitions() const { return folder / "definitions"; }
  std::filesystem::path calls() const { return folder / "calls"; }
  // For the clamav vendor.
  std::string parameters() const { return "definitions=" + definitions().string(); }
};

using Settings = std::vector<std::pair<std::string, std::string>>;

class Way {
 public:
  virtual ~Way() = default;

  // Of virusscan.reg.
  virtual Settings settings() const { return {{"Enabled", "0"}}; }
  // Does all become current once clients are gone?
  virtual bool settles() const { return false; }

  // The store has what it had before; nobody has opened it.
  virtual void Install() {}
  // Clients come after this.
  virtual void Begin(Host& /*host*/, const Mailboxes& /*mailboxes*/) {}
  // What stands before the store.
  virtual Scene::Gate gate() { return {}; }
  // Returns when what was added to the definitions is in force.
  virtual void Load() {}
  // No client is there any more, the host still is.
  virtual void End() {}
  // Nothing is there any more but the store's files. Adds what this way alone can tell.
  virtual void Report(Records& /*records*/) {}
};

struct NamedWay {
  const char* name;
  std::function<std::unique_ptr<Way>(const Places& places)> make;
};
// In the order of the table.
const std::vector<NamedWay>& Ways();

}  // namespace store_sim::ways
