// SPDX-License-Identifier: Apache-2.0
//
// Gives a clean verdict of a scope that no contract knows to content with the word UNKNOWN.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (!Has(content, "UNKNOWN")) return JudgeWell(self, request, content, result);
  result->verdict = VSAPI_VERDICT_CLEAN;
  result->scope = 9999;
  return VSAPI_OK;
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("UnknownScopeVendor", 0, vsapi::test_vendor::kTable);
