// SPDX-License-Identifier: Apache-2.0
//
// On content with the word UNWRITTEN: says cleaned, and writes no replacement.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (!Has(content, "UNWRITTEN")) return JudgeWell(self, request, content, result);
  return Say(result, VSAPI_VERDICT_CLEANED, VSAPI_FINDING_THREAT, "Unwritten.Test");
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("UnwrittenVendor", 0, vsapi::test_vendor::kTable);
