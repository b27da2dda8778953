// SPDX-License-Identifier: Apache-2.0
//
// The record of an MDB: how messages came in, who opened them when, what was found in them when.
// Apart from the tables of schema.h: a program that does not know it does nothing wrong, so it has
// no part in the schema's version, and an MDB without it gets it when it is opened for writing.
#pragma once

namespace store_sim {

// Detections and openings have no reference to the message: they outlive one that is deleted.
inline constexpr char kRecordTables[] = R"sql(
  CREATE TABLE arrivals (
    message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    how     TEXT NOT NULL
  ) STRICT;

  CREATE TABLE opened (
    message  INTEGER NOT NULL,
    user     TEXT NOT NULL,
    client   TEXT NOT NULL,
    first_ns INTEGER NOT NULL,
    last_ns  INTEGER NOT NULL,
    times    INTEGER NOT NULL,
    PRIMARY KEY (message, user, client)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX opened_by_time ON opened (last_ns);

  CREATE TABLE detections (
    message     INTEGER NOT NULL,
    ordinal     INTEGER NOT NULL,
    digest      BLOB NOT NULL,
    path        TEXT NOT NULL,
    name        TEXT NOT NULL,
    verdict     INTEGER NOT NULL,
    finding     TEXT NOT NULL,
    vendor      TEXT NOT NULL,
    version     INTEGER NOT NULL,
    definitions BLOB NOT NULL,
    found_ns    INTEGER NOT NULL,
    PRIMARY KEY (message, ordinal, digest)
  ) STRICT, WITHOUT ROWID;
)sql";

}  // namespace store_sim
