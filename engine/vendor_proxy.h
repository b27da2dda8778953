// SPDX-License-Identifier: Apache-2.0
//
// One vendor instance, and the only place that calls vendor tables. It keeps the life cycle, checks
// every answer against the contract, times every call, names the vendor for what it breaks, and
// turns whatever comes back into a report that the engine can trust.
//
// Thread safety: Start to Stop on the control thread, one call at a time; Scan from any number of
// threads, each with its own session, only between Start and Stop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clock.h"
#include "event_log.h"
#include "serial_gate.h"
#include "vendor.h"
#include "vendor_call.h"
#include "vendor_library.h"
#include "vendor_times.h"
#include "vsapi/abi/vsapi_vendor.h"

namespace vsapi::engine {

class VendorProxy final : public Vendor {
 public:
  // Creates the instance; null with `problem` filled if the vendor would not, or its table is not
  // whole.
  static std::unique_ptr<VendorProxy> Create(std::shared_ptr<VendorLibrary> library,
                                             const std::string& parameters, size_t sessions,
                                             Clock& clock, EventTaker& events, VendorTimes& times,
                                             std::string& problem);
  ~VendorProxy() override;  // closes what is open, stops, destroys
  VendorProxy(const VendorProxy&) = delete;
  VendorProxy& operator=(const VendorProxy&) = delete;

  // Starts the instance and opens all its sessions; false with `problem` filled.
  bool Start(std::string& problem);

  // The same in two steps, for an instance that is forked in between: the second one, in the child,
  // tells the vendor of that, and gives it `temp_folder`.
  bool StartAlone(std::string& problem);
  bool GoOnAfterFork(const std::string& temp_folder, std::string& problem);

  ScanReport Scan(size_t session, const ScanJob& job) override;
  ScanReport TestScan(const ScanJob& job) override;
  bool ReadSignatures(Signatures& signatures, std::string& problem) override;
  bool HasNewerSignatures() override;
  bool ReadPositiveSample(std::string& sample, std::string& problem) override;

  const std::string& name() const override { return name_; }
  bool is_serial() const override { return gate_ != nullptr; }
  size_t sessions() const override { return calls_.size(); }

 private:
  class Services;

  VendorProxy(std::shared_ptr<VendorLibrary> library, size_t sessions, Clock& clock,
              EventTaker& events, VendorTimes& times);
  bool CreateInstance(const std::string& parameters, std::string& problem);
  static const char* MissingFunction(const vsapi_vendor_table* table);
  const char* HalfExtension();
  bool OpenSessions(std::string& problem);
  // Makes what the vendor returned into a report that keeps the rules.
  void Check(int32_t status, VendorCall& call, ScanReport& report);
  void Blame(const std::string& what);
  int32_t CallScan(VendorCall& call);
  template <class F>
  int32_t Control(ControlCall which, F call);
  template <class F>
  void End(ControlCall which, F call);
  template <class F>
  auto Timed(ControlCall which, F call);
  void TellOfSlowness(ControlCall which, Duration took) noexcept;
  template <class Table>
  const Table* Extension(const char* id);

  const std::shared_ptr<VendorLibrary> library_;
  const std::string name_;
  Clock& clock_;
  EventTaker& events_;
  VendorTimes& times_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<SerialGate> gate_;  // null for a parallel vendor
  vsapi_vendor* vendor_ = nullptr;
  bool started_ = false;
  std::vector<std::unique_ptr<VendorCall>> calls_;  // one per session
};

}  // namespace vsapi::engine
