// SPDX-License-Identifier: Apache-2.0
//
// Its start does not return before the gate lets it.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Hang(vsapi_vendor* vendor) {
  PassGate(Self(vendor), "GATE");
  return VSAPI_OK;
}

constexpr vsapi_vendor_table HangingTable() {
  vsapi_vendor_table table = kGoodTable;
  table.start = Hang;
  return table;
}
constexpr vsapi_vendor_table kTable = HangingTable();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("HangsAtStartVendor", 0, vsapi::test_vendor::kTable);
