// SPDX-License-Identifier: GPL-2.0-only
//
// The border of the DLL: the exported entry, the life cycle, the tables. Every function here
// catches what is thrown behind it and answers with a status; nothing else here does any work.
//
// The DLL stays resident: libclamav's message callback belongs to the process and points into it.
#include <vsapi/vendor.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>

#include "../common/eicar.h"
#include "descriptors.h"
#include "detector.h"
#include "log.h"
#include "messages.h"
#include "parameters.h"
#include "scanner.h"

struct vsapi_session {
  explicit vsapi_session(vsapi::clamav::Detector& detector) : scanner(detector) {}
  vsapi::clamav::Scanner scanner;
};

namespace vsapi::clamav {
namespace {

// An instance; `detector` is there while it is started.
struct Instance : vsapi_vendor {
  Instance(const vsapi_create& how, const vsapi_vendor_table* functions);

  Log log;
  Parameters parameters;
  uint32_t sessions;
  std::string eicar;
  std::optional<Detector> detector;
};

Instance& Of(vsapi_vendor* vendor) { return static_cast<Instance&>(*vendor); }

// Runs `call`; turns what it throws into a status and a line in the log.
template <typename Call>
int32_t Guarded(const Log& log, Call call) noexcept try {
  try {
    return call();
  } catch (const Failure& failure) {
    log.Error(failure.what());
    return failure.status();
  } catch (const std::bad_alloc&) {
    log.Error("out of memory");
    return VSAPI_E_NO_MEMORY;
  } catch (const std::exception& unexpected) {
    log.Error(unexpected.what());
    return VSAPI_E_INTERNAL;
  }
} catch (...) {
  return VSAPI_E_INTERNAL;
}

Instance::Instance(const vsapi_create& how, const vsapi_vendor_table* functions)
    : vsapi_vendor{functions},
      log(how.services),
      parameters(ParseParameters(how.parameters ? how.parameters : "")),
      sessions(how.sessions),
      eicar(Eicar()) {}

void InitialiseLibrary() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (cl_init(CL_INIT_DEFAULT) != CL_SUCCESS)
      throw Failure(VSAPI_E_INTERNAL, "libclamav can't be initialised");
  });
}

void WarnOfFewDescriptors(const Instance& instance) {
  if (DescriptorLimit() / kDescriptorsPerScan > instance.sessions) return;
  instance.log.Warning("the limit of " + std::to_string(DescriptorLimit()) +
                       " file descriptors (RLIMIT_NOFILE) is low for " +
                       std::to_string(instance.sessions) + " scans at a time");
}

int32_t Start(vsapi_vendor* vendor) noexcept {
  Instance& instance = Of(vendor);
  return Guarded(instance.log, [&]() -> int32_t {
    if (instance.detector) return VSAPI_E_STATE;
    ListenToMessages();
    InitialiseLibrary();
    WarnOfFewDescriptors(instance);
    instance.detector.emplace(instance.parameters, instance.sessions, instance.log);
    return VSAPI_OK;
  });
}

void Stop(vsapi_vendor* vendor) noexcept { Of(vendor).detector.reset(); }

void Destroy(vsapi_vendor* vendor) noexcept { delete &Of(vendor); }

int32_t OpenSession(vsapi_vendor* vendor, vsapi_session** session) noexcept {
  Instance& instance = Of(vendor);
  return Guarded(instance.log, [&]() -> int32_t {
    if (!instance.detector) return VSAPI_E_STATE;
    *session = new vsapi_session(*instance.detector);
    return VSAPI_OK;
  });
}

void CloseSession(vsapi_vendor*, vsapi_session* session) noexcept { delete session; }

int32_t Scan(vsapi_vendor* vendor, vsapi_session* session, const vsapi_scan_request* request,
             vsapi_scan_result* result) noexcept {
  return Guarded(Of(vendor).log, [&] { return session->scanner.Scan(*request, *result); });
}

int32_t Identity(vsapi_vendor* vendor, vsapi_signatures_identity* identity) noexcept {
  Instance& instance = Of(vendor);
  if (!instance.detector) return VSAPI_E_STATE;
  const DefinitionsIdentity& held = instance.detector->identity();
  identity->version = held.version;
  std::ranges::copy(held.digest, identity->digest);
  identity->count = instance.detector->engine().signature_count();
  identity->built_ns = held.version > 1 ? static_cast<int64_t>(held.version) : 0;
  return VSAPI_OK;
}

int32_t Poll(vsapi_vendor* vendor, int32_t* newer) noexcept {
  Instance& instance = Of(vendor);
  return Guarded(instance.log, [&]() -> int32_t {
    if (!instance.detector) return VSAPI_E_STATE;
    *newer = instance.detector->HasNewer();
    return VSAPI_OK;
  });
}

int32_t PositiveSample(vsapi_vendor* vendor, const void** data, size_t* size) noexcept {
  *data = Of(vendor).eicar.data();
  *size = Of(vendor).eicar.size();
  return VSAPI_OK;
}

int32_t AfterFork(vsapi_vendor* vendor, const char* temp_folder) noexcept {
  Instance& instance = Of(vendor);
  return Guarded(instance.log, [&]() -> int32_t {
    if (!instance.detector) return VSAPI_E_STATE;
    instance.detector->MoveTo(temp_folder, instance.log);
    return VSAPI_OK;
  });
}

const void* GetExtension(vsapi_vendor*, const char* id) noexcept {
  static constexpr vsapi_ext_signatures kSignatures{Identity, Poll};
  static constexpr vsapi_ext_self_test kSelfTest{PositiveSample};
  static constexpr vsapi_ext_fork kFork{AfterFork};
  if (std::strcmp(id, VSAPI_EXT_SIGNATURES) == 0) return &kSignatures;
  if (std::strcmp(id, VSAPI_EXT_SELF_TEST) == 0) return &kSelfTest;
  if (std::strcmp(id, VSAPI_EXT_FORK) == 0) return &kFork;
  return nullptr;
}

constexpr vsapi_vendor_table kTable{Start,        Stop, Destroy,     OpenSession,
                                    CloseSession, Scan, GetExtension};

int32_t Create(const vsapi_create* how, vsapi_vendor** vendor) noexcept {
  return Guarded(Log(how->services), [&]() -> int32_t {
    *vendor = std::make_unique<Instance>(*how, &kTable).release();
    return VSAPI_OK;
  });
}

constexpr vsapi_vendor_info kInfo{
    sizeof(vsapi_vendor_info), VSAPI_VENDOR_KEEP_RESIDENT, "OpenVSAPI-ClamAV",
    "OpenVSAPI " VSAPI_VERSION_TEXT " with ClamAV's library " CLAMAV_VERSION, 1};

}  // namespace
}  // namespace vsapi::clamav

VSAPI_EXPORT_ENTRY = {sizeof(vsapi_entry), VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR, &vsapi::clamav::kInfo,
                      vsapi::clamav::Create};
