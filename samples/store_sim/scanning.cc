// SPDX-License-Identifier: Apache-2.0
#include "scanning.h"

#include <filesystem>

#include "engine_store.h"
#include "error.h"
#include "mdb_coverage.h"
#include "registry_file.h"

namespace store_sim {
namespace {

constexpr std::chrono::seconds kPatience{10};

vsapi::Options EngineOptions(const Store& store, const ScanOptions& options, EventLines& events) {
  const std::filesystem::path settings = store.folder() / kRegistryFileName;
  if (!std::filesystem::exists(settings)) {
    throw Error(settings.string() +
                ": is missing; it says how the store is scanned. `store_sim init` in a new folder "
                "writes one that can be copied");
  }
  vsapi::Options to;
  to.settings_file = settings.string();
  to.state_folder = store.folder().string();
  if (!options.vendor.empty()) to.settings.emplace_back("Library", options.vendor);
  if (options.parameters) to.settings.emplace_back("Parameters", *options.parameters);
  to.on_event = [&events, listener = options.listener](const vsapi::Event& event) {
    if (listener) listener(event);
    events.Show(event);
  };
  return to;
}

vsapi::Engine MakeEngine(const vsapi::Options& options) try {
  return vsapi::Engine(options);
} catch (const vsapi::Error& error) {
  throw Error(error.what());
}

}  // namespace

std::string OffWarning(const Store& store) {
  return "warning: scanning is switched off: every message is given out unscanned; set "
         "\"Enabled\"=dword:00000001 in " +
         (store.folder() / kRegistryFileName).string();
}

Scanning::Scanning(const Store& store, const ScanOptions& options, EventLines& events)
    : engine_(MakeEngine(EngineOptions(store, options, events))) {
  if (!engine_.Status().enabled) events.Tell(OffWarning(store));
  for (const auto& mdb : store.mdbs()) {
    const auto tell = [&events](const std::string& line) { events.Tell(line); };
    numbers_[mdb.get()] =
        engine_.Attach(mdb->name(), std::make_shared<EngineStore>(mdb, tell, options.background));
  }
}

std::vector<vsapi::Item> Scanning::ItemsOf(const Mdb& mdb, const StoredMessage& message) const {
  std::vector<vsapi::Item> items;
  items.reserve(message.parts.size());
  for (const StoredPart& part : message.parts) {
    items.push_back(EngineStore::ItemOf(numbers_.at(&mdb), message.number, part));
    items.back().received_ns = message.received_ns;
  }
  return items;
}

vsapi::Item Scanning::ItemOf(const Mdb& mdb, const NewItem& item) const {
  return EngineStore::ItemOf(numbers_.at(&mdb), item);
}

bool Scanning::Holds(const Stamp& stamp) {
  const vsapi::Status now = engine_.Status();
  vsapi::Level level = LevelOf(now);
  level.since_generation = 0;
  const vsapi::Stamp asked = EngineStore::StampOf(stamp);
  return now.serving != 0 && vsapi_stamp_is_current(&asked, &level) != 0;
}

Scanning::Answers Scanning::LendAnswers() {
  const std::lock_guard lock(mutex_);
  if (idle_answers_.empty()) idle_answers_.push_back(std::make_unique<boost::asio::io_context>());
  Answers lent(idle_answers_.back().release(), GiveBack{this});
  idle_answers_.pop_back();
  return lent;
}

void Scanning::GiveBack::operator()(boost::asio::io_context* context) const {
  const std::lock_guard lock(scanning->mutex_);
  scanning->idle_answers_.emplace_back(context);
}

void Scanning::Flush() {
  for (const auto& [mdb, number] : numbers_) engine_.Flush(number);
}

void Scanning::End() { engine_.Shutdown(kPatience); }

Counters CountersOf(vsapi::Engine& engine) {
  const auto counters = engine.Counters();
  return {counters.begin(), counters.end()};
}

}  // namespace store_sim
