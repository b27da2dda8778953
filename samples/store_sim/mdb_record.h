// SPDX-License-Identifier: Apache-2.0
//
// What the other sources of an MDB put into its record, each within the transaction of the change
// that it tells of.
#pragma once

#include "database.h"
#include "mdb_rows.h"

namespace store_sim {

// What is told by a report: something was found, not merely left unjudged.
bool IsFinding(int32_t verdict);

// Makes the record where there is none, with what the stamps tell, and removes what is too old.
void PrepareRecord(Database& writer, int64_t now_ns);

void RecordArrival(Database& writer, int64_t message, const IncomingMessage& incoming);
// A message may bring what is known already: then it was found when it came.
void RecordKnown(Database& writer, int64_t message, int64_t now_ns);
// In every message that holds this content, or in this item alone. The first time counts.
void RecordContentFound(Database& writer, const Digest& content);
void RecordItemFound(Database& writer, const ItemPlace& item);
void RecordOpening(Database& writer, const Opening& opening);
void ForgetOldOpenings(Database& writer, int64_t now_ns);
// The message is about to be deleted by an outcome: its details are kept for those who ask.
void RecordDeparture(Database& writer, int64_t message, int64_t time_ns);
// All that tells of a message, which is elsewhere now.
void ForgetRecord(Database& writer, int64_t message);

// "" where the record does not say.
std::string ReadArrival(Database& reader, int64_t message);

}  // namespace store_sim
