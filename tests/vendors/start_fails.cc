// SPDX-License-Identifier: Apache-2.0
//
// Can be created and never started.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t FailToStart(vsapi_vendor*) { return VSAPI_E_INTERNAL; }

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.start = FailToStart;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("StartFailsVendor", 0, vsapi::test_vendor::kTable);
