// SPDX-License-Identifier: Apache-2.0
//
// Keeps the result of a content with the word LATE, and adds a finding to it in the next scan, when
// it is no longer there for the vendor.
#include <utility>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static vsapi_scan_result* kept = nullptr;

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (kept != nullptr) {
    const vsapi_finding finding = {sizeof finding, VSAPI_FINDING_THREAT, "Late.Test", nullptr};
    kept->calls->add_finding(std::exchange(kept, nullptr), &finding);
  }
  if (Has(content, "LATE")) kept = result;
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("LateFindingVendor", 0, vsapi::test_vendor::kTable);
