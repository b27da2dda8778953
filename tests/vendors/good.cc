// SPDX-License-Identifier: Apache-2.0
//
// Does nothing wrong. What it does with which content is in README.md. With version= or digest= in
// Parameters it has definitions of that version and digest; without them its version is that of the
// library.
#include <algorithm>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Identity(vsapi_vendor* vendor, vsapi_signatures_identity* identity) {
  const Instance& self = Self(vendor);
  const std::string digest = Parameter(self, "digest", "");
  identity->version = std::strtoull(Parameter(self, "version", "1").c_str(), nullptr, 10);
  std::memset(identity->digest, 0, sizeof identity->digest);
  std::memcpy(identity->digest, digest.data(), std::min(digest.size(), sizeof identity->digest));
  identity->count = 1;
  identity->built_ns = 0;
  return VSAPI_OK;
}

static int32_t Poll(vsapi_vendor*, int32_t* newer) {
  *newer = 0;
  return VSAPI_OK;
}

static const void* GetGoodExtension(vsapi_vendor* vendor, const char* id) {
  static constexpr vsapi_ext_signatures kSignatures = {Identity, Poll};
  const Instance& self = Self(vendor);
  const bool has_definitions =
      !(Parameter(self, "version", "") + Parameter(self, "digest", "")).empty();
  if (has_definitions && std::strcmp(id, VSAPI_EXT_SIGNATURES) == 0) return &kSignatures;
  return GetExtension(vendor, id);
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.get_extension = GetGoodExtension;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("GoodVendor", 0, vsapi::test_vendor::kTable);
