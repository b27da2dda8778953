// SPDX-License-Identifier: Apache-2.0
//
// Whatever a vendor answers, the report that the proxy makes of it keeps the rules that the engine
// relies on. The bytes are the answer: says_anything.cc reads them.
#include <algorithm>
#include <cstring>

#include "reports.h"
#include "vendor_proxy.h"

using namespace vsapi::engine;
using vsapi::fuzz::Require;

namespace {

class InMemory final : public ScanContent {
 public:
  explicit InMemory(std::string_view bytes) : bytes_(bytes) {}
  uint64_t size() const override { return bytes_.size(); }
  const void* data() const override { return bytes_.data(); }
  int32_t Read(uint64_t offset, void* buffer, size_t size, size_t* got) override {
    const size_t from = std::min<uint64_t>(offset, bytes_.size());
    *got = bytes_.copy(static_cast<char*>(buffer), size, from);
    return VSAPI_OK;
  }
  int32_t Property(uint32_t, uint32_t, vsapi_value*) override { return VSAPI_E_ABSENT; }

 private:
  const std::string_view bytes_;
};

// The proxy of a vendor that is started, for the whole run.
VendorProxy& ScriptedVendor() {
  static SystemClock clock;
  static EventLog silent(clock, nullptr);
  static VendorTimes times;
  static std::string problem;
  static const std::unique_ptr<VendorProxy> vendor = [] {
    auto library = VendorLibrary::Open(VSAPI_SAYS_ANYTHING, problem);
    Require(library != nullptr, problem.c_str());
    auto proxy = VendorProxy::Create(library, "", 1, clock, silent, times, problem);
    Require(proxy && proxy->Start(problem), problem.c_str());
    return proxy;
  }();
  return *vendor;
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  InMemory content(vsapi::fuzz::Bytes(data, size));
  const std::atomic<bool> cancelled = false;
  vsapi::fuzz::RequireRules(ScriptedVendor().Scan(0, {.content = content,
                                                      .cancelled = cancelled,
                                                      .number = 1,
                                                      .budget = std::chrono::seconds(60)}));
  return 0;
}
