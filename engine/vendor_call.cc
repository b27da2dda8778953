// SPDX-License-Identifier: Apache-2.0
#include "vendor_call.h"

#include <algorithm>
#include <new>

#include "text.h"
#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {
namespace {

constexpr size_t kFindingsKept = 64;
constexpr size_t kTextLimit = 500;
constexpr size_t kReplacementLimit = size_t{1} << 30;

bool IsKnownKind(int32_t kind) {
  return kind >= VSAPI_FINDING_THREAT && kind <= VSAPI_FINDING_MALFORMED;
}

}  // namespace

void VendorCall::Open(const ScanJob& of, ScanReport& to, TimePoint now) {
  static constexpr vsapi_scan_request_calls kRequestCalls = {ReadContent, ReadProperty, IsCancelled,
                                                             RemainingNs};
  static constexpr vsapi_scan_result_calls kResultCalls = {AddFinding, SetText, WriteReplacement};
  job = &of;
  report = &to;
  deadline = now + of.budget;
  refused = VSAPI_OK;
  has_replacement = false;
  lacks_some_replacement = false;
  broken.clear();
  static_cast<vsapi_scan_request&>(request) = {sizeof(vsapi_scan_request),
                                               of.access,
                                               static_cast<int32_t>(of.lane),
                                               of.number,
                                               of.content.size(),
                                               of.content.data(),
                                               static_cast<uint64_t>(of.budget.count()),
                                               &kRequestCalls};
  static_cast<vsapi_scan_result&>(result) = {sizeof(vsapi_scan_result), VSAPI_VERDICT_NONE,
                                             VSAPI_SCOPE_CONTENT, &kResultCalls};
  thread.store(std::this_thread::get_id(), std::memory_order_release);
}

bool VendorCall::IsBarred(const char* function) const {
  const std::thread::id inside = thread.load(std::memory_order_acquire);
  if (inside == std::this_thread::get_id()) return false;
  const bool is_late = inside == std::thread::id();
  blame(std::string(function) + (is_late ? " was called after the scan had returned"
                                         : " was called on another thread than the scan"));
  return true;
}

int32_t VendorCall::ReadContent(const vsapi_scan_request* from, uint64_t offset, void* buffer,
                                size_t size, size_t* got) {
  VendorCall& self = Of(from);
  *got = 0;
  if (self.IsBarred("read")) return self.Refuse(VSAPI_E_CONTRACT);
  if (self.job->cancelled.load(std::memory_order_relaxed)) return self.Refuse(VSAPI_E_CANCELLED);
  if (offset >= self.request.size || size == 0) return VSAPI_OK;
  const int32_t status = self.job->content.Read(offset, buffer, size, got);
  if (status == VSAPI_OK && *got > 0 && *got <= size) return VSAPI_OK;
  *got = 0;
  return self.Refuse(VSAPI_E_READ_FAILED);
}

int32_t VendorCall::ReadProperty(const vsapi_scan_request* from, uint32_t id, uint32_t index,
                                 vsapi_value* value) {
  VendorCall& self = Of(from);
  if (self.IsBarred("property")) return VSAPI_E_CONTRACT;
  if (!VSAPI_HAS_FIELD(value, vsapi_value, integer)) return VSAPI_E_ARGUMENT;
  return self.job->content.Property(id, index, value);
}

uint64_t VendorCall::RemainingNs(const vsapi_scan_request* from) {
  const VendorCall& self = Of(from);
  if (self.IsBarred("remaining_ns")) return 0;
  return static_cast<uint64_t>(std::max(Duration{}, self.deadline - self.clock.Now()).count());
}

int32_t VendorCall::IsCancelled(const vsapi_scan_request* from) {
  VendorCall& self = Of(from);
  if (self.IsBarred("is_cancelled")) return self.Refuse(VSAPI_E_CONTRACT);
  if (self.job->cancelled.load(std::memory_order_relaxed)) return self.Refuse(VSAPI_E_CANCELLED);
  return self.clock.Now() < self.deadline ? 0 : self.Refuse(VSAPI_E_TIMEOUT);
}

int32_t VendorCall::AddFinding(vsapi_scan_result* to, const vsapi_finding* finding) {
  VendorCall& self = Of(to);
  if (self.IsBarred("add_finding")) return VSAPI_E_CONTRACT;
  if (finding == nullptr || !VSAPI_HAS_FIELD(finding, vsapi_finding, part_path)) {
    self.Break("a finding was not filled");
    return VSAPI_E_CONTRACT;
  }
  const std::string_view name = finding->name == nullptr ? "" : finding->name;
  if (name.empty()) self.Break("a finding has no name");
  if (name.size() >= VSAPI_FINDING_SIZE) self.Break("a finding's name is longer than 95 bytes");
  if (!IsUtf8(name)) self.Break("a finding's name is not UTF-8");
  if (!IsKnownKind(finding->kind))
    self.Break("a finding is of the unknown kind " + std::to_string(finding->kind));
  if (self.report->findings.size() >= kFindingsKept) {
    ++self.report->findings_dropped;
    return VSAPI_OK;
  }
  const std::string_view part = finding->part_path == nullptr ? "" : finding->part_path;
  try {
    self.report->findings.push_back(
        {IsKnownKind(finding->kind) ? finding->kind : VSAPI_FINDING_HEURISTIC,
         name.empty() ? "unnamed" : CleanLine(name, VSAPI_FINDING_SIZE - 1),
         CleanLine(part, kTextLimit)});
    return VSAPI_OK;
  } catch (const std::bad_alloc&) {
    self.Break("a finding could not be kept for lack of memory");
    return VSAPI_E_NO_MEMORY;
  }
}

int32_t VendorCall::SetText(vsapi_scan_result* to, const char* text) {
  VendorCall& self = Of(to);
  if (self.IsBarred("set_text")) return VSAPI_E_CONTRACT;
  try {
    if (text != nullptr) self.report->text = CleanLine(text, kTextLimit);
    return VSAPI_OK;
  } catch (const std::bad_alloc&) {
    return VSAPI_E_NO_MEMORY;
  }
}

int32_t VendorCall::WriteReplacement(vsapi_scan_result* to, const void* data, size_t size) {
  VendorCall& self = Of(to);
  if (self.IsBarred("write_replacement")) return VSAPI_E_CONTRACT;
  self.has_replacement = true;
  std::string& replacement = self.report->replacement;
  try {
    if (size > kReplacementLimit - replacement.size()) throw std::bad_alloc();
    replacement.append(static_cast<const char*>(data), size);
    return VSAPI_OK;
  } catch (const std::bad_alloc&) {
    self.lacks_some_replacement = true;
    return VSAPI_E_NO_MEMORY;
  }
}

}  // namespace vsapi::engine
