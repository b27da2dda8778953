// SPDX-License-Identifier: Apache-2.0
//
// The rows that make up messages, folders and contents, written one at a time: the steps of an
// MDB's transactions, for the sources that write it. Each needs a transaction that is open already.
//
// Thread safety: that of the Database.
#pragma once

#include <optional>
#include <vector>

#include "database.h"
#include "mdb_rows.h"

namespace store_sim {

// With the mailbox, the folders that each mailbox has, and those above it, where they are missing.
int64_t EnsureFolder(Database& writer, const Placement& placement);

// The message that was received as these bytes, or the one that stands in for it.
std::optional<int64_t> FindStored(Database& writer, const Digest& digest);

std::optional<int64_t> FindContent(Database& writer, const Digest& digest);

// It is part `part` of `message`, or stands in `container`.
void SetContentPlace(Database& writer, int64_t content, int64_t message, const Part& part,
                     std::optional<int64_t> container);

// Makes the parts of the message those of `incoming`; a row that says the same already stays, and
// with it the stamp of that item alone. Returns their contents.
std::vector<int64_t> PutParts(Database& writer, int64_t message, const IncomingMessage& incoming,
                              std::vector<NewItem>* new_items);

// Adds to `new_items` unless it is null.
int64_t InsertMessage(Database& writer, const IncomingMessage& message,
                      std::vector<NewItem>* new_items);

// Binds the columns of a stamp, from stamp_vendor to stamp_since.
Statement& BindStamp(Statement& statement, const Stamp& stamp);
// Ends the attempts of the content.
void StampContent(Database& writer, const Digest& content, const Stamp& stamp);

}  // namespace store_sim
