// SPDX-License-Identifier: Apache-2.0
//
// Ends the process, as if all were well, on content with the word EXIT.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (Has(content, "EXIT")) std::exit(0);
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("ExitsVendor", 0, vsapi::test_vendor::kTable);
