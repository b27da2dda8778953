// SPDX-License-Identifier: Apache-2.0
//
// Finds an infection in content with the word EMPTY_NAME and calls it "".
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (!Has(content, "EMPTY_NAME")) return JudgeWell(self, request, content, result);
  const vsapi_finding finding = {sizeof finding, VSAPI_FINDING_THREAT, "", nullptr};
  result->verdict = VSAPI_VERDICT_INFECTED;
  return result->calls->add_finding(result, &finding);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("EmptyNameVendor", 0, vsapi::test_vendor::kTable);
