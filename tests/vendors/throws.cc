// SPDX-License-Identifier: Apache-2.0
//
// Lets an exception out of scan on content with the word THROW.
#include <stdexcept>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (Has(content, "THROW")) throw std::runtime_error("nobody catches this");
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("ThrowsVendor", 0, vsapi::test_vendor::kTable);
