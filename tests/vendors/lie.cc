// SPDX-License-Identifier: Apache-2.0
//
// Says OK to content with the word LIE and sets no verdict.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (Has(content, "LIE")) return VSAPI_OK;
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("LieVendor", 0, vsapi::test_vendor::kTable);
