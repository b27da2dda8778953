// SPDX-License-Identifier: Apache-2.0
//
// What is in the mailboxes before a simulation begins: mail that nobody has scanned yet.
//
// Thread safety: one thread; no engine runs on the store.
#pragma once

#include "progress.h"
#include "simulate_ledger.h"
#include "store.h"

namespace store_sim {

// Adds to the private MDBs until they hold as many messages as the profile says.
void FillStore(const Store& store, const Profile& profile, uint64_t seed, Ledger& ledger,
               Progress& progress);

}  // namespace store_sim
