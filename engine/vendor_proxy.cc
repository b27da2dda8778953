// SPDX-License-Identifier: Apache-2.0
#include "vendor_proxy.h"

#include <cxxabi.h>

#include <algorithm>

#include "text.h"
#include "vendor_call.h"
#include "vsapi/host/vsapi_host.h"
#include "words.h"

namespace vsapi::engine {
namespace {

bool IsThreat(int32_t verdict) {
  return verdict == VSAPI_VERDICT_INFECTED || verdict == VSAPI_VERDICT_DELETE_MESSAGE;
}

bool IsClean(int32_t verdict) {
  return verdict == VSAPI_VERDICT_CLEAN || verdict == VSAPI_VERDICT_CLEAN_PERMANENT;
}

bool HasThreat(const ScanReport& report) {
  return std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& finding) {
    return finding.kind == VSAPI_FINDING_THREAT || finding.kind == VSAPI_FINDING_HEURISTIC;
  });
}

// Which role the calling thread has now, and for which instance.
struct CurrentCall {
  const vsapi_services* services = nullptr;
  bool is_scan = false;
};
thread_local CurrentCall current_call;

// While the vendor has it, the thread's slot says so.
class Noted {
 public:
  Noted(const ScanJob& job, TimePoint now) : slot_(job.slot) {
    if (slot_ != nullptr) slot_->Enter({job.digest, job.judge, job.number, now, now + job.budget});
  }
  ~Noted() {
    if (slot_ != nullptr) slot_->Leave();
  }
  Noted(const Noted&) = delete;
  Noted& operator=(const Noted&) = delete;

 private:
  ScanSlot* const slot_;
};

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

}  // namespace

// What this instance sees of the engine.
class VendorProxy::Services : public vsapi_services {
 public:
  Services(EventTaker& events, std::string vendor) : events_(events), vendor_(std::move(vendor)) {
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
    try {
      self.events_.Log(EventId::kVendorSays,
                       std::clamp<int32_t>(severity, VSAPI_SEVERITY_DEBUG, VSAPI_SEVERITY_ERROR),
                       self.vendor_ + ": " + CleanLine(text, 1000), {{"vendor", self.vendor_}});
    } catch (const std::bad_alloc&) {
      return;  // lines may be dropped
    }
  }
  static int32_t VSAPI_CALL IsControl(const vsapi_services* services) {
    return current_call.services == services && !current_call.is_scan;
  }
  static int32_t VSAPI_CALL IsScan(const vsapi_services* services) {
    return current_call.services == services && current_call.is_scan;
  }

  EventTaker& events_;
  const std::string vendor_;
};

// Calls the vendor on the control thread. What it throws breaks the contract and goes no further.
template <class F>
int32_t VendorProxy::Control(ControlCall which, F call) {
  const InCall in_call(*services_, false);
  return Timed(which, [&]() -> int32_t {
    try {
      return call();
    } catch (const abi::__forced_unwind&) {
      throw;
    } catch (...) {
      Blame(std::string(NameOf(which)) + " threw an exception");
      return VSAPI_E_CONTRACT;
    }
  });
}

template <class F>
auto VendorProxy::Timed(ControlCall which, F call) {
  times_.Begin(which, clock_.Now());
  auto result = call();
  const Duration took = times_.End(which, clock_.Now());
  if (took > BoundOf(which)) TellOfSlowness(which, took);
  return result;
}

// At the end of an instance too: nothing may be thrown.
void VendorProxy::TellOfSlowness(ControlCall which, Duration took) noexcept try {
  const auto in_ms = [](Duration time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
  };
  events_.Log(EventId::kVendorSlow, "",
              {{"vendor", name_},
               {"call", NameOf(which)},
               {"milliseconds", in_ms(took)},
               {"bound", in_ms(BoundOf(which))}});
} catch (const std::bad_alloc&) {
  return;  // the times tell it
}

template <class Table>
const Table* VendorProxy::Extension(const char* id) {
  const void* table = nullptr;
  if (vendor_->table->get_extension == nullptr) return nullptr;
  Control(ControlCall::kGetExtension, [&] {
    table = vendor_->table->get_extension(vendor_, id);
    return VSAPI_OK;
  });
  return static_cast<const Table*>(table);
}

VendorProxy::VendorProxy(std::shared_ptr<VendorLibrary> library, size_t sessions, Clock& clock,
                         EventTaker& events, VendorTimes& times)
    : library_(std::move(library)),
      name_(library_->entry().info->name),
      clock_(clock),
      events_(events),
      times_(times),
      services_(std::make_unique<Services>(events, name_)),
      gate_(library_->serial() ? std::make_unique<SerialGate>() : nullptr) {
  const VendorCall::Blame blame = [this](const std::string& what) { Blame(what); };
  for (size_t i = 0; i < sessions; ++i)
    calls_.push_back(std::make_unique<VendorCall>(clock, blame));
}

