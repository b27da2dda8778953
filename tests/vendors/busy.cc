// SPDX-License-Identifier: Apache-2.0
//
// Returns VSAPI_E_BUSY the first `times` (2 by default) times that it gets content with the word
// BUSY.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (Has(content, "BUSY") && self.refused++ < Number(self, "times", 2)) {
    PassGate(self, content);
    return VSAPI_E_BUSY;
  }
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("BusyVendor", 0, vsapi::test_vendor::kTable);
