// SPDX-License-Identifier: Apache-2.0
//
// Does to messages what the engine ordered: what is judged by its content alone is dealt with
// wherever it is, what is judged by its name at that item. A message in quarantine is left as it
// is.
//
// A step of a transaction that is open already: the outcome and its stamp are there together or not
// at all.
//
// Thread safety: that of the Database.
#pragma once

#include <string>
#include <vector>

#include "database.h"
#include "mdb_rows.h"

namespace store_sim {

// Does it change messages?
bool ChangesMessages(int32_t action);

// All that is ordered with it, too.
MarkOutcome ApplyMark(Database& writer, const std::string& mdb, const MarkChange& change);

// Throws Error if the item can't be changed so; then nothing of it may be committed. Other items
// that can't stay as they are, and the stamp denies them.
void CarryOut(Database& writer, const std::string& mdb, const MarkChange& change);

// Does to a message that has just come what was ordered for the contents that it brings, as far as
// that is current; those that become new by it take the place of its own in `new_items`, which may
// be null. False: nothing was to be done, or could be. The message may be gone then.
bool CarryOutRemembered(Database& writer, const std::string& mdb, int64_t message,
                        const IsCurrent& is_current, std::vector<NewItem>* new_items);

}  // namespace store_sim
