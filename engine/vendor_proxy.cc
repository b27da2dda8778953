// SPDX-License-Identifier: Apache-2.0
#include "vendor_proxy.h"

#include <algorithm>

#include "text.h"
#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {
namespace {

constexpr size_t kFindingsKept = 64;
constexpr size_t kTextLimit = 500;
constexpr size_t kReplacementLimit = size_t{1} << 30;

std::string StatusText(int32_t status) {
  switch (status) {
    case VSAPI_OK: return "ok";
    case VSAPI_E_BUSY: return "busy";
    case VSAPI_E_READ_FAILED: return "read failed";
    case VSAPI_E_TIMEOUT: return "timed out";
    case VSAPI_E_CANCELLED: return "cancelled";
    case VSAPI_E_INTERNAL: return "internal error";
    case VSAPI_E_CONTRACT: return "contract broken";
    case VSAPI_E_NO_MEMORY: return "out of memory";
    default: return "status " + std::to_string(status);
  }
}

bool IsKnownStatus(int32_t status) {
  return status == VSAPI_OK || (status >= VSAPI_E_BUSY && status <= VSAPI_E_CANCELLED) ||
         (status >= VSAPI_E_INTERNAL && status <= VSAPI_E_NO_MEMORY);
}

bool IsKnownVerdict(int32_t verdict) {
  return verdict > VSAPI_VERDICT_NONE && verdict <= VSAPI_VERDICT_UNSUPPORTED;
}

// Which role the calling thread has now, and for which instance.
struct CurrentCall {
  const vsapi_services* services = nullptr;
  bool is_scan = false;
};
thread_local CurrentCall current_call;

class InCall {
 public:
  InCall(const vsapi_services& services, bool is_scan) : before_(current_call) {
    current_call = {&services, is_scan};
  }
  ~InCall() { current_call = before_; }
  InCall(const InCall&) = delete;
  InCall& operator=(const InCall&) = delete;

 private:
  const CurrentCall before_;
};

// The engine's side of a request: what the vendor's calls come back to.
struct Request : vsapi_scan_request {
  ScanContent* content;
  const std::atomic<bool>* cancelled;
  Clock* clock;
  TimePoint deadline;
  mutable bool read_failed;

  static const Request& Of(const vsapi_scan_request* request) {
    return *static_cast<const Request*>(request);
  }
};

int32_t VSAPI_CALL ReadContent(const vsapi_scan_request* request, uint64_t offset, void* buffer,
                               size_t size, size_t* got) {
  const Request& self = Request::Of(request);
  *got = 0;
  if (self.cancelled->load(std::memory_order_relaxed)) return VSAPI_E_CANCELLED;
  if (offset >= self.size || size == 0) return VSAPI_OK;
  const int32_t status = self.content->Read(offset, buffer, size, got);
  if (status == VSAPI_OK && *got > 0 && *got <= size) return VSAPI_OK;
  self.read_failed = true;
  *got = 0;
  return VSAPI_E_READ_FAILED;
}

int32_t VSAPI_CALL ReadProperty(const vsapi_scan_request* request, uint32_t id, uint32_t index,
                                vsapi_value* value) {
  if (!VSAPI_HAS_FIELD(value, vsapi_value, integer)) return VSAPI_E_ARGUMENT;
  return Request::Of(request).content->Property(id, index, value);
}

uint64_t VSAPI_CALL RemainingNs(const vsapi_scan_request* request) {
  const Request& self = Request::Of(request);
  return static_cast<uint64_t>(std::max(Duration{}, self.deadline - self.clock->Now()).count());
}

int32_t VSAPI_CALL IsCancelled(const vsapi_scan_request* request) {
  return Request::Of(request).cancelled->load(std::memory_order_relaxed) || RemainingNs(request) == 0;
}

constexpr vsapi_scan_request_calls kRequestCalls = {ReadContent, ReadProperty, IsCancelled,
                                                    RemainingNs};

// The engine's side of a result. `broken` keeps the first rule that was not kept.
struct Result : vsapi_scan_result {
  ScanReport* report;
  bool has_replacement;
  bool replacement_refused;
  std::string broken;