std::unique_ptr<VendorProxy> VendorProxy::Create(std::shared_ptr<VendorLibrary> library,
                                                 const std::string& parameters, size_t sessions,
                                                 Clock& clock, EventTaker& events,
                                                 VendorTimes& times, std::string& problem) {
  std::unique_ptr<VendorProxy> proxy(
      new VendorProxy(std::move(library), sessions, clock, events, times));
  if (!proxy->CreateInstance(parameters, problem)) return nullptr;
  return proxy;
}

bool VendorProxy::CreateInstance(const std::string& parameters, std::string& problem) {
  vsapi_create how = {};
  how.struct_size = sizeof how;
  how.services = services_.get();
  how.parameters = parameters.c_str();
  how.sessions = static_cast<uint32_t>(calls_.size());
  vsapi_vendor* vendor = nullptr;
  const int32_t status =
      Control(ControlCall::kCreate, [&] { return library_->entry().create(&how, &vendor); });
  if (status != VSAPI_OK || vendor == nullptr) {
    problem = name_ + " could not be created (" + StatusText(status) + ")";
    return false;
  }
  vendor_ = vendor;
  if (const char* missing = MissingFunction(vendor->table)) {
    problem = name_ + " breaks the contract: its table has no " + missing + " function";
    if (vendor->table == nullptr || vendor->table->destroy == nullptr) vendor_ = nullptr;
    return false;
  }
  if (const char* half = HalfExtension()) {
    problem = name_ + " breaks the contract: its " + half + " lacks a function";
    return false;
  }
  return true;
}

const char* VendorProxy::MissingFunction(const vsapi_vendor_table* table) {
  if (table == nullptr) return "start";
  if (table->start == nullptr) return "start";
  if (table->stop == nullptr) return "stop";
  if (table->destroy == nullptr) return "destroy";
  if (table->open_session == nullptr) return "open_session";
  if (table->close_session == nullptr) return "close_session";
  return table->scan == nullptr ? "scan" : nullptr;
}

const char* VendorProxy::HalfExtension() {
  const auto* signatures = Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  if (signatures && (!signatures->identity || !signatures->poll)) return VSAPI_EXT_SIGNATURES;
  const auto* self_test = Extension<vsapi_ext_self_test>(VSAPI_EXT_SELF_TEST);
  if (self_test && !self_test->positive_sample) return VSAPI_EXT_SELF_TEST;
  const auto* fork = Extension<vsapi_ext_fork>(VSAPI_EXT_FORK);
  return fork && !fork->after_fork ? VSAPI_EXT_FORK : nullptr;
}

bool VendorProxy::Start(std::string& problem) {
  return StartAlone(problem) && OpenSessions(problem);
}

bool VendorProxy::StartAlone(std::string& problem) {
  const int32_t status =
      Control(ControlCall::kStart, [&] { return vendor_->table->start(vendor_); });
  started_ = status == VSAPI_OK;
  if (!started_) problem = name_ + " could not be started (" + StatusText(status) + ")";
  return started_;
}

bool VendorProxy::GoOnAfterFork(const std::string& temp_folder, std::string& problem) {
  const auto* fork = Extension<vsapi_ext_fork>(VSAPI_EXT_FORK);
  const int32_t status =
      fork == nullptr ? static_cast<int32_t>(VSAPI_OK) : Control(ControlCall::kOpenSession, [&] {
        return fork->after_fork(vendor_, temp_folder.c_str());
      });
  if (status != VSAPI_OK)
    problem = name_ + " could not be carried into a worker (" + StatusText(status) + ")";
  return status == VSAPI_OK && OpenSessions(problem);
}

bool VendorProxy::OpenSessions(std::string& problem) {
  for (size_t i = 0; i < calls_.size(); ++i) {
    vsapi_session* opened = nullptr;
    const int32_t status = Control(ControlCall::kOpenSession,
                                   [&] { return vendor_->table->open_session(vendor_, &opened); });
    if (status != VSAPI_OK || opened == nullptr) {
      problem = name_ + " could not open session " + std::to_string(i + 1) + " of " +
                std::to_string(calls_.size()) + " (" + StatusText(status) + ")";
      return false;
    }
    calls_[i]->session = opened;
  }
  return true;
}

VendorProxy::~VendorProxy() {
  if (vendor_ == nullptr) return;
  for (const auto& each : calls_)
    if (each->session != nullptr)
      End(ControlCall::kCloseSession,
          [&] { vendor_->table->close_session(vendor_, each->session); });
  if (started_) End(ControlCall::kStop, [&] { vendor_->table->stop(vendor_); });
  End(ControlCall::kDestroy, [&] { vendor_->table->destroy(vendor_); });
}

template <class F>
void VendorProxy::End(ControlCall which, F call) {
  Control(which, [&] {
    call();
    return VSAPI_OK;
  });
}

ScanReport VendorProxy::TestScan(const ScanJob& job) {
  return Timed(ControlCall::kSelfTest, [&] { return Scan(0, job); });
}

