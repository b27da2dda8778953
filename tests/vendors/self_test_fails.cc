// SPDX-License-Identifier: Apache-2.0
//
// Does not find its own positive sample.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t HarmlessSample(vsapi_vendor*, const void** data, size_t* size) {
  *data = "harmless";
  *size = 8;
  return VSAPI_OK;
}

static const void* GetFailingSelfTest(vsapi_vendor*, const char* id) {
  static constexpr vsapi_ext_self_test kSelfTest = {HarmlessSample};
  return std::strcmp(id, VSAPI_EXT_SELF_TEST) == 0 ? &kSelfTest : nullptr;
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.get_extension = GetFailingSelfTest;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("SelfTestFailsVendor", 0, vsapi::test_vendor::kTable);
