// SPDX-License-Identifier: Apache-2.0
//
// The setting Parameters of the libclamav vendor: what is wrong is refused by a line that says why.
#include "clamav_support.h"

namespace vsapi::test {
namespace {

void ExpectRefused(const std::string& parameters, const std::string& because) {
  const VendorInstance vendor(Dll(), parameters);
  EXPECT_EQ(vendor.create_status(), VSAPI_E_ARGUMENT) << parameters;
  EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, because)) << parameters << ": " << vendor.LogText();
}

TEST(ClamavParameters, RefuseAnUnknownKeyAndNameTheKnownOnes) {
  ExpectRefused("max_filesize=1M", "there is no key 'max_filesize'; known are definitions, temp");
  ExpectRefused("definitions", "'definitions' is not of the form key=value");
}

TEST(ClamavParameters, RefuseAValueOutOfRangeAndSayWhatIsAllowed) {
  for (const char* size : {"", "x", "12K", "2G", "1T", "-1", "1.5M", "99999999999999999999"})
    ExpectRefused(std::string("max_file_size=") + size, "key 'max_file_size' can't be");
  ExpectRefused("max_recursion=0", "key 'max_recursion' can't be '0'; allowed is 1 to 100");
  ExpectRefused("max_files=many", "allowed is 1 to 1000000");
  ExpectRefused("max_scan_seconds=4000", "allowed is 1 to 3600");
  ExpectRefused("heuristics=yes", "allowed is on or off");
  ExpectRefused("pua=1", "allowed is on or off");
  ExpectRefused("definitions=here", "allowed is an absolute path");
  ExpectRefused("temp=", "allowed is an absolute path");
}

TEST(ClamavParameters, RefuseContradictions) {
  ExpectRefused("pua=on;pua=off", "key 'pua' is given twice");
  ExpectRefused("max_file_size=1G", "'max_scan_size' can't be below max_file_size");
}

TEST(ClamavParameters, AreTakenWithSpacesAndEmptyParts) {
  for (const char* parameters :
       {"", ";;", " heuristics = off ; max_file_size=64K;", "max_file_size=65536;max_scan_size=1G"})
    EXPECT_EQ(VendorInstance(Dll(), parameters).create_status(), VSAPI_OK) << parameters;
}

}  // namespace
}  // namespace vsapi::test
