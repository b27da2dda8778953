// SPDX-License-Identifier: GPL-2.0-only
//
// The whole content of a request in memory, as libclamav needs it: where the engine has it already,
// or else read into a buffer that is kept from scan to scan. One session, one thread at a time.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_CONTENT_BUFFER_H_
#define VSAPI_VENDOR_DLL_CLAMAV_CONTENT_BUFFER_H_

#include <vsapi/abi/scan.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace vsapi::clamav {

class ContentBuffer {
 public:
  // Points `*content` at all bytes of the request, until the next call; or returns the status of
  // the read that failed.
  int32_t Fetch(const vsapi_scan_request& request, std::string_view* content);

  // Gives back what is more than usual mail needs.
  void Trim();

 private:
  void Reserve(size_t size);

  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
};

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_CONTENT_BUFFER_H_
