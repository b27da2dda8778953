// SPDX-License-Identifier: GPL-2.0-only
//
// Numbers in the headers of archives. Pure, any thread.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_LITTLE_ENDIAN_H_
#define VSAPI_VENDOR_DLL_CLAMAV_LITTLE_ENDIAN_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vsapi::clamav {

// `count` bytes at `at`, which must be there.
inline uint64_t LittleEndian(std::string_view bytes, size_t at, size_t count) {
  uint64_t number = 0;
  while (count-- > 0) number = number << 8 | static_cast<uint8_t>(bytes[at + count]);
  return number;
}

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_LITTLE_ENDIAN_H_
