// SPDX-License-Identifier: Apache-2.0
//
// Has the signatures extension, with none of its functions.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static const void* GetHalfExtension(vsapi_vendor* vendor, const char* id) {
  static constexpr vsapi_ext_signatures kHalf = {nullptr, nullptr};
  if (std::strcmp(id, VSAPI_EXT_SIGNATURES) == 0) return &kHalf;
  return GetExtension(vendor, id);
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.get_extension = GetHalfExtension;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("HalfExtensionVendor", 0, vsapi::test_vendor::kTable);
