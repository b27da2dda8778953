// SPDX-License-Identifier: Apache-2.0
//
// Changes the working folder of its host at start.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t StartElsewhere(vsapi_vendor*) {
  return chdir("/") == 0 ? VSAPI_OK : VSAPI_E_INTERNAL;
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.start = StartElsewhere;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("ChangesFolderVendor", 0, vsapi::test_vendor::kTable);
