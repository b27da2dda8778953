// SPDX-License-Identifier: Apache-2.0
//
// Hangs on content with the word HANG: returns only when cancelled.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (!Has(content, "HANG")) return JudgeWell(self, request, content, result);
  while (!request->calls->is_cancelled(request)) usleep(500);
  return VSAPI_E_CANCELLED;
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("HangVendor", 0, vsapi::test_vendor::kTable);
