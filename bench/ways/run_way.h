// SPDX-License-Identifier: Apache-2.0
//
// Has the clients of a profile work on a store that is protected in one way, and records what came
// of it.
//
// Thread safety: one thread; once in a process, since a way may change the process for good.
#pragma once

#include "simulate_profile.h"
#include "way.h"

namespace store_sim::ways {

void RunWay(const NamedWay& named, const Places& places, Profile profile, uint64_t seed,
            Records& records);

}  // namespace store_sim::ways
