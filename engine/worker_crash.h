// SPDX-License-Identifier: Apache-2.0
//
// What a worker process leaves behind when it crashes: written by its signal handler into memory
// that the engine has too.
//
// Thread safety: a value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace vsapi::engine {

struct CrashNote {
  static constexpr size_t kMostFrames = 64;
  uint32_t signal;  // 0: none
  uint32_t frames;
  std::array<uint64_t, kMostFrames> frame;  // return addresses, the innermost first
};

}  // namespace vsapi::engine
