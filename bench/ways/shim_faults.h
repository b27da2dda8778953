// SPDX-License-Identifier: Apache-2.0
//
// What a layer below the store does to it when that layer fails, is slow, changes a page, or sees
// half of a message only. Each in a small store of its own.
//
// Thread safety: one thread, while nobody else writes into a database.
#pragma once

#include "shim_vfs.h"
#include "way.h"
#include "way_records.h"

namespace store_sim::ways {

// `judge` is whom the installed shim asks; it is as it was when this returns.
void RecordShimFaults(const Places& places, Judge& judge, Records& records);

}  // namespace store_sim::ways
