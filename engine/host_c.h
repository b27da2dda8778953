// SPDX-License-Identifier: Apache-2.0
//
// What the files of the C face share: the engine's handle, the guard that keeps exceptions inside,
// the check of arguments.
//
// Thread safety: pure functions.
#pragma once

#include <exception>
#include <memory>
#include <new>

#include "engine.h"
#include "vsapi/host/vsapi_host.h"

struct vsapi_engine {
  vsapi::engine::SystemClock clock;
  std::unique_ptr<vsapi::engine::Engine> engine;
};

namespace vsapi::engine {

inline constexpr uint64_t kYearMs = 1000ull * 86400 * 365;  // as good as for ever, and no clock
                                                            // overflows

template <class Call>
int32_t Guarded(Call call) noexcept {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return VSAPI_E_NO_MEMORY;
  } catch (...) {
    return VSAPI_E_INTERNAL;
  }
}

bool IsItem(const vsapi_item* item);
bool AreItems(const vsapi_item* items, size_t count);

}  // namespace vsapi::engine
