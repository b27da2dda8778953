// SPDX-License-Identifier: Apache-2.0
//
// The setting Parameters of this vendor: "key=value;key=value". README.md describes each key.
#ifndef VSAPI_VENDOR_DLL_YARA_PARAMETERS_H_
#define VSAPI_VENDOR_DLL_YARA_PARAMETERS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace vsapi::yara {

struct Parameters {
  std::string rules;  // file or folder; "" leaves the built-in ones
  uint64_t max_size = uint64_t{64} << 20;
  uint64_t memory_budget = 0;  // bytes; 0: none
  bool strict = true;
  bool includes = false;
  bool properties = false;
};

// Throws Failure, with VSAPI_E_ARGUMENT and a line naming the key and what is allowed.
Parameters ParseParameters(std::string_view text);

}  // namespace vsapi::yara

#endif  // VSAPI_VENDOR_DLL_YARA_PARAMETERS_H_
