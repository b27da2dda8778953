// SPDX-License-Identifier: Apache-2.0
//
// Takes slow_ms (50 by default) for each content with the word SLOW; heeds a cancellation on the
// way.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  const int milliseconds = Has(content, "SLOW") ? Number(self, "slow_ms", 50) : 0;
  for (int passed = 0; passed < milliseconds; ++passed) {
    if (request->calls->is_cancelled(request)) return VSAPI_E_CANCELLED;
    usleep(1000);
  }
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("SlowVendor", 0, vsapi::test_vendor::kTable);
