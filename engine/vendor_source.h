// SPDX-License-Identifier: Apache-2.0
//
// Where started vendors come from, by the settings: from the DLL, mapped into this process and kept
// as long as its file stays the same, or from worker processes that load it themselves.
//
// Thread safety: the control thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "clock.h"
#include "event_log.h"
#include "settings.h"
#include "vendor.h"
#include "vendor_library.h"
#include "vendor_times.h"

namespace vsapi::engine {

class VendorSource {
 public:
  VendorSource(Clock& clock, EventLog& events, VendorTimes& times)
      : clock_(clock), events_(events), times_(times) {}

  // Null with `problem` filled. `on_loss` is called when worker processes are lost. The process
  // that loads for them does so at a priority lower by `loads_lower` steps of nice.
  std::unique_ptr<Vendor> Start(const Settings& settings, size_t sessions, int loads_lower,
                                std::function<void()> on_loss, std::string& problem);
  // In worker processes, whatever the settings say of that.
  std::unique_ptr<Vendor> StartIsolated(const Settings& settings, size_t sessions, int loads_lower,
                                        std::function<void()> on_loss, std::string& problem);
  // Lets go of the library that it has mapped; who still uses it keeps it.
  void Forget() { library_.reset(); }

 private:
  std::shared_ptr<VendorLibrary> Library(const Settings& settings, std::string& problem);

  Clock& clock_;
  EventLog& events_;
  VendorTimes& times_;
  std::shared_ptr<VendorLibrary> library_;
  std::optional<platform::FileMark> library_mark_;
};

}  // namespace vsapi::engine
