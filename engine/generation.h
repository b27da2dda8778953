// SPDX-License-Identifier: Apache-2.0
//
// The engine's record of one started vendor instance: who it is, constant, and the instance itself.
// Reference-counted: a scan pins the generation that it was claimed under. Built by
// Generation::Build on the control thread, which also lets go of it last, so that no scan thread
// ever frees definitions.
#pragma once

#include <memory>
#include <string>

#include "generation_record.h"
#include "settings.h"
#include "stamp.h"
#include "vendor_proxy.h"

namespace vsapi::engine {

class Generation {
 public:
  // Creates, starts, opens `sessions` sessions and passes the self-test; null with `problem`
  // filled: a generation that fails never serves.
  static std::shared_ptr<Generation> Build(std::shared_ptr<VendorLibrary> library,
                                           const Settings& settings, size_t sessions,
                                           const GenerationRecord::Entry& entry, Clock& clock,
                                           EventLog& events, VendorTimes& times,
                                           std::string& problem);

  const Identity& identity() const { return identity_; }
  VendorProxy& vendor() { return *vendor_; }

 private:
  explicit Generation(std::unique_ptr<VendorProxy> vendor) : vendor_(std::move(vendor)) {}
  bool Identify(const Settings& settings, const GenerationRecord::Entry& entry,
                std::string& problem);
  bool PassesSelfTest(std::string& problem);

  const std::unique_ptr<VendorProxy> vendor_;
  Identity identity_;
};

}  // namespace vsapi::engine
