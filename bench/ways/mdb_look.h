// SPDX-License-Identifier: Apache-2.0
//
// Looks over all messages of an MDB that clients can reach.
//
// Thread safety: free functions; any thread.
#pragma once

#include <vector>

#include "store.h"  // the engine has an mdb.h too

namespace store_sim::ways {

// Of the whole MDB, or of one place.
std::vector<int64_t> AllNumbers(Mdb& mdb, const Placement& place = {});

// The messages that can be read as they were stored.
uint64_t CountIntact(Mdb& mdb);

}  // namespace store_sim::ways
