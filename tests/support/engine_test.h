// SPDX-License-Identifier: Apache-2.0
//
// The fixture of the tests of the whole engine: a real vendor DLL, stores in memory, and the events
// that the engine told. Everything goes through the public C++ face.
#ifndef VSAPI_TESTS_SUPPORT_ENGINE_TEST_H_
#define VSAPI_TESTS_SUPPORT_ENGINE_TEST_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <vsapi/host/engine.h>

#include <boost/asio/use_future.hpp>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/gate.h"
#include "support/memory_store.h"

inline void PrintTo(const vsapi_decision& decision, std::ostream* out) {
  *out << vsapi_answer_text(decision.answer) << " (" << vsapi_reason_text(decision.reason) << "), "
       << vsapi_verdict_text(decision.verdict) << " \"" << decision.finding << '"';
}

namespace vsapi::test {

MATCHER_P2(Answers, answer, reason,
           std::string("is ") + vsapi_answer_text(answer) + " (" + vsapi_reason_text(reason) +
               ")") {
  return arg.answer == answer && arg.reason == reason;
}

using Settings = std::vector<std::pair<std::string, std::string>>;

// The numbers of engine/README.md that tests wait for.
enum EventNumber : uint32_t {
  kSettingWrong = 1002,
  kSettingsMalformed = 1003,
  kSettingsChanged = 1005,
  kVendorLoaded = 1010,
  kVendorRefused = 1011,
  kVendorRetired = 1012,
  kNoVendor = 1013,
  kVirusFound = 1020,
  kOutcomeNotWritten = 1032,
  kThreadsAbandoned = 1033,
  kBackgroundEnded = 1041,
  kBackgroundFails = 1042,
  kBackgroundIdle = 1043,  // a pass that had nothing to scan
  kScanFailed = 9874,
};

// Events as they came.
class EventRecord {
 public:
  void Add(const Event& event) {
    const std::lock_guard lock(mutex_);
    Seen& seen = seen_.emplace_back(Seen{event.id, event.text, {}});
    for (size_t i = 0; i < event.field_count; ++i)
      seen.fields[event.fields[i].name] = event.fields[i].value;
    changed_.notify_all();
  }
  int count(uint32_t id) const {
    const std::lock_guard lock(mutex_);
    return CountLocked(id);
  }
  void Await(uint32_t id, int count = 1) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return CountLocked(id) >= count; }))
        << "event " << id << " never came";
  }
  // So many passes of background scanning are over, whatever they scanned.
  void AwaitPasses(int count = 1) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] {
      return CountLocked(kBackgroundEnded) + CountLocked(kBackgroundIdle) >= count;
    })) << "that pass never ended";
  }
  // The text of the last event with that number.
  std::string text(uint32_t id) const {
    const std::lock_guard lock(mutex_);
    const Seen* found = LastLocked(id);
    return found == nullptr ? "" : found->text;
  }
  // Its field of that name; "" without one.
  std::string field(uint32_t id, const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const Seen* found = LastLocked(id);
    return found == nullptr || !found->fields.contains(name) ? "" : found->fields.at(name);
  }

 private:
  struct Seen {
    uint32_t id;
    std::string text;
    std::map<std::string, std::string> fields;
  };
  const Seen* LastLocked(uint32_t id) const {
    const auto found = std::find_if(seen_.rbegin(), seen_.rend(),
                                    [id](const Seen& event) { return event.id == id; });
    return found == seen_.rend() ? nullptr : &*found;
  }
  int CountLocked(uint32_t id) const {
    return static_cast<int>(std::count_if(seen_.begin(), seen_.end(),
                                          [id](const Seen& event) { return event.id == id; }));
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Seen> seen_;
};

// A folder that is gone with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vsapi-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path() const { return path_; }
  std::string Write(const std::string& name, const std::string& content) const {
    const std::string file = path_ + "/" + name;
    std::ofstream(file, std::ios::trunc) << content;
    return file;
  }

 private:
  std::string path_;
};

inline std::string VendorPath(const std::string& vendor) {
  return std::string(VSAPI_TEST_VENDORS_DIR) + "/" + vendor + ".so";
}

inline bool IsReady(const std::future<Decision>& future) {
  return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

class EngineTest : public ::testing::Test {
 protected:
  // Whatever is still held at the vendor is let go before the engine ends.
  ~EngineTest() override {
    gate_.LetAll();
    engine_.reset();
  }

  // Starts an engine with a test vendor and one store, store_. `settings` rule over the fixture's.
  void Start(const std::string& vendor = "good", const Settings& settings = {},
             const std::string& parameters = "") {
    Options options;
    options.settings_file = settings_file_;
    options.settings = {{"Enabled", "1"},
                        {"Library", VendorPath(vendor)},
                        {"Parameters", gate_.parameters() + ";" + parameters}};
    options.settings.insert(options.settings.end(), settings.begin(), settings.end());
    StartWith(options);
  }
  void StartWith(Options options) {
    options.on_event = [events = events_](const Event& event) { events->Add(event); };
    engine_ = std::make_unique<Engine>(options);
    store_ = Attach("mailbox store");
  }
  std::shared_ptr<MemoryStore> Attach(const std::string& name) {
    auto store = std::make_shared<MemoryStore>();
    store->set_mdb(engine_->Attach(name, store));
    return store;
  }

  Decision Open(const Item& item, int32_t access = VSAPI_ACCESS_ON_DEMAND) {
    return engine_->Open(item, {.access = access});
  }
  std::future<Decision> OpenLater(const Item& item, const OpenOptions& how = {}) {
    return engine_->AsyncOpen(item, boost::asio::use_future, how);
  }
  static Decision Get(std::future<Decision>& future) {
    if (future.wait_for(kPatience) != std::future_status::ready) {
      ADD_FAILURE() << "no decision";
      return {};
    }
    return future.get();
  }

  uint64_t Count(const std::string& name) {
    for (const auto& [each, value] : engine_->Counters())
      if (each == name) return value;
    ADD_FAILURE() << "there is no counter \"" << name << '"';
    return 0;
  }
  uint64_t scans() { return Count("Virus Scan Files Scanned"); }
  uint32_t low_threads() {
    const Status status = engine_->Status();
    return status.threads - status.threads_high;
  }
  // Fills every thread that serves the low lane with a scan that waits at the gate.
  void HoldLowThreads() {
    const uint32_t threads = low_threads();
    const uint64_t before = gate_.entered();
    for (uint32_t i = 0; i < threads; ++i) {
      const std::string key = "held" + std::to_string(i);
      engine_->Submitted(store_->Put(key, "GATE low " + key));
      gate_.AwaitEntered(before + i + 1);
    }
  }
  // Fills every thread of the pool so, with clients that wait.
  std::vector<std::future<Decision>> HoldAllThreads() {
    const uint32_t threads = engine_->Status().threads;
    const uint64_t before = gate_.entered();
    std::vector<std::future<Decision>> clients;
    for (uint32_t i = 0; i < threads; ++i) {
      const std::string key = "held" + std::to_string(i);
      clients.push_back(OpenLater(store_->Put(key, "GATE high " + key)));
    }
    gate_.AwaitEntered(before + threads);
    return clients;
  }

  VendorGate gate_;
  std::string settings_file_;  // for Start; none
  std::shared_ptr<EventRecord> events_ = std::make_shared<EventRecord>();
  std::shared_ptr<MemoryStore> store_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_ENGINE_TEST_H_
