// SPDX-License-Identifier: Apache-2.0
//
// Messages that change after they came: they get other bytes, trade numbers, or go. What they
// shared with other messages stays there: a content that stood in the bytes of one of them is found
// in another's from then on, and one that nobody holds any more is gone.
//
// Each is a step of a transaction that is open already and has `PRAGMA defer_foreign_keys = ON`.
//
// Thread safety: that of the Database.
#pragma once

#include <string>

#include "database.h"
#include "mdb_rows.h"

namespace store_sim {

std::string ReadWhole(Database& reader, int64_t message);
int64_t ReceivedAt(Database& reader, int64_t message);

// Throws Error if another message has these bytes. Adds to `new_items` unless it is null.
void GiveBytes(Database& writer, int64_t message, const std::string& raw,
               std::vector<NewItem>* new_items = nullptr);

void RemoveMessage(Database& writer, int64_t message);

// A message that lies in quarantine alone does so no longer, and stands in no folder. False: it
// does not.
bool EndQuarantine(Database& writer, int64_t message);

// Stamps of the items that are in both, so that those are not judged again.
void CopyItemStamps(Database& writer, int64_t from, int64_t to);

// Each gets the other's number, with all that is its own but its places.
void SwapNumbers(Database& writer, int64_t one, int64_t other);

}  // namespace store_sim
