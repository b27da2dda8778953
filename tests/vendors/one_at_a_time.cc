// SPDX-License-Identifier: Apache-2.0
//
// Fails when two scans are inside at once, and does not say that it wants them one by one.
#include <sched.h>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  const bool alone = self.scans_inside++ == 0;
  for (int i = 0; i < 100; ++i) sched_yield();  // an invitation to the other
  const int32_t status = JudgeWell(self, request, content, result);
  --self.scans_inside;
  return alone ? status : VSAPI_E_INTERNAL;
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("OneAtATimeVendor", 0, vsapi::test_vendor::kTable);
