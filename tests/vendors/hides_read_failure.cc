// SPDX-License-Identifier: Apache-2.0
//
// Calls clean whatever could not be read to its end.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t ScanAndHide(vsapi_vendor* vendor, vsapi_session* session,
                           const vsapi_scan_request* request, vsapi_scan_result* result) {
  const int32_t status = ScanBy<JudgeWell>(vendor, session, request, result);
  if (status == VSAPI_OK) return status;
  result->verdict = VSAPI_VERDICT_CLEAN;
  return VSAPI_OK;
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.scan = ScanAndHide;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("HidesReadFailureVendor", 0, vsapi::test_vendor::kTable);
