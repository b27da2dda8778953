// SPDX-License-Identifier: GPL-2.0-only
//
// libclamav as a program without an engine would call it, from its defaults to the choices that the
// vendor DLL makes, one by one.
//
// Thread safety: Scan from any number of threads.
#pragma once

#include <clamav.h>

#include <memory>
#include <string>
#include <string_view>

#include "definitions.h"

namespace vsapi::bench {

// Each step keeps what the steps before it have chosen.
enum class Step {
  kDefaults,  // temp folder on a disk, clean cache on
  kTempOnTmpfs,
  kNoCache,      // that a collision of MD5 could poison
  kNoFuzzyHash,  // of images
  kMatcher,      // Aho-Corasick alone where there are few body signatures
  kLimits,       // the DLL's limits and alerts: the same options as it, without its guards
};
inline constexpr Step kSteps[] = {Step::kDefaults,    Step::kTempOnTmpfs, Step::kNoCache,
                                  Step::kNoFuzzyHash, Step::kMatcher,     Step::kLimits};
const char* NameOf(Step step);

class BareClamav {
 public:
  BareClamav(Step step, const DefinitionsShape& shape, const std::string& definitions);

  // Throws std::runtime_error unless it is clean.
  void Scan(std::string_view bytes) const;
  // Whether a signature matches; throw std::runtime_error where nobody can tell.
  bool Finds(std::string_view bytes) const;
  bool FindsInFile(const std::string& path) const;

 private:
  cl_scan_options Options() const;
  void Set(cl_engine_field field, long long value);
  void SetLimits();

  const Step step_;
  const TempFolder temp_;
  std::unique_ptr<cl_engine, cl_error_t (*)(cl_engine*)> engine_;
};

}  // namespace vsapi::bench
