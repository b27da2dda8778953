// SPDX-License-Identifier: Apache-2.0
//
// One session's side of a scan: what the vendor's calls come back to. It lives as long as the
// session, so that a vendor that calls after its return meets a closed door, not freed memory;
// calls on another thread than the scan's are barred too.
//
// Thread safety: Open and Close by the thread that scans; the C functions by whoever the vendor
// lets call them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "clock.h"
#include "scan_request.h"
#include "scan_slots.h"
#include "vsapi/abi/vendor.h"

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
  vsapi_digest digest = {};
  uint64_t judge = 0;        // JudgeOf the generation
  ScanSlot* slot = nullptr;  // of the thread: notes that the vendor has it; null: not to be noted
};

// A worker process was lost over a scan.
struct VendorFault {
  std::string how;   // "died of signal 11 (Segmentation fault)"
  std::string step;  // what it did last
  std::string backtrace;
  bool is_worth_another_try = true;
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
  std::shared_ptr<const VendorFault> fault;  // null: none
  bool is_untried = false;                   // there was no process to scan it

  TimePoint called;  // the first time, and returned the last time; the epoch if it never was
  TimePoint returned;
  Duration in_vendor{};  // all tries together

  bool was_called() const { return called != TimePoint(); }
  const char* name() const { return findings.empty() ? "" : findings.front().name.c_str(); }
};

struct VendorCall {
  struct Request : vsapi_scan_request {
    VendorCall* call;
  };
  struct Result : vsapi_scan_result {
    VendorCall* call;
  };

  using Blame = std::function<void(const std::string& what)>;

  VendorCall(Clock& time, Blame by) : clock(time), blame(std::move(by)) {
    request.call = this;
    result.call = this;
  }
  VendorCall(const VendorCall&) = delete;
  VendorCall& operator=(const VendorCall&) = delete;

  static VendorCall& Of(const vsapi_scan_request* request) {
    return *static_cast<const Request*>(request)->call;
  }
  static VendorCall& Of(vsapi_scan_result* result) { return *static_cast<Result*>(result)->call; }

  void Open(const ScanJob& of, ScanReport& to, TimePoint now);
  void Close() { thread.store(std::thread::id(), std::memory_order_release); }
  bool IsBarred(const char* function) const;
  int32_t Refuse(int32_t status) {
    refused = status;
    return status;
  }
  // The first rule that was not kept in this scan.
  void Break(std::string rule) {
    if (broken.empty()) broken = std::move(rule);
  }

  static int32_t VSAPI_CALL ReadContent(const vsapi_scan_request* from, uint64_t offset,
                                        void* buffer, size_t size, size_t* got);
  static int32_t VSAPI_CALL ReadProperty(const vsapi_scan_request* from, uint32_t id,
                                         uint32_t index, vsapi_value* value);
  static int32_t VSAPI_CALL IsCancelled(const vsapi_scan_request* from);
  static uint64_t VSAPI_CALL RemainingNs(const vsapi_scan_request* from);
  static int32_t VSAPI_CALL AddFinding(vsapi_scan_result* to, const vsapi_finding* finding);
  static int32_t VSAPI_CALL SetText(vsapi_scan_result* to, const char* text);
  static int32_t VSAPI_CALL WriteReplacement(vsapi_scan_result* to, const void* data, size_t size);

  Clock& clock;
  const Blame blame;  // names the vendor for what it breaks
  vsapi_session* session = nullptr;
  Request request = {};
  Result result = {};
  std::atomic<std::thread::id> thread;  // that is inside the scan; none: the call is closed
  const ScanJob* job = nullptr;
  ScanReport* report = nullptr;
  TimePoint deadline;
  std::atomic<int32_t> refused = VSAPI_OK;  // why the vendor was told to stop, or a read was
                                            // refused: what it did not find, it did not look for
  bool has_replacement = false;
  bool lacks_some_replacement = false;  // some of it could not be kept
  std::string broken;
};

}  // namespace vsapi::engine
