// SPDX-License-Identifier: Apache-2.0
//
// The engine over a whole store: makes it by the store's virusscan.reg, attaches the MDBs, makes
// items of their parts, and shows its events on the terminal.
//
// Thread safety: any thread. Destroy it before the Store that it was made for.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "event_lines.h"
#include "store.h"
#include "vsapi/host/engine.h"

namespace store_sim {

struct ScanOptions {
  std::string vendor;                          // rules over Library; "": the settings file's
  std::optional<std::string> parameters = {};  // rules over Parameters
  std::function<void(const vsapi::Event&)> listener = {};  // hears every event, shown or not
  bool background = false;  // scan what nobody asks for too, where BackgroundScanning is 1
};

// That all is given out unscanned, for who opens something.
std::string OffWarning(const Store& store);

class Scanning {
 public:
  // Throws Error if virusscan.reg is missing, unreadable or has a wrong line. A vendor that can't
  // be loaded is an event only.
  Scanning(const Store& store, const ScanOptions& options, EventLines& events);

  vsapi::Engine& engine() { return engine_; }

  // An io_context for the answers of the engine's asynchronous calls, lent to one thread that runs
  // it, until it has had all of them.
  struct GiveBack {
    Scanning* scanning;
    void operator()(boost::asio::io_context* context) const;
  };
  using Answers = std::unique_ptr<boost::asio::io_context, GiveBack>;
  Answers LendAnswers();

  std::vector<vsapi::Item> ItemsOf(const Mdb& mdb, const StoredMessage& message) const;
  vsapi::Item ItemOf(const Mdb& mdb, const NewItem& item) const;
  // Would a client be answered by this stamp? By none while nobody judges.
  bool Holds(const Stamp& stamp);

  // Returns when all that is decided so far has been written.
  void Flush();
  // Writes what is decided and ends what runs.
  void End();

 private:
  std::mutex mutex_;
  // By mutex_. They outlive the engine, which may still be letting go of them.
  std::vector<std::unique_ptr<boost::asio::io_context>> idle_answers_;
  vsapi::Engine engine_;
  std::map<const Mdb*, uint32_t> numbers_;
};

// By name.
using Counters = std::map<std::string, uint64_t>;
Counters CountersOf(vsapi::Engine& engine);

}  // namespace store_sim
