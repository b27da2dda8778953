// SPDX-License-Identifier: Apache-2.0
//
// The host's end of one scan: the request and the result that the vendor gets, the functions behind
// them, and what those notice.
//
// Thread safety: all but `is_open` belongs to the scanning thread. A vendor that calls from another
// one is blamed for it.
#pragma once

#include <vsapi/abi/vsapi_vendor.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "content.h"
#include "host.h"
#include "process_state.h"

namespace vendor_check {

struct Desk {
  struct Request : vsapi_scan_request {
    Desk* desk;
  };
  struct Result : vsapi_scan_result {
    Desk* desk;
  };
  using Clock = std::chrono::steady_clock;

  Desk(Host& the_host, const Content& the_content);
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Opens, has `session` scan, closes, and looks at what the vendor left.
  Answer Serve(vsapi_vendor* vendor, vsapi_session* session);

  // May the vendor make this call now, here? Blames it if not.
  bool Admits(const char* function);
  // Notices once that the scan is to stop.
  bool IsCancelled();
  bool IsExpired();
  uint64_t RemainingNs();

  Host& host;
  const Content& content;
  Request request;
  Result result;
  Answer answer;
  uint64_t read_up_to = 0;
  std::thread::id thread;
  Clock::time_point began;
  struct Moment {
    Clock::time_point time = Clock::now();
    std::chrono::nanoseconds waited = WaitedForProcessor();

    // What went by since, but for waiting for a processor.
    std::chrono::nanoseconds Since() const {
      const Moment now;
      const auto waited_since = std::max(now.waited - waited, std::chrono::nanoseconds(0));
      return now.time - time - waited_since;
    }
  };
  std::optional<Moment> stopped;
  // True between the call of scan and its return. Set by the scanning thread, read by whichever
  // thread the vendor calls from.
  std::atomic<bool> is_open{false};

 private:
  void LookAtWhatIsLeft(const vsapi_scan_request& given);
  bool HasStopped(bool now);
};

}  // namespace vendor_check
