// SPDX-License-Identifier: Apache-2.0
//
// What tests ask of any vendor's answers, for the harness's Outcome and VendorInstance.
#ifndef VSAPI_TESTS_SUPPORT_VENDOR_MATCHERS_H_
#define VSAPI_TESTS_SUPPORT_VENDOR_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/vendor_harness.h"

namespace vsapi::test {

MATCHER_P(Says, verdict, "") { return arg.status == VSAPI_OK && arg.verdict == verdict; }

MATCHER_P(FailsWith, status, "") { return arg.status == status; }

// OK with a verdict of clean: what no failure may ever look like.
MATCHER(IsClean, "") { return arg.status == VSAPI_OK && arg.verdict == VSAPI_VERDICT_CLEAN; }

inline vsapi_signatures_identity IdentityOf(const VendorInstance& vendor) {
  vsapi_signatures_identity identity{};
  identity.struct_size = sizeof identity;
  const auto* table = vendor.Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  EXPECT_EQ(table->identity(vendor.get(), &identity), VSAPI_OK);
  return identity;
}

inline std::string DigestOf(const VendorInstance& vendor) {
  const vsapi_signatures_identity identity = IdentityOf(vendor);
  return {reinterpret_cast<const char*>(identity.digest), sizeof identity.digest};
}

inline bool HasNewer(const VendorInstance& vendor) {
  int32_t newer = -1;
  const auto* table = vendor.Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  EXPECT_EQ(table->poll(vendor.get(), &newer), VSAPI_OK);
  return newer != 0;
}

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_VENDOR_MATCHERS_H_
