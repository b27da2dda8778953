// SPDX-License-Identifier: Apache-2.0
//
// Calls content with the word REPLACE cleaned, and gives nothing in its place.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (!Has(content, "REPLACE")) return JudgeWell(self, request, content, result);
  return Say(result, VSAPI_VERDICT_CLEANED, VSAPI_FINDING_THREAT, "Cleaned.Test");
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("NoReplacementVendor", 0, vsapi::test_vendor::kTable);
