// SPDX-License-Identifier: Apache-2.0
//
// The engine over a whole store: makes it by the store's virusscan.reg, attaches the MDBs, makes
// items of their parts, and shows its events on the terminal.
//
// Thread safety: any thread. Destroy it before the Store that it was made for.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "event_lines.h"
#include "store.h"
#include "vsapi/host/engine.h"

namespace store_sim {

struct ScanOptions {
  std::string client;      // "imap", "pop3", "owa", "mapi": who asks; "" unknown
  std::string vendor;      // rules over Library; "": the settings file's
  std::string parameters;  // rules over Parameters, if has_parameters
  bool has_parameters = false;
  bool background = false;  // scan what nobody asks for too, where BackgroundScanning is 1
};

class Scanning {
 public:
  // Throws Error if virusscan.reg is missing, unreadable or has a wrong line. A vendor that can't
  // be loaded is an event only.
  Scanning(const Store& store, const ScanOptions& options, EventLines& events);

  vsapi::Engine& engine() { return engine_; }
  // For answers of the engine's asynchronous calls; nobody runs it but who asks.
  boost::asio::io_context& answers() { return answers_; }

  std::vector<vsapi::Item> ItemsOf(const Mdb& mdb, const StoredMessage& message) const;
  vsapi::Item ItemOf(const Mdb& mdb, const NewItem& item) const;

  // Writes what is decided and ends what runs.
  void End();

 private:
  boost::asio::io_context answers_;  // outlives the engine, which may still be letting go of it
  vsapi::Engine engine_;
  std::map<const Mdb*, uint32_t> numbers_;
};

// By name.
using Counters = std::map<std::string, uint64_t>;
Counters CountersOf(vsapi::Engine& engine);

}  // namespace store_sim
