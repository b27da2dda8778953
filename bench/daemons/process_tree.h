// SPDX-License-Identifier: Apache-2.0
//
// What this process and all that descend from it have used together: a scanner's daemon, its
// workers and its clients are children of the program that measures, and what a way does not use
// stands still meanwhile.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>

namespace vsapi::bench {

// User and system time; of what has ended and was waited for too.
int64_t TreeCpuNs();
// Memory, what processes share counted once (Pss).
double TreeMemoryMiB();

}  // namespace vsapi::bench
