// SPDX-License-Identifier: Apache-2.0
//
// Calls content with the word UNKNOWN clean, beside a finding of a kind that no contract knows.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (!Has(content, "UNKNOWN")) return JudgeWell(self, request, content, result);
  return Say(result, VSAPI_VERDICT_CLEAN, 9999, "Unknown.Kind");
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("UnknownKindVendor", 0, vsapi::test_vendor::kTable);
