// SPDX-License-Identifier: Apache-2.0
#include "support/vendor_harness.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace vsapi::test {
namespace {

constexpr uint64_t kMinute = 60'000'000'000;

[[noreturn]] void Throw(const std::string& what) { throw std::runtime_error(what); }

// The request and the result of one scan, with what their functions need behind them.
struct Request : vsapi_scan_request {
  explicit Request(const Script& wanted, Outcome* seen) : script(wanted), outcome(seen) {}
  const Script& script;
  Outcome* outcome;
};

struct Result : vsapi_scan_result {
  explicit Result(Outcome* seen) : outcome(seen) {}
  Outcome* outcome;
};

const Request& Of(const vsapi_scan_request* request) {
  return *static_cast<const Request*>(request);
}

Outcome& Of(vsapi_scan_result* result) { return *static_cast<Result*>(result)->outcome; }

int32_t Read(const vsapi_scan_request* request, uint64_t offset, void* buffer, size_t size,
             size_t* got) noexcept {
  const Script& script = Of(request).script;
  ++Of(request).outcome->reads;
  *got = 0;
  if (offset >= script.read_fails_at) return script.read_failure;
  if (offset >= script.content.size()) return VSAPI_OK;
  *got = std::min({size, script.longest_read, script.content.size() - static_cast<size_t>(offset),
                   static_cast<size_t>(script.read_fails_at - offset)});
  std::memcpy(buffer, script.content.data() + offset, *got);
  return VSAPI_OK;
}

int32_t Property(const vsapi_scan_request* request, uint32_t id, uint32_t index,
                 vsapi_value* value) noexcept {
  const auto& properties = Of(request).script.properties;
  const auto found = properties.find(id);
  if (found == properties.end() || index > 0) return VSAPI_E_ABSENT;
  value->type = VSAPI_TYPE_TEXT;
  value->text = found->second.c_str();
  value->text_size = found->second.size();
  return VSAPI_OK;
}

bool IsExpired(const Request& request) {
  return request.outcome->questions > request.script.expired_after;
}

int32_t IsCancelled(const vsapi_scan_request* request) noexcept {
  ++Of(request).outcome->questions;
  return IsExpired(Of(request)) ||
         Of(request).outcome->questions > Of(request).script.cancelled_after;
}

uint64_t RemainingNs(const vsapi_scan_request* request) noexcept {
  ++Of(request).outcome->questions;
  return IsExpired(Of(request)) ? 0 : kMinute;
}

int32_t AddFinding(vsapi_scan_result* result, const vsapi_finding* finding) noexcept {
  Of(result).findings.push_back(
      {finding->kind, finding->name, finding->part_path ? finding->part_path : ""});
  return VSAPI_OK;
}

int32_t SetText(vsapi_scan_result* result, const char* text) noexcept {
  Of(result).text = text;
  return VSAPI_OK;
}

int32_t WriteReplacement(vsapi_scan_result* result, const void* data, size_t size) noexcept {
  Of(result).replacement.append(static_cast<const char*>(data), size);
  return VSAPI_OK;
}

constexpr vsapi_scan_request_calls kRequestCalls{Read, Property, IsCancelled, RemainingNs};
constexpr vsapi_scan_result_calls kResultCalls{AddFinding, SetText, WriteReplacement};

void Fill(const Script& script, Request* request) {
  const bool by_content = script.declared_size == std::numeric_limits<uint64_t>::max();
  request->struct_size = sizeof(vsapi_scan_request);
  request->access = script.access;
  request->lane = script.lane;
  request->number = 1;
  request->size = by_content ? script.content.size() : script.declared_size;
  request->data = script.in_memory && !script.content.empty() ? script.content.data() : nullptr;
  request->budget_ns = static_cast<uint64_t>(script.budget.count());
  request->calls = &kRequestCalls;
}

std::string StatusName(int32_t status) {
  static const std::map<int32_t, std::string> kNames = {{VSAPI_OK, "ok"},
                                                        {VSAPI_E_BUSY, "busy"},
                                                        {VSAPI_E_READ_FAILED, "read failed"},
                                                        {VSAPI_E_TIMEOUT, "timeout"},
                                                        {VSAPI_E_CANCELLED, "cancelled"},
                                                        {VSAPI_E_INTERNAL, "internal"},
                                                        {VSAPI_E_CONTRACT, "contract"},
                                                        {VSAPI_E_NO_MEMORY, "no memory"},
                                                        {VSAPI_E_ARGUMENT, "argument"},
                                                        {VSAPI_E_STATE, "state"}};
  const auto found = kNames.find(status);
  return found == kNames.end() ? std::to_string(status) : found->second;
}

std::string VerdictName(int32_t verdict) {
  static constexpr const char* kNames[] = {
      "none",    "clean",          "clean-permanent", "cleaned",    "infected",  "suspicious",
      "blocked", "delete-message", "encrypted",       "over-limit", "malformed", "unsupported"};
  if (verdict < 0 || verdict >= static_cast<int32_t>(std::size(kNames)))
    return std::to_string(verdict);
  return kNames[verdict];
}

}  // namespace

