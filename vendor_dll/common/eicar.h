// SPDX-License-Identifier: Apache-2.0
//
// The positive sample of our vendors.
#ifndef VSAPI_VENDOR_DLL_COMMON_EICAR_H_
#define VSAPI_VENDOR_DLL_COMMON_EICAR_H_

#include <string>

namespace vsapi {

// The test file of eicar.org, put together here so that no scanner takes a DLL for it.
inline std::string Eicar() {
  std::string sample = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EI";
  for (const char* piece : {"CAR-STANDARD-ANT", "IVIRUS-TEST-FILE!$H+H*"}) sample += piece;
  return sample;
}

}  // namespace vsapi

#endif  // VSAPI_VENDOR_DLL_COMMON_EICAR_H_
