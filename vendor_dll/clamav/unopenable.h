// SPDX-License-Identifier: GPL-2.0-only
//
// Formats that Debian's libclamav passes over without a sign, told by their headers: RAR, members
// of a zip that are packed by an uncommon method (LZMA, PPMd, Zstandard ...), the second stream of
// a bzip2 file, and what is plain data to it (Zstandard, LZ4, lzip, ACE ...). Any thread.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_UNOPENABLE_H_
#define VSAPI_VENDOR_DLL_CLAMAV_UNOPENABLE_H_

#include <string_view>

namespace vsapi::clamav {

// What in `content` can't be opened, as a noun phrase; nullptr if nothing.
const char* FindUnopenable(std::string_view content) noexcept;

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_UNOPENABLE_H_
