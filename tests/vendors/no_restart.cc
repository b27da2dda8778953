// SPDX-License-Identifier: Apache-2.0
//
// Can be started only once.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t StartOnce(vsapi_vendor* vendor) {
  return Self(vendor).refused++ == 0 ? VSAPI_OK : VSAPI_E_STATE;
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.start = StartOnce;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("NoRestartVendor", 0, vsapi::test_vendor::kTable);
