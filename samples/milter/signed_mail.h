// SPDX-License-Identifier: Apache-2.0
//
// Does anybody vouch for the bytes of a message? What is signed is delivered byte for byte, or not
// at all: a part that was replaced would make its signature a forgery's.
//
// Thread safety: pure functions.
#pragma once

#include "mdb_rows.h"

namespace store_milter {

// By DKIM, DomainKeys or ARC in its header; by S/MIME or PGP anywhere in it.
bool IsSigned(const store_sim::IncomingMessage& message);

}  // namespace store_milter
