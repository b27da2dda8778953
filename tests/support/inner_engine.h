// SPDX-License-Identifier: Apache-2.0
//
// The fixture of tests that need the whole engine on a clock of their own: from inside, since the
// host contract has no clock.
#ifndef VSAPI_TESTS_SUPPORT_INNER_ENGINE_H_
#define VSAPI_TESTS_SUPPORT_INNER_ENGINE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine.h"
#include "support/gate.h"
#include "support/manual_clock.h"
#include "support/memory_store.h"
#include "support/recorded_events.h"

namespace vsapi::test {

class InnerEngineTest : public ::testing::Test {
 protected:
  using Overrides = std::vector<std::pair<std::string, std::string>>;

  // Whatever is still held at the vendor is let go before the engine ends.
  ~InnerEngineTest() override {
    gate_.LetAll();
    const bool ended = !engine_ || engine_->Shutdown(std::chrono::seconds(60));
    EXPECT_TRUE(ended);
  }

  // With a test vendor and one store; `settings` rule over the fixture's.
  void Start(const std::string& vendor, const Overrides& settings = {}) {
    engine::Engine::Options options;
    options.source.state_folder = state_folder_;
    options.source.overrides = {
        {"Enabled", "1"},
        {"Library", std::string(VSAPI_TEST_VENDORS_DIR) + "/" + vendor + ".so"},
        {"Parameters", gate_.parameters()}};
    options.source.overrides.insert(options.source.overrides.end(), settings.begin(),
                                    settings.end());
    options.on_event = recorded_.sink();
    std::string problem;
    engine_ = engine::Engine::Create(std::move(options), clock_, problem);
    ASSERT_NE(engine_, nullptr) << problem;
    store_ = std::make_shared<MemoryStore>();
    store_->set_mdb(engine_->Attach("mailbox store", detail::StoreAdapter::kTable,
                                    new std::shared_ptr<Store>(store_)));
  }

  std::future<Decision> OpenLater(const std::string& key, const std::string& content) {
    const Item item = store_->Put(key, content);
    auto promise = std::make_unique<std::promise<Decision>>();
    auto future = promise->get_future();
    engine_->on_demand().OpenAsync(
        engine::ItemSpan(&item, 1), {},
        [](void* context, const vsapi_decision* decisions, size_t) {
          const std::unique_ptr<std::promise<Decision>> mine(
              static_cast<std::promise<Decision>*>(context));
          mine->set_value(decisions[0]);
        },
        promise.release());
    return future;
  }
  Decision Open(const std::string& key, const std::string& content) {
    auto future = OpenLater(key, content);
    return Get(future);
  }
  static Decision Get(std::future<Decision>& future) {
    if (future.wait_for(kPatience) != std::future_status::ready) {
      ADD_FAILURE() << "no decision";
      return {};
    }
    return future.get();
  }

  // So many more scans that don't come back before the gate lets them.
  std::vector<std::future<Decision>> Hang(size_t scans, const std::string& content = "GATE ") {
    std::vector<std::future<Decision>> clients;
    for (size_t i = 0; i < scans; ++i) {
      const std::string key = "held" + std::to_string(held_++);
      clients.push_back(OpenLater(key, content + key));
    }
    gate_.AwaitEntered(held_);
    return clients;
  }
  vsapi_status_report Status() const {
    vsapi_status_report report = {};
    engine_->FillStatus(report);
    return report;
  }

  ManualClock clock_;
  VendorGate gate_;
  RecordedEvents recorded_;
  std::string state_folder_;  // for Start; none
  std::unique_ptr<engine::Engine> engine_;
  std::shared_ptr<MemoryStore> store_;

 private:
  size_t held_ = 0;
};

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_INNER_ENGINE_H_
