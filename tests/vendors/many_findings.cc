// SPDX-License-Identifier: Apache-2.0
//
// On content with the word MANY: adds 1000 findings. Allowed: the engine keeps 64 and counts the
// rest.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t JudgeAtLength(Instance& self, const vsapi_scan_request* request,
                             const std::string& content, vsapi_scan_result* result) {
  if (!Has(content, "MANY")) return JudgeWell(self, request, content, result);
  for (int i = 0; i < 1000; ++i)
    Say(result, VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT, "Finding." + std::to_string(i));
  return VSAPI_OK;
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<JudgeAtLength>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("ManyFindingsVendor", 0, vsapi::test_vendor::kTable);
