// SPDX-License-Identifier: Apache-2.0
//
// The setting Parameters of our vendors: what is wrong is refused by a line that says why.
#include "any_vendor.h"

namespace vsapi::test {
namespace {

class VendorParameters : public AnyVendor {
 protected:
  void ExpectRefused(const std::string& parameters, const std::string& because) const {
    const VendorInstance vendor(Dll(), parameters);
    EXPECT_EQ(vendor.create_status(), VSAPI_E_ARGUMENT) << parameters;
    EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, because)) << parameters << ": " << vendor.LogText();
  }
};
VSAPI_FOR_EACH_VENDOR(VendorParameters);

TEST_P(VendorParameters, RefuseAnUnknownKeyAndNameTheKnownOnes) {
  const std::string& known = GetParam().place_key;
  ExpectRefused("no_such_key=1M", "there is no key 'no_such_key'; known are " + known);
  ExpectRefused(known, "'" + known + "' is not of the form key=value");
}

TEST_P(VendorParameters, RefuseAValueThatIsNotAllowedAndSayWhatIs) {
  ExpectRefused(GetParam().place_key + "=here", "can't be 'here'; allowed is an absolute path");
  const std::string& size = GetParam().size_key;
  for (const char* value : {"", "x", "12K", "2G", "1T", "-1", "1.5M", "99999999999999999999"})
    ExpectRefused(size + "=" + value, "key '" + size + "' can't be");
  for (const char* value : {"", "0", "1000K", "1025G", "much"})
    ExpectRefused(std::string("memory_budget=") + value, "allowed is 1M to 1024G");
  ExpectRefused(size + "=1M;" + size + "=1M", "key '" + size + "' is given twice");
}

TEST_P(VendorParameters, AreTakenWithSpacesAndEmptyParts) {
  for (const std::string& parameters :
       {std::string(), std::string(";;"), " " + GetParam().size_key + " = 64K ; memory_budget=1G;"})
    EXPECT_EQ(VendorInstance(Dll(), parameters).create_status(), VSAPI_OK) << parameters;
}

}  // namespace
}  // namespace vsapi::test
