// SPDX-License-Identifier: GPL-2.0-only
//
// A file descriptor that is closed by its owner's end.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_UNIQUE_FD_H_
#define VSAPI_VENDOR_DLL_CLAMAV_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace vsapi::clamav {

class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_UNIQUE_FD_H_
