// SPDX-License-Identifier: Apache-2.0
//
// On content with the word HALF: writes a replacement that the engine refuses the rest of, and says
// cleaned all the same.
#include <limits>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (!Has(content, "HALF")) return JudgeWell(self, request, content, result);
  result->calls->write_replacement(result, content.data(), content.size());
  result->calls->write_replacement(result, content.data(), std::numeric_limits<size_t>::max() / 2);
  return Say(result, VSAPI_VERDICT_CLEANED, VSAPI_FINDING_THREAT, "Half.Test");
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("HalfReplacementVendor", 0, vsapi::test_vendor::kTable);
