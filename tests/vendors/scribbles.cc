// SPDX-License-Identifier: Apache-2.0
//
// Writes into the request of content with the word SCRIBBLE, as if it were its own.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (Has(content, "SCRIBBLE")) const_cast<vsapi_scan_request*>(request)->number += 1;
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("ScribblesVendor", 0, vsapi::test_vendor::kTable);
