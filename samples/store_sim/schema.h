// SPDX-License-Identifier: Apache-2.0
//
// The tables of one MDB. Only ever changed together with kSchemaVersion.
#pragma once

#include <cstdint>

namespace store_sim {

inline constexpr int64_t kApplicationId = 0x56534150;  // "VSAP"
inline constexpr int64_t kSchemaVersion = 3;

// `raw` stands last in its row, so that the columns before it are read without its pages.
// AUTOINCREMENT: the number of a message is its name on the command line and is never given to
// another one.
//
// A content belongs to no message: it is found wherever its bytes are. Its row says from which
// message they can be decoded, or from which other content, its container, and keeps its stamp and
// its attempt. Versions and generations are uint64 and stand here as the int64 of the same bits. A
// stamp that holds for one item alone, since its name or type decided, stands in item_stamps and
// goes before the content's. stamp_action is what the engine ordered (VSAPI_ACTION_...).
inline constexpr char kTables[] = R"sql(
  CREATE TABLE mailboxes (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE folders (
    id      INTEGER PRIMARY KEY,
    mailbox INTEGER NOT NULL REFERENCES mailboxes (id),
    path    TEXT NOT NULL,
    UNIQUE (mailbox, path)
  ) STRICT;

  CREATE TABLE messages (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    digest         BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    size           INTEGER NOT NULL,
    received_ns    INTEGER NOT NULL,
    date_ns        INTEGER NOT NULL,
    sender         TEXT NOT NULL,
    subject        TEXT NOT NULL,
    message_id     TEXT NOT NULL,
    unclean_reason TEXT NOT NULL,
    covered        INTEGER NOT NULL,
    raw            BLOB NOT NULL
  ) STRICT;

  CREATE TABLE recipients (
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    field   INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (message, ordinal)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE placements (
    folder  INTEGER NOT NULL REFERENCES folders (id),
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    PRIMARY KEY (folder, message)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX placements_by_message ON placements (message);

  CREATE TABLE contents (
    id                   INTEGER PRIMARY KEY,
    digest               BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    size                 INTEGER NOT NULL,
    message              INTEGER NOT NULL REFERENCES messages (id),
    container            INTEGER REFERENCES contents (id),
    span_offset          INTEGER NOT NULL,
    span_size            INTEGER NOT NULL,
    encoding             INTEGER NOT NULL,
    stamp_vendor         TEXT,
    stamp_version        INTEGER,
    stamp_definitions    BLOB,
    stamp_generation     INTEGER,
    stamp_verdict        INTEGER,
    stamp_finding        TEXT,
    stamp_time_ns        INTEGER,
    stamp_action         INTEGER,
    attempt_count        INTEGER,
    attempt_not_before_ns INTEGER,
    attempt_definitions  BLOB
  ) STRICT;
  CREATE INDEX contents_by_message ON contents (message);

  CREATE TABLE parts (
    message      INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    ordinal      INTEGER NOT NULL,
    path         TEXT NOT NULL,
    kind         INTEGER NOT NULL,
    name         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    content      INTEGER NOT NULL REFERENCES contents (id),
    PRIMARY KEY (message, ordinal)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX parts_by_content ON parts (content);

  CREATE TABLE item_stamps (
    message           INTEGER NOT NULL,
    ordinal           INTEGER NOT NULL,
    stamp_vendor      TEXT NOT NULL,
    stamp_version     INTEGER NOT NULL,
    stamp_definitions BLOB NOT NULL,
    stamp_generation  INTEGER NOT NULL,
    stamp_verdict     INTEGER NOT NULL,
    stamp_finding     TEXT NOT NULL,
    stamp_time_ns     INTEGER NOT NULL,
    stamp_action      INTEGER NOT NULL,
    PRIMARY KEY (message, ordinal),
    FOREIGN KEY (message, ordinal) REFERENCES parts (message, ordinal) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
)sql";

// Since version 3: what mdb_stale.cc finds stale stamps by. An index ends in the row's own key.
inline constexpr char kStampIndexes[] = R"sql(
  CREATE INDEX contents_by_stamp
    ON contents (stamp_vendor, stamp_verdict, stamp_version, stamp_definitions);
  CREATE INDEX item_stamps_by_stamp
    ON item_stamps (stamp_vendor, stamp_verdict, stamp_version, stamp_definitions);
)sql";

}  // namespace store_sim
