// SPDX-License-Identifier: Apache-2.0
//
// One vendor call with nothing around it, in two ways: the DLL's own table called by hand, and the
// engine's vendor_proxy. Scan throws std::runtime_error unless the content is clean.
//
// Thread safety: each object is one thread's.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "event_log.h"
#include "vendor_library.h"
#include "vendor_proxy.h"

namespace vsapi::bench {

// A vendor instance, started, for so many sessions.
class DirectVendor {
 public:
  DirectVendor(const std::string& library, const std::string& parameters, uint32_t sessions);
  ~DirectVendor();
  DirectVendor(const DirectVendor&) = delete;
  DirectVendor& operator=(const DirectVendor&) = delete;
  vsapi_vendor* get() const { return vendor_; }

 private:
  const std::shared_ptr<engine::VendorLibrary> library_;
  vsapi_services services_ = {};
  vsapi_vendor* vendor_ = nullptr;
};

// One session.
class DirectCall {
 public:
  explicit DirectCall(std::shared_ptr<const DirectVendor> vendor);
  DirectCall(const std::string& library, const std::string& parameters)
      : DirectCall(std::make_shared<DirectVendor>(library, parameters, 1)) {}
  ~DirectCall();
  DirectCall(const DirectCall&) = delete;
  DirectCall& operator=(const DirectCall&) = delete;
  void Scan(std::string_view bytes);
  // VSAPI_VERDICT_...; VSAPI_VERDICT_NONE where the call failed.
  int32_t Judge(std::string_view bytes);

 private:
  const std::shared_ptr<const DirectVendor> vendor_;
  vsapi_session* session_ = nullptr;
};

class ProxyCall {
 public:
  ProxyCall(const std::string& library, const std::string& parameters);
  void Scan(std::string_view bytes);

 private:
  engine::SystemClock clock_;
  engine::VendorTimes times_;
  engine::EventLog events_{clock_, nullptr};
  std::unique_ptr<engine::VendorProxy> proxy_;
};

}  // namespace vsapi::bench
