// SPDX-License-Identifier: GPL-2.0-only
//
// A failure on its way to the border of the DLL: the status that the engine gets, and the line that
// the administrator reads. Thrown inside, caught in clamav_vendor.cc, never seen outside.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_FAILURE_H_
#define VSAPI_VENDOR_DLL_CLAMAV_FAILURE_H_

#include <cstdint>
#include <stdexcept>
#include <string>

namespace vsapi::clamav {

class Failure : public std::runtime_error {
 public:
  Failure(int32_t status, const std::string& text) : std::runtime_error(text), status_(status) {}
  int32_t status() const { return status_; }

 private:
  int32_t status_;
};

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_FAILURE_H_
