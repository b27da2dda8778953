// SPDX-License-Identifier: Apache-2.0
//
// Leaves a required function out of its table: there is nothing to scan with.
#include "test_vendor.h"

namespace vsapi::test_vendor {

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.scan = nullptr;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("HalfTableVendor", 0, vsapi::test_vendor::kTable);
