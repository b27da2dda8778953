// SPDX-License-Identifier: GPL-2.0-only
//
// Whether content starts as a message does. Pure, any thread.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_MESSAGE_START_H_
#define VSAPI_VENDOR_DLL_CLAMAV_MESSAGE_START_H_

#include <string_view>

namespace vsapi::clamav {

// A field ("Name: value") in the first line, and an empty line somewhere after it. Readers of mail
// forgive odd lines between, so they don't matter.
bool StartsLikeMessage(std::string_view content) noexcept;

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_MESSAGE_START_H_
