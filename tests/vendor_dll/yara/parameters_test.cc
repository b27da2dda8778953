// SPDX-License-Identifier: Apache-2.0
//
// What is the libyara vendor's own in the setting Parameters; the rest is in ../parameters_test.cc.
#include "yara_support.h"

namespace vsapi::test {
namespace {

TEST(YaraParameters, SwitchOnAndOff) {
  for (const std::string key : {"strict", "includes", "properties"}) {
    for (const char* value : {"on", "off"})
      EXPECT_EQ(VendorInstance(Dll(), key + "=" + value).create_status(), VSAPI_OK) << key;
    const VendorInstance vendor(Dll(), key + "=1");
    EXPECT_EQ(vendor.create_status(), VSAPI_E_ARGUMENT) << key;
    EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, "can't be '1'; allowed is on or off"));
  }
}

}  // namespace
}  // namespace vsapi::test
