// SPDX-License-Identifier: Apache-2.0
//
// Finds content with the word FICKLE infected the first time only.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (!Has(content, "FICKLE") || self.refused++ > 0)
    return JudgeWell(self, request, content, result);
  return Say(result, VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT, "Fickle.Test");
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("FickleVendor", 0, vsapi::test_vendor::kTable);