  static Result& Of(vsapi_scan_result* result) { return *static_cast<Result*>(result); }
  void Break(const char* rule) {
    if (broken.empty()) broken = rule;
  }
};

int32_t VSAPI_CALL AddFinding(vsapi_scan_result* result, const vsapi_finding* finding) {
  Result& self = Result::Of(result);
  if (finding == nullptr || !VSAPI_HAS_FIELD(finding, vsapi_finding, part_path)) {
    self.Break("a finding was not filled");
    return VSAPI_E_CONTRACT;
  }
  const std::string_view name = finding->name == nullptr ? "" : finding->name;
  if (name.empty()) self.Break("a finding has no name");
  if (name.size() >= VSAPI_FINDING_SIZE) self.Break("a finding's name is longer than 95 bytes");
  if (!IsUtf8(name)) self.Break("a finding's name is not UTF-8");
  if (self.report->findings.size() >= kFindingsKept) {
    ++self.report->findings_dropped;
    return VSAPI_OK;
  }
  const std::string_view part = finding->part_path == nullptr ? "" : finding->part_path;
  self.report->findings.push_back({finding->kind,
                                   name.empty() ? "unnamed" : CleanLine(name, VSAPI_FINDING_SIZE - 1),
                                   CleanLine(part, kTextLimit)});
  return VSAPI_OK;
}

int32_t VSAPI_CALL SetText(vsapi_scan_result* result, const char* text) {
  if (text != nullptr) Result::Of(result).report->text = CleanLine(text, kTextLimit);
  return VSAPI_OK;
}

int32_t VSAPI_CALL WriteReplacement(vsapi_scan_result* result, const void* data, size_t size) {
  Result& self = Result::Of(result);
  std::string& replacement = self.report->replacement;
  const bool refused_before = self.replacement_refused;
  self.has_replacement = true;
  self.replacement_refused = true;
  if (size > kReplacementLimit - replacement.size()) return VSAPI_E_NO_MEMORY;
  try {
    replacement.append(static_cast<const char*>(data), size);
  } catch (const std::bad_alloc&) {
    return VSAPI_E_NO_MEMORY;
  }
  self.replacement_refused = refused_before;
  return VSAPI_OK;
}

constexpr vsapi_scan_result_calls kResultCalls = {AddFinding, SetText, WriteReplacement};

}  // namespace

// What this instance sees of the engine.
class VendorProxy::Services : public vsapi_services {
 public:
  Services(EventLog& events, std::string vendor) : events_(events), vendor_(std::move(vendor)) {
    struct_size = sizeof(vsapi_services);
    get_extension = GetExtension;
  }

 private:
  static const void* VSAPI_CALL GetExtension(const vsapi_services*, const char* id) {
    static constexpr vsapi_ext_log kLog = {Write};
    static constexpr vsapi_ext_thread_check kThreadCheck = {IsControl, IsScan};
    const std::string_view wanted = id == nullptr ? "" : id;
    if (wanted == VSAPI_EXT_LOG) return &kLog;
    if (wanted == VSAPI_EXT_THREAD_CHECK) return &kThreadCheck;
    return nullptr;
  }
  static void VSAPI_CALL Write(const vsapi_services* services, int32_t severity, const char* text) {
    const auto& self = *static_cast<const Services*>(services);
    if (text == nullptr) return;
    self.events_.Log(EventId::kVendorSays,
                     std::clamp<int32_t>(severity, VSAPI_SEVERITY_DEBUG, VSAPI_SEVERITY_ERROR),
                     self.vendor_ + ": " + CleanLine(text, 1000), {{"vendor", self.vendor_}});
  }
  static int32_t VSAPI_CALL IsControl(const vsapi_services* services) {
    return current_call.services == services && !current_call.is_scan;
  }
  static int32_t VSAPI_CALL IsScan(const vsapi_services* services) {
    return current_call.services == services && current_call.is_scan;
  }

  EventLog& events_;
  const std::string vendor_;
};

// Lets the scans of a serial vendor in one by one, high lane first.
class VendorProxy::SerialGate {
 public:
  void Enter(Lane lane) {
    const MutexLock lock(mutex_);
    const bool high = lane == Lane::kHigh;
    if (high) ++high_waiting_;
    while (busy_ || (!high && high_waiting_ > 0)) left_.Wait(mutex_);
    if (high) --high_waiting_;
    busy_ = true;
  }
  void Leave() {
    {
      const MutexLock lock(mutex_);
      busy_ = false;
    }
    left_.NotifyAll();
  }

 private:
  Mutex mutex_;
  CondVar left_;
  bool busy_ VSAPI_GUARDED_BY(mutex_) = false;
  size_t high_waiting_ VSAPI_GUARDED_BY(mutex_) = 0;
};

