// SPDX-License-Identifier: Apache-2.0
//
// A vendor that looks at nothing and calls everything clean: what is left is the engine's own cost.
#include <vsapi/vendor.h>

namespace {

class NoOp final : public vsapi::Vendor {
 public:
  static constexpr vsapi_vendor_info kInfo = {sizeof(vsapi_vendor_info), 0, "BenchNoOp",
                                              "Does nothing, for benchmarks", 1};
  explicit NoOp(const vsapi::Create&) {}

  int32_t Scan(vsapi::Session&, const vsapi::Request&, vsapi::Result&) override {
    return VSAPI_VERDICT_CLEAN;
  }
};

}  // namespace

VSAPI_VENDOR(NoOp)
