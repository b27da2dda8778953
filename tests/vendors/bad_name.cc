// SPDX-License-Identifier: Apache-2.0
//
// Names its findings in ways the contract forbids: no UTF-8, and longer than 95 bytes.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  const bool is_bad = Has(content, "BAD_NAME");
  if (!is_bad && !Has(content, "LONG_NAME")) return JudgeWell(self, request, content, result);
  if (is_bad) Say(result, VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT, "\xff\xfe\xc0");
  return Say(result, VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT, std::string(1000, 'n'));
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("BadNameVendor", 0, vsapi::test_vendor::kTable);
