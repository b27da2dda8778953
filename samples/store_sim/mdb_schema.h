// SPDX-License-Identifier: Apache-2.0
//
// Makes the database file of an MDB, knows one when it sees it, and brings one of an earlier
// version up to date where it stands.
//
// Thread safety: that of the Database.
#pragma once

#include "database.h"
#include "mdb_rows.h"

namespace store_sim {

// In one transaction, so that a crash leaves no half-made MDB behind that looks like a whole one.
void CreateSchema(Database& database, MdbKind kind);

// Throws Error unless it is an MDB of this version or of one that can be brought up to date.
void CheckIsOurs(Database& database);

bool IsOfEarlierVersion(Database& database);
// In one transaction. Does nothing if another process was first.
void BringUpToDate(Database& writer);

}  // namespace store_sim
