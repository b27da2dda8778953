// SPDX-License-Identifier: Apache-2.0
//
// Was built for another major version of the contract. Must be refused before anything of it is
// called: its create ends the process.
#include <vsapi/abi/vsapi_vendor.h>

#include <cstdlib>

static int32_t NeverToBeCalled(const vsapi_create*, vsapi_vendor**) { std::abort(); }

static constexpr vsapi_vendor_info kInfo = {sizeof(vsapi_vendor_info), 0, "WrongMajorVendor",
                                            "Test vendor of another major version", 1};
VSAPI_EXPORT_ENTRY = {sizeof(vsapi_entry), VSAPI_ABI_MAJOR + 1, VSAPI_ABI_MINOR, &kInfo,
                      NeverToBeCalled};
