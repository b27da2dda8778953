// SPDX-License-Identifier: Apache-2.0
//
// Holds 64 mebibytes, or those of the parameter hold_mib=, from start to stop, as a vendor with
// large definitions does. Mapped, so that they go back at once.
#include <sys/mman.h>

#include "test_vendor.h"

namespace vsapi::test_vendor {

struct HeavyInstance : Instance {
  void* held = nullptr;
  size_t size = 0;
};

static HeavyInstance& Heavy(vsapi_vendor* vendor) {
  return static_cast<HeavyInstance&>(Self(vendor));
}

static int32_t StartHeavy(vsapi_vendor* vendor) {
  HeavyInstance& self = Heavy(vendor);
  self.size = static_cast<size_t>(Number(self, "hold_mib", 64)) << 20;
  void* held = mmap(nullptr, self.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (held == MAP_FAILED) return VSAPI_E_NO_MEMORY;
  std::memset(held, 1, self.size);
  self.held = held;
  return VSAPI_OK;
}

static void StopHeavy(vsapi_vendor* vendor) { munmap(Heavy(vendor).held, Heavy(vendor).size); }

static void DestroyHeavy(vsapi_vendor* vendor) { delete &Heavy(vendor); }

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.start = StartHeavy;
  table.stop = StopHeavy;
  table.destroy = DestroyHeavy;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("HeavyVendor", 0, vsapi::test_vendor::kTable, vsapi::test_vendor::HeavyInstance);
