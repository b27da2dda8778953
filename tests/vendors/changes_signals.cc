// SPDX-License-Identifier: Apache-2.0
//
// Sets a signal handler at start.
#include <signal.h>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t StartWithAHandler(vsapi_vendor*) {
  signal(SIGUSR1, SIG_IGN);
  return VSAPI_OK;
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.start = StartWithAHandler;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("ChangesSignalsVendor", 0, vsapi::test_vendor::kTable);
