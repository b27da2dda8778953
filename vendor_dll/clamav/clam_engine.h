// SPDX-License-Identifier: GPL-2.0-only
//
// One compiled cl_engine: definitions loaded, limits set, callbacks in place. Loading happens on
// the control thread; a compiled engine is constant and serves any number of scanning threads.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_CLAM_ENGINE_H_
#define VSAPI_VENDOR_DLL_CLAMAV_CLAM_ENGINE_H_

#include <clamav.h>

#include <atomic>
#include <memory>
#include <string>

#include "definitions.h"
#include "log.h"
#include "parameters.h"

namespace vsapi::clamav {

using EnginePointer = std::unique_ptr<cl_engine, cl_error_t (*)(cl_engine*)>;

class ClamEngine {
 public:
  // Loads `definitions` (and the built-in ones, by way of files under `temp_folder`) and compiles
  // them; throws Failure unless every file was loaded whole and without a complaint.
  ClamEngine(const Parameters& parameters, const Definitions& definitions,
             const std::string& temp_folder, const Log& log);

  const cl_engine* get() const { return engine_.get(); }
  unsigned signature_count() const { return signature_count_; }

  // Inside a layer too, scans that begin from now on end when `budget_ns` or max_scan_seconds has
  // run out. All scans of a host have the same budget, until a setting is changed: then one that
  // begins on another thread meanwhile may still get the old one. [scan]
  void KeepToBudget(uint64_t budget_ns);

  // While nothing is scanned. [control]
  void UseTempFolder(const std::string& temp_folder);

 private:
  void Set(cl_engine_field field, uint64_t value);
  void SetLimits(const Parameters& parameters);
  unsigned Load(const std::string& path, unsigned options, const Log& log);

  EnginePointer engine_;
  const uint64_t longest_scan_ms_;
  std::atomic<uint64_t> time_limit_ms_{0};  // as libclamav has it, or will in a moment
  unsigned signature_count_ = 0;
};

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_CLAM_ENGINE_H_
