// SPDX-License-Identifier: GPL-2.0-only
//
// Does the engine still want the answer? Asked wherever a scan can be left. Scan's thread only.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_MAY_GO_ON_H_
#define VSAPI_VENDOR_DLL_CLAMAV_MAY_GO_ON_H_

#include <vsapi/abi/scan.h>

#include <cstdint>

namespace vsapi::clamav {

// VSAPI_OK while it does and the budget lasts.
inline int32_t MayGoOn(const vsapi_scan_request& request) {
  if (!request.calls->is_cancelled(&request)) return VSAPI_OK;
  return request.calls->remaining_ns(&request) == 0 ? VSAPI_E_TIMEOUT : VSAPI_E_CANCELLED;
}

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_MAY_GO_ON_H_
