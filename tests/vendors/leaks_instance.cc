// SPDX-License-Identifier: Apache-2.0
//
// Never gives back the two mebibytes that each start takes. Mapped, not allocated, so that the leak
// checker of the test itself stays quiet.
#include <sys/mman.h>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t StartAndLeak(vsapi_vendor*) {
  constexpr size_t kBytes = size_t{2} << 20;
  void* leaked = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (leaked == MAP_FAILED) return VSAPI_E_NO_MEMORY;
  std::memset(leaked, 1, kBytes);
  return VSAPI_OK;
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.start = StartAndLeak;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("LeaksInstanceVendor", 0, vsapi::test_vendor::kTable);
