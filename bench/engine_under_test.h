// SPDX-License-Identifier: Apache-2.0
//
// The whole engine as a host has it, by its C++ face, with one vendor DLL and one store in memory;
// and a way to keep it busy through the leanest door, vsapi_open_async.
//
// Thread safety: Open may be called from many threads; a Pipeline is one thread's.
#pragma once

#include <vsapi/host/engine.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "memory_store.h"

namespace vsapi::bench {

class EngineUnderTest {
 public:
  using Settings = std::vector<std::pair<std::string, std::string>>;

  EngineUnderTest(const std::string& library, const std::string& parameters,
                  std::vector<std::string> contents, const Settings& more = {},
                  MemoryStore::Applied applied = {})
      : store_(std::make_shared<MemoryStore>(std::move(contents), std::move(applied))),
        engine_(OptionsOf(library, parameters, more)),
        mdb_(engine_.Attach("bench", store_)) {
    if (!engine_.Status().serving)
      throw std::runtime_error("the vendor does not serve: " + library);
  }

  Engine& engine() { return engine_; }
  MemoryStore& store() { return *store_; }
  Item NewItem(uint64_t number) const { return store_->NewItem(mdb_, number); }
  // One more MDB, which never runs out of what is to be scanned in the background.
  uint32_t AttachEndless() {
    auto endless = std::make_shared<MemoryStore>(std::vector<std::string>{"Good morning!"});
    endless->NeverRunOut();
    return engine_.Attach("endless", std::move(endless));
  }
  // Contents that the vendor was asked about, of what this engine did since it was made.
  uint64_t FilesScanned() {
    for (const auto& [name, value] : engine_.Counters())
      if (name == "Virus Scan Files Scanned") return value;
    return 0;
  }
  // Until the engine remembers none of what it has judged.
  void Flush() { engine_.Flush(mdb_); }

  // A copy of `item` with a stamp that is current.
  Item Stamped(Item item) {
    Flush();
    store_->KeepNextStamp();
    engine_.Open(item);
    Flush();
    item.stamp = store_->stamp();
    return item;
  }

 private:
  static Options OptionsOf(const std::string& library, const std::string& parameters,
                           const Settings& more) {
    Options options;
    options.settings = {{"Enabled", "1"},
                        {"ProactiveScanning", "1"},
                        {"Library", library},
                        {"Parameters", parameters}};
    options.settings.insert(options.settings.end(), more.begin(), more.end());
    return options;
  }

  const std::shared_ptr<MemoryStore> store_;
  Engine engine_;
  const uint32_t mdb_;
};

// Asks for one item after another and waits only when `kAhead` of them are on their way.
class Pipeline {
 public:
  explicit Pipeline(EngineUnderTest& engine) : engine_(engine) {}
  ~Pipeline() { Drain(); }

  void Ask(uint64_t number) { Ask(engine_.NewItem(number)); }
  void Ask(const Item& item) {
    WaitUntilOpenAreAtMost(kAhead - 1);
    ++asked_;
    if (vsapi_open_async(engine_.engine().get(), &item, 1, nullptr, Opened, this) != VSAPI_OK)
      throw std::runtime_error("the engine refused an item");
  }
  // Looks once a millisecond: oftener would take CPU from what is measured, and being woken would
  // need a lock in every answer.
  void Drain() {
    while (answered_.load(std::memory_order_acquire) < asked_)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  uint64_t not_allowed() const { return not_allowed_.load(std::memory_order_relaxed); }

 private:
  static constexpr uint64_t kAhead = 512;
  // The asking thread is woken once for so many answers, so that wake-ups of its own don't count.
  static constexpr uint64_t kBatch = 128;

  static void VSAPI_CALL Opened(void* context, const vsapi_decision* decisions, size_t) {
    auto& self = *static_cast<Pipeline*>(context);
    if (decisions[0].answer != VSAPI_ANSWER_ALLOW) self.not_allowed_.fetch_add(1);
    const uint64_t answered = self.answered_.fetch_add(1, std::memory_order_release) + 1;
    if (answered % kBatch == 0) self.answered_.notify_one();
  }
  void WaitUntilOpenAreAtMost(uint64_t open) {
    for (uint64_t seen = answered_.load(); asked_ - seen > open; seen = answered_.load())
      answered_.wait(seen);
  }

  EngineUnderTest& engine_;
  uint64_t asked_ = 0;
  std::atomic<uint64_t> answered_ = 0;  // by the engine's threads; read by the asking one
  std::atomic<uint64_t> not_allowed_ = 0;
};

}  // namespace vsapi::bench