ScanReport VendorProxy::Scan(size_t session, const ScanJob& job) {
  VendorCall& call = *calls_[session];
  ScanReport report;
  const SerialGate::Pass pass(gate_.get(), job.lane, job.cancelled);
  if (!pass.is_in()) {
    report.status = VSAPI_E_CANCELLED;
    return report;
  }
  report.called = clock_.Now();
  call.Open(job, report, report.called);
  int32_t status;
  {
    const Noted noted(job, report.called);
    status = CallScan(call);
  }
  call.Close();
  report.returned = clock_.Now();
  report.in_vendor = report.returned - report.called;
  Check(status, call, report);
  return report;
}

int32_t VendorProxy::CallScan(VendorCall& call) {
  const InCall in_call(*services_, true);
  try {
    return vendor_->table->scan(vendor_, call.session, &call.request, &call.result);
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {
    call.Break("scan threw an exception");
    return VSAPI_E_CONTRACT;
  }
}

void VendorProxy::Check(int32_t status, VendorCall& call, ScanReport& report) {
  int32_t verdict = call.result.verdict;
  // What was found stands, what was not wholly read is nothing else.
  if (status == VSAPI_OK && !IsThreat(verdict)) status = call.refused.load();
  if (status == VSAPI_OK && IsClean(verdict) && HasThreat(report)) {
    call.Break("it found a threat and calls the content clean");
    verdict = VSAPI_VERDICT_SUSPICIOUS;
  }
  if (status == VSAPI_OK && call.has_replacement != (verdict == VSAPI_VERDICT_CLEANED))
    call.Break("a replacement and the verdict \"cleaned\" go together");
  if (status == VSAPI_OK && verdict == VSAPI_VERDICT_CLEANED && call.lacks_some_replacement)
    call.Break("it says cleaned although its replacement was refused");
  if (status == VSAPI_OK && verdict == VSAPI_VERDICT_NONE)
    call.Break("it returned ok without a verdict");
  else if (status == VSAPI_OK && !IsKnownVerdict(verdict))
    call.Break("it returned the unknown verdict " + std::to_string(verdict));
  const bool knows_scope =
      call.result.scope == VSAPI_SCOPE_CONTENT || call.result.scope == VSAPI_SCOPE_ITEM;
  if (status == VSAPI_OK && !knows_scope)
    call.Break("it returned the unknown scope " + std::to_string(call.result.scope));
  if (!IsKnownStatus(status)) call.Break("it returned an unknown " + StatusText(status));
  if (!call.broken.empty()) Blame(call.broken);
  report.status = IsKnownStatus(status) ? status : static_cast<int32_t>(VSAPI_E_INTERNAL);
  if (report.status == VSAPI_OK && verdict == VSAPI_VERDICT_NONE) report.status = VSAPI_E_CONTRACT;
  if (report.status != VSAPI_OK) return report.replacement.clear();
  report.verdict =
      IsKnownVerdict(verdict) ? verdict : static_cast<int32_t>(VSAPI_VERDICT_SUSPICIOUS);
  // Cleaned without a whole replacement leaves the threat in place.
  const bool replaced = call.has_replacement && !call.lacks_some_replacement;
  if (verdict == VSAPI_VERDICT_CLEANED && !replaced) report.verdict = VSAPI_VERDICT_INFECTED;
  if (report.verdict != VSAPI_VERDICT_CLEANED) report.replacement.clear();
  report.scope = call.result.scope == VSAPI_SCOPE_CONTENT ? VSAPI_SCOPE_CONTENT : VSAPI_SCOPE_ITEM;
}

void VendorProxy::Blame(const std::string& what) {
  events_.Log(EventId::kContractBroken, name_ + " breaks the contract: " + what,
              {{"vendor", name_}});
}

bool VendorProxy::ReadSignatures(Signatures& signatures, std::string& problem) {
  signatures.version = library_->entry().info->version;
  const auto* extension = Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  if (extension == nullptr) return true;
  vsapi_signatures_identity identity = {};
  identity.struct_size = sizeof identity;
  const int32_t status =
      Control(ControlCall::kIdentity, [&] { return extension->identity(vendor_, &identity); });
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
  const auto* extension = Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  if (extension == nullptr) return false;
  int32_t newer = 0;
  const int32_t status =
      Control(ControlCall::kPoll, [&] { return extension->poll(vendor_, &newer); });
  return status == VSAPI_OK && newer != 0;
}

bool VendorProxy::ReadPositiveSample(std::string& sample, std::string& problem) {
  sample.clear();
  const auto* extension = Extension<vsapi_ext_self_test>(VSAPI_EXT_SELF_TEST);
  if (extension == nullptr) return true;
  const void* data = nullptr;
  size_t size = 0;
  const int32_t status = Control(ControlCall::kPositiveSample,
                                 [&] { return extension->positive_sample(vendor_, &data, &size); });
  if (status != VSAPI_OK || data == nullptr || size == 0) {
    problem = name_ + " failed its self-test: it gave no sample (" + StatusText(status) + ")";
    return false;
  }
  sample.assign(static_cast<const char*>(data), size);
  return true;
}

}  // namespace vsapi::engine
