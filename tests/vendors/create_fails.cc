// SPDX-License-Identifier: Apache-2.0
//
// Never makes an instance.
#include <vsapi/abi/vsapi_vendor.h>

static int32_t FailToCreate(const vsapi_create*, vsapi_vendor**) { return VSAPI_E_INTERNAL; }

static constexpr vsapi_vendor_info kInfo = {sizeof(vsapi_vendor_info), 0, "CreateFailsVendor",
                                            "Test vendor that makes no instance", 1};
VSAPI_EXPORT_ENTRY = {sizeof(vsapi_entry), VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR, &kInfo, FailToCreate};
