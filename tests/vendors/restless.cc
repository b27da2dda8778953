// SPDX-License-Identifier: Apache-2.0
//
// Has definitions that are of another version at each call, and newer ones at any time.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Identity(vsapi_vendor* vendor, vsapi_signatures_identity* identity) {
  *identity = {sizeof *identity, static_cast<uint64_t>(Self(vendor).refused++), {}, 1, 0};
  return VSAPI_OK;
}

static int32_t Poll(vsapi_vendor*, int32_t* newer) {
  *newer = 1;
  return VSAPI_OK;
}

static const void* GetRestlessExtension(vsapi_vendor* vendor, const char* id) {
  static constexpr vsapi_ext_signatures kSignatures = {Identity, Poll};
  if (std::strcmp(id, VSAPI_EXT_SIGNATURES) == 0) return &kSignatures;
  return GetExtension(vendor, id);
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.get_extension = GetRestlessExtension;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("RestlessVendor", 0, vsapi::test_vendor::kTable);
