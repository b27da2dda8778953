// SPDX-License-Identifier: Apache-2.0
//
// The setting Parameters of the libyara vendor: what is wrong is refused by a line that says why.
#include "yara_support.h"

namespace vsapi::test {
namespace {

void ExpectRefused(const std::string& parameters, const std::string& because) {
  const VendorInstance vendor(Dll(), parameters);
  EXPECT_EQ(vendor.create_status(), VSAPI_E_ARGUMENT) << parameters;
  EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, because)) << parameters << ": " << vendor.LogText();
}

TEST(YaraParameters, RefuseAnUnknownKeyAndNameTheKnownOnes) {
  ExpectRefused("rule=/x", "there is no key 'rule'; known are rules, max_size, strict, includes");
  ExpectRefused("rules", "'rules' is not of the form key=value");
}

TEST(YaraParameters, RefuseAValueThatIsNotAllowedAndSayWhatIs) {
  ExpectRefused("rules=here.yar", "key 'rules' can't be 'here.yar'; allowed is an absolute path");
  for (const char* size : {"", "x", "12K", "2G", "1T", "-1", "1.5M", "99999999999999999999"})
    ExpectRefused(std::string("max_size=") + size, "key 'max_size' can't be");
  for (const char* key : {"strict", "includes", "properties"})
    ExpectRefused(std::string(key) + "=1", "can't be '1'; allowed is on or off");
  ExpectRefused("strict=on;strict=off", "key 'strict' is given twice");
}

TEST(YaraParameters, AreTakenWithSpacesAndEmptyParts) {
  for (const char* parameters : {"", ";;", " strict = off ; max_size=64K;", "includes=on"})
    EXPECT_EQ(VendorInstance(Dll(), parameters).create_status(), VSAPI_OK) << parameters;
}

}  // namespace
}  // namespace vsapi::test
