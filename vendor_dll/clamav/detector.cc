// SPDX-License-Identifier: GPL-2.0-only
#include "detector.h"

#include <vsapi/vendor.h>

#include "../common/key_values.h"
#include "messages.h"

namespace vsapi::clamav {
namespace {

constexpr char kNothingInstalled[] =
    "no virus definitions installed: only test files will be found; install ClamAV definitions "
    "(Debian: clamav-freshclam) or set Parameters definitions=DIR";

// A scan holds its content, and what is unpacked from it.
Definitions FindFitting(const Parameters& parameters, uint32_t sessions) {
  Definitions definitions = FindDefinitions(parameters.definitions);
  if (definitions.installed() && definitions.files.empty())
    throw Failure(VSAPI_E_ARGUMENT, "definitions: folder " + definitions.folder +
                                        " does not exist, can't be read or holds no definitions; "
                                        "set Parameters definitions=DIR to one that does");
  CheckBudget(parameters.memory_budget, EstimateMemory(definitions), sessions,
              parameters.max_file_size + parameters.max_scan_size);
  return definitions;
}

}  // namespace

Detector::Detector(const Parameters& parameters, uint32_t sessions, const Log& log)
    : parameters_(parameters),
      temp_folder_(TempFolder::Create(parameters.temp, parameters.max_scan_size, log)),
      definitions_(FindFitting(parameters, sessions)),
      identity_(Identify(definitions_)),
      engine_(parameters, definitions_, temp_folder_.path(), log) {
  if (HasNewer())
    throw Failure(VSAPI_E_BUSY, "definitions: " + definitions_.folder +
                                    " changed while it was loaded; start again");
  LogWhatWasLoaded(log);
}

bool Detector::HasNewer() const {
  Definitions now = FindDefinitions(parameters_.definitions);
  const bool loadable = !now.installed() || !now.files.empty();
  return loadable && now != definitions_;
}

// A folder of its own even in there: processes forked from one make the same names for temporary
// files, and in one folder would take each other's away.
void Detector::MoveTo(const std::string& parent, const Log& log) {
  temp_folder_.LeaveFor(TempFolder::Create(parent, parameters_.max_scan_size, log));
  engine_.UseTempFolder(temp_folder_.path());
}

void Detector::LogWhatWasLoaded(const Log& log) const {
  if (!definitions_.installed()) log.Warning(kNothingInstalled);
  log.Info(std::string("libclamav ") + cl_retver() + ": " +
           std::to_string(engine_.signature_count()) + " signatures from " +
           (definitions_.installed() ? definitions_.folder : "the built-in test definitions") +
           "; temp folder " + temp_folder_.path());
}

}  // namespace vsapi::clamav
