// SPDX-License-Identifier: Apache-2.0
//
// All vendors of this tree pass vendor_check.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run_vendor_check.h"

namespace vsapi::test {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

void ExpectToPass(const std::string& library, const std::string& options = "") {
  const Report report(library, options);
  EXPECT_THAT(report.With("fail"), IsEmpty()) << report.Seen("fail");
  EXPECT_THAT(report.With("warn"), IsEmpty()) << report.Seen("warn");
  EXPECT_EQ(report.exit_status(), 0);
  EXPECT_THAT(report.With("ok"), Contains("scan.eicar"));
  EXPECT_THAT(report.With("ok"), Contains("leaks.scans"));
}

TEST(VendorCheck, PassesTheMinimalVendor) { ExpectToPass(VSAPI_MINIMAL_VENDOR); }

TEST(VendorCheck, PassesTheMinimalVendorInCpp) { ExpectToPass(VSAPI_MINIMAL_CPP_VENDOR); }

#ifdef VSAPI_CLAMAV_VENDOR
TEST(VendorCheck, PassesTheLibclamavVendorWithoutParameters) { ExpectToPass(VSAPI_CLAMAV_VENDOR); }

TEST(VendorCheck, PassesTheLibclamavVendorWithParameters) {
  ExpectToPass(VSAPI_CLAMAV_VENDOR,
               "--parameters 'definitions=" VSAPI_CLAMAV_DEFINITIONS ";max_file_size=1M'");
}
#endif

#ifdef VSAPI_YARA_VENDOR
TEST(VendorCheck, PassesTheLibyaraVendor) { ExpectToPass(VSAPI_YARA_VENDOR); }
#endif

}  // namespace
}  // namespace vsapi::test
