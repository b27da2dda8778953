// SPDX-License-Identifier: Apache-2.0
//
// What a file-level scanner sees of attachments that do not fit into one page of the database: the
// pages of a message stand anywhere in the file, each with a pointer to the next.
//
// Thread safety: one thread.
#pragma once

#include "way.h"
#include "way_records.h"

namespace store_sim::ways {

// By a database for each of some messages, beside the same as mail.
void RecordFileSight(const Places& places, Records& records);

}  // namespace store_sim::ways
