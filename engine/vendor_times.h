// SPDX-License-Identifier: Apache-2.0
//
// How long vendors take for what the control thread calls of them, by kind of call and over all
// generations. Scans are not among them: each has its time in its report.
//
// Thread safety: Begin and End on the control thread, or what has taken its place; Of from any
// thread. What is read while a call ends is its state before or after, field by field.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "clock.h"

namespace vsapi::engine {

// In the order of a vendor's life.
enum class ControlCall : uint8_t {
  kCreate,
  kGetExtension,
  kStart,
  kOpenSession,
  kIdentity,
  kPositiveSample,
  kSelfTest,  // the scans of it
  kPoll,
  kCloseSession,
  kStop,
  kDestroy,
};
inline constexpr size_t kControlCalls = static_cast<size_t>(ControlCall::kDestroy) + 1;

// As the contract calls the function.
const char* NameOf(ControlCall call);

// What takes longer is worth an event: settings and newer definitions wait meanwhile.
Duration BoundOf(ControlCall call);

class VendorTimes {
 public:
  struct Times {
    uint64_t calls = 0;  // that have returned
    Duration last{}, longest{};
    Duration running{};  // so long one is under way; zero: none
  };

  void Begin(ControlCall call, TimePoint now);
  // How long it took.
  Duration End(ControlCall call, TimePoint now);
  Times Of(ControlCall call, TimePoint now) const;

 private:
  using Ticks = Duration::rep;
  struct Cell {
    std::atomic<uint64_t> calls = 0;
    std::atomic<Ticks> last = 0, longest = 0;
    std::atomic<Ticks> began = 0;  // zero: none is under way
  };
  std::array<Cell, kControlCalls> cells_;
};

}  // namespace vsapi::engine
