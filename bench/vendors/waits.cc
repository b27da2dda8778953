// SPDX-License-Identifier: Apache-2.0
//
// A vendor that waits, as one does that asks another machine, and then calls everything clean.
// Parameters: the milliseconds that a scan takes.
#include <vsapi/vendor.h>

#include <charconv>
#include <chrono>
#include <thread>

namespace {

class Waits final : public vsapi::Vendor {
 public:
  static constexpr vsapi_vendor_info kInfo = {sizeof(vsapi_vendor_info), 0, "BenchWaits",
                                              "Waits for a given time, for benchmarks", 1};
  explicit Waits(const vsapi::Create& how) {
    const std::string_view text = how.parameters;
    int64_t milliseconds = 0;
    const auto [stop, error] =
        std::from_chars(text.data(), text.data() + text.size(), milliseconds);
    if (error != std::errc() || stop != text.data() + text.size() || milliseconds < 0)
      throw vsapi::Failure(VSAPI_E_ARGUMENT, "Parameters must be milliseconds");
    time_ = std::chrono::milliseconds(milliseconds);
  }

  int32_t Scan(vsapi::Session&, const vsapi::Request&, vsapi::Result&) override {
    std::this_thread::sleep_for(time_);
    return VSAPI_VERDICT_CLEAN;
  }

 private:
  std::chrono::milliseconds time_{0};
};

}  // namespace

VSAPI_VENDOR(Waits)
