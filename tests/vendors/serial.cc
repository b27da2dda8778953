// SPDX-License-Identifier: Apache-2.0
//
// Asks for one scan at a time, and tells in the finding of each content with the word SERIAL
// whether it ever had two inside at once; busy the first time that it gets content with the word
// BUSY. No misdeed: it catches the engine at one.
#include <sched.h>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (Has(content, "BUSY") && self.refused++ == 0) return VSAPI_E_BUSY;
  if (self.scans_inside++ > 0) self.ever_overlapped = true;
  for (int i = 0; i < 4; ++i) sched_yield();  // an invitation to whoever does not wait
  int32_t status = JudgeWell(self, request, content, result);
  if (Has(content, "SERIAL")) {
    status = Say(result, VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT,
                 self.ever_overlapped ? "Serial.Overlapped" : "Serial.Alone");
  }
  --self.scans_inside;
  return status;
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("SerialVendor", VSAPI_VENDOR_SERIAL, vsapi::test_vendor::kTable);
