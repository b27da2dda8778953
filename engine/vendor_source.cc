// SPDX-License-Identifier: Apache-2.0
#include "vendor_source.h"

#include <utility>

#include "sandbox.h"
#include "vendor_proxy.h"

namespace vsapi::engine {
namespace {

constexpr char kNoLibrary[] = "the setting Library is empty: it must name a vendor DLL";

}  // namespace

std::unique_ptr<Vendor> VendorSource::Start(const Settings& settings, size_t sessions,
                                            int loads_lower, std::function<void()> on_loss,
                                            std::string& problem) {
  if (settings.IsIsolated())
    return StartIsolated(settings, sessions, loads_lower, std::move(on_loss), problem);
  auto library = Library(settings, problem);
  if (!library) return nullptr;
  auto vendor = VendorProxy::Create(std::move(library), settings.parameters, sessions, clock_,
                                    events_, times_, problem);
  if (vendor && !vendor->Start(problem)) vendor.reset();
  return vendor;
}

std::unique_ptr<Vendor> VendorSource::StartIsolated(const Settings& settings, size_t sessions,
                                                    int loads_lower, std::function<void()> on_loss,
                                                    std::string& problem) {
  if (settings.library.empty()) {
    problem = kNoLibrary;
    return nullptr;
  }
  const std::string beside = platform::VendorFolder() + "/vsapi_worker";
  return Sandbox::Start(
      {.program = settings.worker_program.empty() ? beside : settings.worker_program,
       .library = VendorLibrary::Find(settings.library),
       .parameters = settings.parameters,
       .user = settings.worker_user,
       .memory_mib = settings.worker_memory_mib,
       .cores = settings.worker_cores,
       .sessions = sessions,
       .loads_lower = loads_lower},
      clock_, events_, times_, std::move(on_loss), problem);
}

// The mapped library again if its file is still the same one.
std::shared_ptr<VendorLibrary> VendorSource::Library(const Settings& settings,
                                                     std::string& problem) {
  if (settings.library.empty()) {
    problem = kNoLibrary;
    return nullptr;
  }
  const std::string path = VendorLibrary::Find(settings.library);
  const auto mark = platform::MarkOf(path);
  if (library_ && library_->path() == path && library_mark_ == mark) return library_;
  auto opened = VendorLibrary::Open(path, problem);
  if (!opened) return nullptr;
  library_ = opened;
  library_mark_ = mark;
  return opened;
}

}  // namespace vsapi::engine