LoadedVendor::LoadedVendor(const std::string& path) {
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) Throw(::dlerror());
  handle_.reset(handle, ::dlclose);
  entry_ = static_cast<const vsapi_entry*>(::dlsym(handle, VSAPI_ENTRY_SYMBOL));
  if (!entry_) Throw(path + " has no " VSAPI_ENTRY_SYMBOL);
  if (entry_->info->flags & VSAPI_VENDOR_KEEP_RESIDENT)
    ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

CapturingServices::CapturingServices()
    : vsapi_services{sizeof(vsapi_services), &CapturingServices::GetExtension} {}

const void* CapturingServices::GetExtension(const vsapi_services*, const char* id) noexcept {
  static constexpr vsapi_ext_log kLog{&CapturingServices::Write};
  return std::strcmp(id, VSAPI_EXT_LOG) == 0 ? &kLog : nullptr;
}

void CapturingServices::Write(const vsapi_services* services, int32_t severity,
                              const char* text) noexcept {
  const auto* self = static_cast<const CapturingServices*>(services);
  const std::lock_guard lock(self->mutex_);
  self->log_.push_back({severity, text});
}

std::vector<LogLine> CapturingServices::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

VendorInstance::VendorInstance(const LoadedVendor& library, const std::string& parameters,
                               uint32_t sessions) {
  const vsapi_create how{sizeof(vsapi_create), &services_, parameters.c_str(), sessions};
  create_status_ = library.entry().create(&how, &vendor_);
}

VendorInstance::~VendorInstance() {
  if (!vendor_) return;
  Stop();
  vendor_->table->destroy(vendor_);
}

int32_t VendorInstance::Start() {
  const int32_t status = vendor_->table->start(vendor_);
  started_ = started_ || status == VSAPI_OK;
  return status;
}

void VendorInstance::Stop() {
  if (started_) vendor_->table->stop(vendor_);
  started_ = false;
}

bool VendorInstance::Logged(int32_t severity, const std::string& part) const {
  return std::ranges::any_of(log(), [&](const LogLine& line) {
    return line.severity == severity && line.text.find(part) != std::string::npos;
  });
}

std::string VendorInstance::LogText() const {
  std::string all;
  for (const LogLine& line : log()) all += std::to_string(line.severity) + " " + line.text + "\n";
  return all;
}

std::vector<std::string> Outcome::names() const {
  std::vector<std::string> all;
  for (const Finding& finding : findings) all.push_back(finding.name);
  return all;
}

std::string Outcome::Describe() const {
  std::string all = StatusName(status) + ", " + VerdictName(verdict);
  for (const Finding& finding : findings) all += ", found " + finding.name;
  return text.empty() ? all : all + ", text: " + text;
}

VendorSession::VendorSession(const VendorInstance& instance) : vendor_(instance.get()) {
  const int32_t status = vendor_->table->open_session(vendor_, &session_);
  if (status != VSAPI_OK) Throw("the vendor refuses a session: " + StatusName(status));
}

VendorSession::~VendorSession() { vendor_->table->close_session(vendor_, session_); }

Outcome VendorSession::Scan(const Script& script) {
  Outcome outcome;
  Request request(script, &outcome);
  Fill(script, &request);
  Result result(&outcome);
  result.struct_size = sizeof(vsapi_scan_result);
  result.verdict = VSAPI_VERDICT_NONE;
  result.scope = VSAPI_SCOPE_CONTENT;
  result.calls = &kResultCalls;
  outcome.status = vendor_->table->scan(vendor_, session_, &request, &result);
  outcome.verdict = result.verdict;
  outcome.scope = result.scope;
  return outcome;
}

StartedVendor::StartedVendor(const std::string& path, const std::string& parameters)
    : library_(path), instance_(library_, parameters) {
  if (instance_.create_status() != VSAPI_OK)
    Throw("create returned " + StatusName(instance_.create_status()));
  if (const int32_t status = instance_.Start(); status != VSAPI_OK)
    Throw("start returned " + StatusName(status));
  session_ = std::make_unique<VendorSession>(instance_);
}

}  // namespace vsapi::test
