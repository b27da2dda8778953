// SPDX-License-Identifier: Apache-2.0
//
// What is the libclamav vendor's own in the setting Parameters; the rest is in
// ../parameters_test.cc.
#include "clamav_support.h"

namespace vsapi::test {
namespace {

void ExpectRefused(const std::string& parameters, const std::string& because) {
  const VendorInstance vendor(Dll(), parameters);
  EXPECT_EQ(vendor.create_status(), VSAPI_E_ARGUMENT) << parameters;
  EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, because)) << parameters << ": " << vendor.LogText();
}

TEST(ClamavParameters, RefuseAValueOutOfRangeAndSayWhatIsAllowed) {
  ExpectRefused("max_recursion=0", "key 'max_recursion' can't be '0'; allowed is 1 to 100");
  ExpectRefused("max_files=many", "allowed is 1 to 1000000");
  ExpectRefused("max_scan_seconds=4000", "allowed is 1 to 3600");
  ExpectRefused("heuristics=yes", "allowed is on or off");
  ExpectRefused("pua=1", "allowed is on or off");
  ExpectRefused("temp=", "allowed is an absolute path");
}

TEST(ClamavParameters, RefuseContradictions) {
  ExpectRefused("max_file_size=1G", "'max_scan_size' can't be below max_file_size");
}

}  // namespace
}  // namespace vsapi::test
