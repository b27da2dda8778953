// SPDX-License-Identifier: Apache-2.0
//
// What the tests of engine/vendor_proxy and its parts share: real DLLs of tests/vendors behind a
// proxy, content that is scripted, and the events.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "support/gate.h"
#include "support/manual_clock.h"
#include "support/recorded_events.h"
#include "vendor_proxy.h"

namespace vsapi::engine {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Content whose reading the test scripts.
class ScriptedContent final : public ScanContent {
 public:
  explicit ScriptedContent(std::string bytes, bool in_memory = false)
      : bytes_(std::move(bytes)), in_memory_(in_memory) {}

  uint64_t size() const override { return bytes_.size(); }
  const void* data() const override { return in_memory_ ? bytes_.data() : nullptr; }
  int32_t Read(uint64_t offset, void* buffer, size_t size, size_t* got) override {
    ++reads;
    if (offset >= fails_at) return fails_by;
    const size_t end = std::min<uint64_t>(bytes_.size(), ends_at);
    *got = offset < end ? std::min({size, longest_read, end - static_cast<size_t>(offset)}) : 0;
    bytes_.copy(static_cast<char*>(buffer), *got, offset);
    *got += claims_more;
    return VSAPI_OK;
  }
  int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) override {
    if (id != VSAPI_PROPERTY_ATTACHMENT_NAME || index > 0 || name.empty()) return VSAPI_E_ABSENT;
    value->type = VSAPI_TYPE_TEXT;
    value->text = name.c_str();
    value->text_size = name.size();
    return VSAPI_OK;
  }

  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();
  size_t longest_read = std::numeric_limits<size_t>::max();
  uint64_t fails_at = kNever;
  int32_t fails_by = VSAPI_E_READ_FAILED;
  uint64_t ends_at = kNever;
  size_t claims_more = 0;
  std::string name;
  int reads = 0;

 private:
  const std::string bytes_;
  const bool in_memory_;
};

class VendorProxyTest : public ::testing::Test {
 protected:
  // Loads and creates; null with `problem_` filled.
  std::unique_ptr<VendorProxy> Create(const std::string& vendor, const std::string& parameters = "",
                                      size_t sessions = 2) {
    auto library = VendorLibrary::Open(VSAPI_TEST_VENDORS_DIR "/" + vendor + ".so", problem_);
    EXPECT_NE(library, nullptr) << problem_;
    return VendorProxy::Create(std::move(library), parameters, sessions, *clock_of_vendors_,
                               *events_, times_, problem_);
  }
  std::unique_ptr<VendorProxy> Started(const std::string& vendor,
                                       const std::string& parameters = "") {
    auto proxy = Create(vendor, parameters);
    EXPECT_TRUE(proxy && proxy->Start(problem_)) << problem_;
    return proxy;
  }
  ScanReport Scan(VendorProxy& vendor, ScanContent& content, size_t session = 0,
                  Lane lane = Lane::kHigh) {
    return vendor.Scan(session, {.content = content,
                                 .cancelled = cancelled_,
                                 .number = 1,
                                 .lane = lane,
                                 .budget = seconds(60)});
  }
  ScanReport ScanText(VendorProxy& vendor, const std::string& text) {
    ScriptedContent content(text);
    return Scan(vendor, content);
  }
  // All events so far, by ending the log.
  std::vector<test::RecordedEvent> Events() {
    events_.reset();
    return recorded_.all();
  }
  void ExpectBlamed(const std::vector<std::string>& texts) {
    std::vector<std::string> blamed;
    for (const auto& event : Events())
      if (event.id == EventId::kContractBroken) blamed.push_back(event.text);
    EXPECT_EQ(blamed, texts);
  }
  void ExpectBlamedNobody() { ExpectBlamed({}); }

  test::ManualClock clock_;
  Clock* clock_of_vendors_ = &clock_;
  VendorTimes times_;
  test::RecordedEvents recorded_;
  std::unique_ptr<EventLog> events_ = std::make_unique<EventLog>(clock_, recorded_.sink());
  std::atomic<bool> cancelled_ = false;
  std::string problem_;
};

}  // namespace vsapi::engine
