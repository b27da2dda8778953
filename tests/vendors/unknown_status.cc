// SPDX-License-Identifier: Apache-2.0
//
// Returns a status that no contract knows for content with the word UNKNOWN, and clean with it.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (!Has(content, "UNKNOWN")) return JudgeWell(self, request, content, result);
  result->verdict = VSAPI_VERDICT_CLEAN;
  return 9999;
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("UnknownStatusVendor", 0, vsapi::test_vendor::kTable);
