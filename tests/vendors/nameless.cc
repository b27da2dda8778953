// SPDX-License-Identifier: Apache-2.0
//
// Calls content with the word NAMELESS infected, and does not say by what.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (!Has(content, "NAMELESS")) return JudgeWell(self, request, content, result);
  result->verdict = VSAPI_VERDICT_INFECTED;
  return VSAPI_OK;
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("NamelessVendor", 0, vsapi::test_vendor::kTable);
