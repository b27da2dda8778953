// SPDX-License-Identifier: Apache-2.0
//
// Takes two seconds for content with the word DEAF, whoever asks it to stop.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (Has(content, "DEAF")) usleep(2'000'000);
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("DeafVendor", 0, vsapi::test_vendor::kTable);
