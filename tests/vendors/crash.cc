// SPDX-License-Identifier: Apache-2.0
//
// Takes its process down on content with the word CRASH.
#include <cstdio>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (Has(content, "CRASH")) {
    std::fputs("this vendor crashes now\n", stderr);
    std::abort();
  }
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("CrashVendor", 0, vsapi::test_vendor::kTable);
