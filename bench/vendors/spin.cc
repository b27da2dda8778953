// SPDX-License-Identifier: Apache-2.0
//
// A vendor that is busy for a given processor time and then calls everything clean. Parameters:
// "HIGH;LOW", the microseconds that a scan in each lane takes; "N" for both.
#include <time.h>
#include <vsapi/vendor.h>

#include <charconv>

namespace {

// Processor time, not wall time: a scan that is preempted has as much left to do.
int64_t ThreadCpuNs() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

int64_t MicrosecondsToNs(std::string_view text) {
  int64_t microseconds = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, microseconds);
  if (error != std::errc() || stop != end || microseconds < 0)
    throw vsapi::Failure(VSAPI_E_ARGUMENT, "Parameters must be \"HIGH;LOW\" in microseconds");
  return microseconds * 1000;
}

class Spin final : public vsapi::Vendor {
 public:
  static constexpr vsapi_vendor_info kInfo = {sizeof(vsapi_vendor_info), 0, "BenchSpin",
                                              "Is busy for a given time, for benchmarks", 1};
  explicit Spin(const vsapi::Create& how) {
    const size_t split = how.parameters.find(';');
    high_ns_ = MicrosecondsToNs(how.parameters.substr(0, split));
    low_ns_ = split == std::string_view::npos ? high_ns_
                                              : MicrosecondsToNs(how.parameters.substr(split + 1));
  }

  int32_t Scan(vsapi::Session&, const vsapi::Request& request, vsapi::Result&) override {
    const int64_t busy = request.lane() == VSAPI_LANE_HIGH ? high_ns_ : low_ns_;
    if (busy == 0) return VSAPI_VERDICT_CLEAN;
    for (const int64_t end = ThreadCpuNs() + busy; ThreadCpuNs() < end;) {
    }
    return VSAPI_VERDICT_CLEAN;
  }

 private:
  int64_t high_ns_ = 0;
  int64_t low_ns_ = 0;
};

}  // namespace

VSAPI_VENDOR(Spin)
