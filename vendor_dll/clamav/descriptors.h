// SPDX-License-Identifier: GPL-2.0-only
//
// Are there file descriptors left for a scan? libclamav reports an HTML page as clean, without any
// error, when it can't open its temporary files; so a shortage has to be seen before the scan.
// Any thread at any time.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_DESCRIPTORS_H_
#define VSAPI_VENDOR_DLL_CLAMAV_DESCRIPTORS_H_

namespace vsapi::clamav {

// What one scan is given: an archive nested max_recursion deep holds one or two per level.
inline constexpr unsigned kDescriptorsPerScan = 32;

// Whether this process could open `wanted` more descriptors now. `any_open` is one that is open.
// Three system calls where the table is dense, more where it has many holes.
bool HasFreeDescriptors(int any_open, unsigned wanted);

// The process's limit (RLIMIT_NOFILE, soft).
unsigned DescriptorLimit();

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_DESCRIPTORS_H_
