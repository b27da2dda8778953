// SPDX-License-Identifier: Apache-2.0
#include "one_call.h"

#include <atomic>
#include <cstring>
#include <stdexcept>

namespace vsapi::bench {
namespace {

void Require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

// The simplest engine there can be: nothing is checked, nothing is kept.
int32_t Read(const vsapi_scan_request* request, uint64_t offset, void* buffer, size_t size,
             size_t* got) {
  *got = offset < request->size ? std::min<uint64_t>(size, request->size - offset) : 0;
  if (*got > 0) std::memcpy(buffer, static_cast<const char*>(request->data) + offset, *got);
  return VSAPI_OK;
}
int32_t Property(const vsapi_scan_request*, uint32_t, uint32_t, vsapi_value*) {
  return VSAPI_E_ABSENT;
}
int32_t IsCancelled(const vsapi_scan_request*) { return 0; }
uint64_t RemainingNs(const vsapi_scan_request* request) { return request->budget_ns; }
int32_t AddFinding(vsapi_scan_result*, const vsapi_finding*) { return VSAPI_OK; }
int32_t SetText(vsapi_scan_result*, const char*) { return VSAPI_OK; }
int32_t WriteReplacement(vsapi_scan_result*, const void*, size_t) { return VSAPI_OK; }

constexpr vsapi_scan_request_calls kRequestCalls = {Read, Property, IsCancelled, RemainingNs};
constexpr vsapi_scan_result_calls kResultCalls = {AddFinding, SetText, WriteReplacement};
constexpr uint64_t kBudgetNs = 60'000'000'000;

class Bytes final : public engine::ScanContent {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  uint64_t size() const override { return bytes_.size(); }
  const void* data() const override { return bytes_.data(); }
  int32_t Read(uint64_t, void*, size_t, size_t*) override { return VSAPI_E_READ_FAILED; }
  int32_t Property(uint32_t, uint32_t, vsapi_value*) override { return VSAPI_E_ABSENT; }

 private:
  const std::string_view bytes_;
};

std::shared_ptr<engine::VendorLibrary> OpenLibrary(const std::string& path) {
  std::string problem;
  auto library = engine::VendorLibrary::Open(path, problem);
  Require(library != nullptr, problem);
  return library;
}

}  // namespace

DirectVendor::DirectVendor(const std::string& library, const std::string& parameters,
                           uint32_t sessions)
    : library_(OpenLibrary(library)) {
  services_.struct_size = sizeof services_;
  services_.get_extension = [](const vsapi_services*, const char*) -> const void* {
    return nullptr;
  };
  const vsapi_create how = {sizeof how, &services_, parameters.c_str(), sessions};
  Require(library_->entry().create(&how, &vendor_) == VSAPI_OK, "create failed: " + library);
  Require(vendor_->table->start(vendor_) == VSAPI_OK, "start failed: " + library);
}

DirectVendor::~DirectVendor() {
  vendor_->table->stop(vendor_);
  vendor_->table->destroy(vendor_);
}

DirectCall::DirectCall(std::shared_ptr<const DirectVendor> vendor) : vendor_(std::move(vendor)) {
  vsapi_vendor* const opened = vendor_->get();
  Require(opened->table->open_session(opened, &session_) == VSAPI_OK, "no session");
}

DirectCall::~DirectCall() { vendor_->get()->table->close_session(vendor_->get(), session_); }

void DirectCall::Scan(std::string_view bytes) {
  Require(Judge(bytes) == VSAPI_VERDICT_CLEAN, "not clean by the DLL");
}

int32_t DirectCall::Judge(std::string_view bytes) {
  const vsapi_scan_request request = {
      sizeof request, VSAPI_ACCESS_ON_DEMAND, VSAPI_LANE_HIGH, 1,
      bytes.size(),   bytes.data(),           kBudgetNs,       &kRequestCalls};
  vsapi_scan_result result = {sizeof result, VSAPI_VERDICT_NONE, VSAPI_SCOPE_CONTENT,
                              &kResultCalls};
  const int32_t status = vendor_->get()->table->scan(vendor_->get(), session_, &request, &result);
  return status == VSAPI_OK ? result.verdict : int32_t{VSAPI_VERDICT_NONE};
}

ProxyCall::ProxyCall(const std::string& library, const std::string& parameters) {
  std::string problem;
  proxy_ = engine::VendorProxy::Create(OpenLibrary(library), parameters, 1, clock_, events_, times_,
                                       problem);
  Require(proxy_ != nullptr && proxy_->Start(problem), problem);
}

void ProxyCall::Scan(std::string_view bytes) {
  Bytes content(bytes);
  const std::atomic<bool> cancelled = false;
  const engine::ScanReport report = proxy_->Scan(0, {.content = content,
                                                     .cancelled = cancelled,
                                                     .number = 1,
                                                     .budget = engine::Duration(kBudgetNs)});
  Require(report.status == VSAPI_OK && report.verdict == VSAPI_VERDICT_CLEAN,
          "not clean by the proxy");
}

}  // namespace vsapi::bench
