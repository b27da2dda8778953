// SPDX-License-Identifier: Apache-2.0
//
// Has memory for two sessions only: the third fails.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t OpenTwoSessions(vsapi_vendor* vendor, vsapi_session** session) {
  return Self(vendor).sessions < 2 ? OpenSession(vendor, session) : VSAPI_E_NO_MEMORY;
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.open_session = OpenTwoSessions;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("SessionFailsVendor", 0, vsapi::test_vendor::kTable);