VendorProxy::VendorProxy(std::shared_ptr<VendorLibrary> library, size_t sessions, Clock& clock,
                         EventLog& events)
    : library_(std::move(library)),
      name_(library_->entry().info->name),
      clock_(clock),
      events_(events),
      services_(std::make_unique<Services>(events, name_)),
      gate_(library_->serial() ? std::make_unique<SerialGate>() : nullptr),
      sessions_(sessions) {}

std::unique_ptr<VendorProxy> VendorProxy::Create(std::shared_ptr<VendorLibrary> library,
                                                 const std::string& parameters, size_t sessions,
                                                 Clock& clock, EventLog& events,
                                                 std::string& problem) {
  std::unique_ptr<VendorProxy> proxy(new VendorProxy(std::move(library), sessions, clock, events));
  if (!proxy->CreateInstance(parameters, problem)) return nullptr;
  return proxy;
}

bool VendorProxy::CreateInstance(const std::string& parameters, std::string& problem) {
  const InCall call(*services_, false);
  vsapi_create how = {};
  how.struct_size = sizeof how;
  how.services = services_.get();
  how.parameters = parameters.c_str();
  how.sessions = static_cast<uint32_t>(sessions_.size());
  vsapi_vendor* vendor = nullptr;
  const int32_t status = library_->entry().create(&how, &vendor);
  if (status != VSAPI_OK || vendor == nullptr) {
    problem = name_ + " could not be created (" + StatusText(status) + ")";
    return false;
  }
  vendor_ = vendor;
  const char* missing = MissingFunction();
  if (missing == nullptr) return true;
  problem = name_ + " breaks the contract: its table has no " + missing + " function";
  if (vendor_->table == nullptr || vendor_->table->destroy == nullptr) vendor_ = nullptr;
  return false;
}

const char* VendorProxy::MissingFunction() const {
  const vsapi_vendor_table none = {};
  const vsapi_vendor_table& table = vendor_->table == nullptr ? none : *vendor_->table;
  if (table.start == nullptr) return "start";
  if (table.stop == nullptr) return "stop";
  if (table.destroy == nullptr) return "destroy";
  if (table.open_session == nullptr) return "open_session";
  if (table.close_session == nullptr) return "close_session";
  return table.scan == nullptr ? "scan" : nullptr;
}

bool VendorProxy::Start(std::string& problem) {
  const InCall call(*services_, false);
  const int32_t status = vendor_->table->start(vendor_);
  started_ = status == VSAPI_OK;
  if (!started_) problem = name_ + " could not be started (" + StatusText(status) + ")";
  return started_ && OpenSessions(problem);
}

bool VendorProxy::OpenSessions(std::string& problem) {
  for (vsapi_session*& session : sessions_) {
    vsapi_session* opened = nullptr;
    const int32_t status = vendor_->table->open_session(vendor_, &opened);
    if (status != VSAPI_OK || opened == nullptr) {
      problem = name_ + " could not open session " + std::to_string(&session - sessions_.data() + 1) +
                " of " + std::to_string(sessions_.size()) + " (" + StatusText(status) + ")";
      return false;
    }
    session = opened;
  }
  return true;
}

VendorProxy::~VendorProxy() {
  if (vendor_ == nullptr) return;
  const InCall call(*services_, false);
  for (vsapi_session* session : sessions_)
    if (session != nullptr) vendor_->table->close_session(vendor_, session);
  if (started_) vendor_->table->stop(vendor_);
  vendor_->table->destroy(vendor_);
}

ScanReport VendorProxy::Scan(size_t session, const ScanJob& job) {
  if (gate_) gate_->Enter(job.lane);
  ScanReport report;
  const TimePoint begin = clock_.Now();

  Request request = {};
  request.struct_size = sizeof(vsapi_scan_request);
  request.access = job.access;
  request.lane = static_cast<int32_t>(job.lane);
  request.number = job.number;
  request.size = job.content.size();
  request.data = job.content.data();
  request.budget_ns = static_cast<uint64_t>(job.budget.count());
  request.calls = &kRequestCalls;
  request.content = &job.content;
  request.cancelled = &job.cancelled;
  request.clock = &clock_;
  request.deadline = begin + job.budget;

  Result result = {};
  result.struct_size = sizeof(vsapi_scan_result);
  result.calls = &kResultCalls;
  result.report = &report;

  int32_t status;
  {
    const InCall call(*services_, true);
    status = vendor_->table->scan(vendor_, sessions_[session], &request, &result);
  }
  report.vendor_time = clock_.Now() - begin;
  if (gate_) gate_->Leave();

  if (request.read_failed && status == VSAPI_OK) status = VSAPI_E_READ_FAILED;
  const bool cleaned = result.verdict == VSAPI_VERDICT_CLEANED;
  if (result.has_replacement != cleaned && status == VSAPI_OK)
    result.Break("a replacement and the verdict \"cleaned\" go together");
  if (result.replacement_refused && cleaned && status == VSAPI_OK)
    result.Break("it says cleaned although its replacement was refused");
  if (!result.broken.empty()) Blame(report, result.broken);
  Check(status, result, report);
  return report;
}

