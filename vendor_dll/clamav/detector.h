// SPDX-License-Identifier: GPL-2.0-only
//
// What `start` makes and `stop` frees: one set of definitions, compiled, with the temp folder that
// its scans use. Constant once made, but for the count of running scans.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_DETECTOR_H_
#define VSAPI_VENDOR_DLL_CLAMAV_DETECTOR_H_

#include <atomic>
#include <cstdint>

#include "clam_engine.h"
#include "definitions.h"
#include "log.h"
#include "parameters.h"
#include "temp_folder.h"

namespace vsapi::clamav {

class Detector {
 public:
  // For `sessions` scans at a time. Throws Failure; `parameters` outlives the detector. [control]
  Detector(const Parameters& parameters, uint32_t sessions, const Log& log);

  const Parameters& parameters() const { return parameters_; }
  ClamEngine& engine() { return engine_; }
  const ClamEngine& engine() const { return engine_; }
  const TempFolder& temp_folder() const { return temp_folder_; }
  const DefinitionsIdentity& identity() const { return identity_; }
  std::atomic<unsigned>& running_scans() { return running_scans_; }

  // Would a new detector load other definitions? Looks at names, sizes and times only. [control]
  bool HasNewer() const;

  // After a fork: leaves the temp folder to the parent and makes one in `parent`. [control]
  void MoveTo(const std::string& parent, const Log& log);

 private:
  void LogWhatWasLoaded(const Log& log) const;

  const Parameters& parameters_;
  TempFolder temp_folder_;
  Definitions definitions_;
  DefinitionsIdentity identity_;
  ClamEngine engine_;
  // Bounds the need for descriptors; nothing else is published through it.
  std::atomic<unsigned> running_scans_{0};
};

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_DETECTOR_H_
