// SPDX-License-Identifier: Apache-2.0
//
// Can be started only while no other instance is.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static std::atomic<int> started{0};

static int32_t StartAlone(vsapi_vendor*) {
  if (started.exchange(1) == 0) return VSAPI_OK;
  return VSAPI_E_STATE;
}

static void StopAlone(vsapi_vendor*) { started = 0; }

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.start = StartAlone;
  table.stop = StopAlone;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("OneInstanceVendor", 0, vsapi::test_vendor::kTable);