void VendorProxy::Check(int32_t status, const vsapi_scan_result& result, ScanReport& report) {
  report.status = IsKnownStatus(status) ? status : static_cast<int32_t>(VSAPI_E_INTERNAL);
  if (report.status != status) Blame(report, "it returned an unknown " + StatusText(status));
  if (report.status != VSAPI_OK) return;
  if (result.verdict == VSAPI_VERDICT_NONE) {
    Blame(report, "it returned ok without a verdict");
    report.status = VSAPI_E_CONTRACT;
    return;
  }
  report.verdict = result.verdict;
  if (!IsKnownVerdict(result.verdict)) {
    Blame(report, "it returned the unknown verdict " + std::to_string(result.verdict));
    report.verdict = VSAPI_VERDICT_SUSPICIOUS;
  }
  // Cleaned without a whole replacement leaves the threat in place; the other way round it is not
  // asked for.
  const auto& self = static_cast<const Result&>(result);
  const bool replaced = self.has_replacement && !self.replacement_refused;
  if (report.verdict == VSAPI_VERDICT_CLEANED && !replaced) report.verdict = VSAPI_VERDICT_INFECTED;
  if (report.verdict != VSAPI_VERDICT_CLEANED) report.replacement.clear();
  report.scope = result.scope == VSAPI_SCOPE_CONTENT ? VSAPI_SCOPE_CONTENT : VSAPI_SCOPE_ITEM;
}

void VendorProxy::Blame(const ScanReport& report, const std::string& what) {
  events_.Log(EventId::kContractBroken, name_ + " breaks the contract: " + what,
              {{"vendor", name_}, {"finding", report.name()}});
}

template <class Table>
const Table* VendorProxy::Extension(const char* id) {
  if (vendor_->table->get_extension == nullptr) return nullptr;
  return static_cast<const Table*>(vendor_->table->get_extension(vendor_, id));
}

bool VendorProxy::ReadSignatures(Signatures& signatures, std::string& problem) {
  const InCall call(*services_, false);
  signatures.version = library_->entry().info->version;
  const auto* extension = Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  if (extension == nullptr) return true;
  if (extension->identity == nullptr || extension->poll == nullptr) {
    problem = name_ + " breaks the contract: its " VSAPI_EXT_SIGNATURES " lacks a function";
    return false;
  }
  vsapi_signatures_identity identity = {};
  identity.struct_size = sizeof identity;
  const int32_t status = extension->identity(vendor_, &identity);
  if (status != VSAPI_OK) {
    problem = name_ + " could not tell its definitions (" + StatusText(status) + ")";
    return false;
  }
  signatures.version = identity.version;
  std::copy(std::begin(identity.digest), std::end(identity.digest), signatures.digest.bytes);
  signatures.count = identity.count;
  signatures.built_ns = identity.built_ns;
  return true;
}

bool VendorProxy::HasNewerSignatures() {
  const InCall call(*services_, false);
  const auto* extension = Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  if (extension == nullptr || extension->poll == nullptr) return false;
  int32_t newer = 0;
  return extension->poll(vendor_, &newer) == VSAPI_OK && newer != 0;
}

std::string VendorProxy::PositiveSample() {
  const InCall call(*services_, false);
  const auto* extension = Extension<vsapi_ext_self_test>(VSAPI_EXT_SELF_TEST);
  if (extension == nullptr || extension->positive_sample == nullptr) return "";
  const void* data = nullptr;
  size_t size = 0;
  if (extension->positive_sample(vendor_, &data, &size) != VSAPI_OK || data == nullptr) return "";
  return {static_cast<const char*>(data), size};
}

}  // namespace vsapi::engine
