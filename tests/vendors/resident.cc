// SPDX-License-Identifier: Apache-2.0
//
// Asks that its code is never unmapped. No misdeed.
#include "test_vendor.h"

VSAPI_TEST_VENDOR("ResidentVendor", VSAPI_VENDOR_KEEP_RESIDENT, vsapi::test_vendor::kGoodTable);
