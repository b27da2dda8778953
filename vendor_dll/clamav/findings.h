// SPDX-License-Identifier: GPL-2.0-only
//
// What libclamav named during one scan, and what it means in the words of the contract. Fixed room,
// no allocation, nothing thrown: it is filled from inside libclamav. One scan's thread only.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_FINDINGS_H_
#define VSAPI_VENDOR_DLL_CLAMAV_FINDINGS_H_

#include <vsapi/abi/scan.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vsapi::clamav {

// A stronger one decides over a weaker one.
enum class Strength { kNothing, kEncrypted, kOverLimit, kSuspicious, kInfected };

Strength StrengthOf(std::string_view name);

class Findings {
 public:
  // Copies `name`, which is libclamav's.
  void Add(std::string_view name) noexcept;

  Strength strongest() const { return strongest_; }
  bool time_ran_out() const { return time_ran_out_; }

  // The verdict of the strongest; VSAPI_VERDICT_NONE if there is none.
  int32_t verdict() const;

  // Tells the engine, strongest first.
  void Report(vsapi_scan_result* result) const;

 private:
  struct Finding {
    Strength strength = Strength::kNothing;
    char name[96] = {};
  };
  Finding& Slot();
  bool Has(const Finding& finding) const;

  std::array<Finding, 8> found_{};
  size_t count_ = 0;
  Strength strongest_ = Strength::kNothing;
  bool time_ran_out_ = false;
};

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_FINDINGS_H_
