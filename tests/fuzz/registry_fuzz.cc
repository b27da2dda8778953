// SPDX-License-Identifier: Apache-2.0
//
// A settings file that anybody may have written: read, made into settings, and edited, after which
// it must be as readable as before.
#include "fuzz.h"
#include "registry.h"
#include "registry_edit.h"
#include "registry_text.h"
#include "settings.h"

using vsapi::engine::SettingValue;
using vsapi::fuzz::Require;

namespace {

bool Parse(std::string_view content, std::vector<SettingValue>& values) {
  std::string problem;
  const bool is_good = vsapi::engine::ParseRegistry(content, "fuzz.reg", values, problem);
  Require(is_good == problem.empty(), "who refuses a file says why, and nobody else does");
  return is_good;
}

void Edit(std::string_view content) {
  std::string problem;
  const auto value = vsapi::engine::ParseSetting("ScanTimeout", "77", "", problem);
  Require(value.has_value(), "a good setting is taken");
  const auto edited =
      vsapi::engine::EditRegistry(std::string(content), "fuzz.reg", *value, problem);
  if (!edited) return;
  std::vector<SettingValue> values;
  Require(Parse(*edited, values), "an edited file can be read");
  std::vector<std::string> problems;
  Require(vsapi::engine::MakeSettings(values, problems).scan_timeout_s == 77, "the edit rules");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view content = vsapi::fuzz::Bytes(data, size);
  std::vector<SettingValue> values;
  if (!Parse(content, values)) return 0;
  std::vector<std::string> problems;
  vsapi::engine::MakeSettings(values, problems);
  Edit(content);
  return 0;
}
