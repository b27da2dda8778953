// SPDX-License-Identifier: Apache-2.0
//
// One vendor instance, and the only place that calls vendor tables. It keeps the life cycle, checks
// every answer against the contract, times every call, names the vendor for what it breaks, and turns
// whatever comes back into a report that the engine can trust.
//
// Thread safety: Start to Stop on the control thread, one call at a time; Scan from any number of
// threads, each with its own session, only between Start and Stop.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "clock.h"
#include "event_log.h"
#include "scan_request.h"
#include "vendor_library.h"
#include "vsapi/abi/vsapi_vendor.h"

namespace vsapi::engine {

// Content as a scan reads it: by the store's hands, or from memory for a self-test.
class ScanContent {
 public:
  virtual ~ScanContent() = default;
  virtual uint64_t size() const = 0;
  virtual const void* data() const = 0;
  virtual int32_t Read(uint64_t offset, void* buffer, size_t size, size_t* got) = 0;
  virtual int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) = 0;
};

struct Finding {
  int32_t kind = VSAPI_FINDING_THREAT;
  std::string name;
  std::string part_path;
};

// What to scan and for whom; references outlive the call.
struct ScanJob {
  ScanContent& content;
  const std::atomic<bool>& cancelled;
  uint64_t number = 0;
  int32_t access = VSAPI_ACCESS_ON_DEMAND;
  Lane lane = Lane::kHigh;
  Duration budget{};
};

// How it went and what was found, checked: status VSAPI_OK has a known verdict other than none; an
// unknown status is VSAPI_E_INTERNAL, an unknown verdict suspicious.
struct ScanReport {
  int32_t status = VSAPI_E_INTERNAL;
  int32_t verdict = VSAPI_VERDICT_NONE;
  int32_t scope = VSAPI_SCOPE_CONTENT;
  std::vector<Finding> findings;
  size_t findings_dropped = 0;
  std::string text;
  std::string replacement;
  Duration vendor_time{};

  const char* name() const { return findings.empty() ? "" : findings.front().name.c_str(); }
};

class VendorProxy {
 public:
  // Creates the instance; null with `problem` filled if the vendor would not, or its table is not
  // whole.
  static std::unique_ptr<VendorProxy> Create(std::shared_ptr<VendorLibrary> library,
                                             const std::string& parameters, size_t sessions,
                                             Clock& clock, EventLog& events, std::string& problem);
  ~VendorProxy();  // closes what is open, stops, destroys
  VendorProxy(const VendorProxy&) = delete;
  VendorProxy& operator=(const VendorProxy&) = delete;

  // Starts the instance and opens all its sessions; false with `problem` filled.
  bool Start(std::string& problem);

  // [scan & started] Session numbers are 0 to `sessions` - 1.
  ScanReport Scan(size_t session, const ScanJob& job);

  // [control & started]
  struct Signatures {
    uint64_t version = 0;
    vsapi_digest digest = {};
    uint64_t count = 0;
    int64_t built_ns = 0;
  };
  bool ReadSignatures(Signatures& signatures, std::string& problem);
  bool HasNewerSignatures();
  // The vendor's own positive sample; empty if it has none.
  std::string PositiveSample();

  const std::string& name() const { return name_; }

 private:
  class Services;
  class SerialGate;

  VendorProxy(std::shared_ptr<VendorLibrary> library, size_t sessions, Clock& clock,
              EventLog& events);
  bool CreateInstance(const std::string& parameters, std::string& problem);
  // The first required function that the table lacks, or nothing.
  const char* MissingFunction() const;
  bool OpenSessions(std::string& problem);
  // Makes what the vendor returned into a report that keeps the rules.
  void Check(int32_t status, const vsapi_scan_result& result, ScanReport& report);
  void Blame(const ScanReport& report, const std::string& what);
  template <class Table>
  const Table* Extension(const char* id);

  const std::shared_ptr<VendorLibrary> library_;
  const std::string name_;
  Clock& clock_;
  EventLog& events_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<SerialGate> gate_;  // null for a parallel vendor
  vsapi_vendor* vendor_ = nullptr;
  bool started_ = false;
  std::vector<vsapi_session*> sessions_;
};

}  // namespace vsapi::engine
