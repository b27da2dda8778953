// SPDX-License-Identifier: GPL-2.0-only
//
// The setting Parameters of this vendor: "key=value;key=value". README.md describes each key.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_PARAMETERS_H_
#define VSAPI_VENDOR_DLL_CLAMAV_PARAMETERS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace vsapi::clamav {

struct Parameters {
  std::string definitions;  // folder; "" chooses
  std::string temp;         // parent of the private temp folder; "" chooses
  uint64_t max_file_size = uint64_t{64} << 20;
  uint64_t max_scan_size = uint64_t{128} << 20;
  uint64_t max_recursion = 17;
  uint64_t max_files = 2000;
  uint64_t max_scan_seconds = 60;
  uint64_t memory_budget = 0;  // bytes; 0: none
  bool heuristics = true;
  bool pua = false;
};

// Throws Failure, with VSAPI_E_ARGUMENT and a line naming the key and what is allowed.
Parameters ParseParameters(std::string_view text);

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_PARAMETERS_H_
