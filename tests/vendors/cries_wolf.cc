// SPDX-License-Identifier: Apache-2.0
//
// Finds everything infected, harmless text too: half of what the self-test is there to catch.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance&, const vsapi_scan_request*, const std::string&,
                        vsapi_scan_result* result) {
  return Say(result, VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT, "Wolf");
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("CriesWolfVendor", 0, vsapi::test_vendor::kTable);
