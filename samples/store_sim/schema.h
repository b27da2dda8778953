// SPDX-License-Identifier: Apache-2.0
//
// The tables of one MDB. Only ever changed together with kSchemaVersion; schema_earlier.h makes
// those of earlier versions these.
#pragma once

#include <cstdint>

namespace store_sim {

inline constexpr int64_t kApplicationId = 0x56534150;  // "VSAP"
inline constexpr int64_t kSchemaVersion = 5;

// A folder's path names its place in the tree of its mailbox, "Inbox/Work"; each folder above it
// has a row too. `swept_...` is the level under which all that it holds was last found current, by
// a whole pass (mdb_stale.cc); NULL since something came into it.
//
// `raw` stands last in its row, so that the columns before it are read without its pages.
// AUTOINCREMENT: the number of a message is its name on the command line and is never given to
// another one.
//
// A content belongs to no message: it is found wherever its bytes are. Its row says from which
// message they can be decoded, or from which other content, its container, and keeps its stamp and
// its attempt. Versions and generations are uint64 and stand here as the int64 of the same bits. A
// stamp that holds for one item alone, since its name or type decided, stands in item_stamps and
// goes before the content's. stamp_action is what the engine ordered (VSAPI_ACTION_...),
// stamp_since a generation before which that of the stamp is not (vsapi_outcome.since_generation).
//
// risk orders what background scanning takes next (risk.h): that of the item that brought the
// content.
inline constexpr char kTables[] = R"sql(
  CREATE TABLE mailboxes (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE folders (
    id                INTEGER PRIMARY KEY,
    mailbox           INTEGER NOT NULL REFERENCES mailboxes (id),
    path              TEXT NOT NULL,
    swept_vendor      TEXT,
    swept_version     INTEGER,
    swept_definitions BLOB,
    swept_since       INTEGER,
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
    attempt_definitions  BLOB,
    items                INTEGER NOT NULL DEFAULT 0,
    stamp_since          INTEGER,
    risk                 INTEGER NOT NULL DEFAULT 0
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
    stamp_since       INTEGER NOT NULL,
    PRIMARY KEY (message, ordinal),
    FOREIGN KEY (message, ordinal) REFERENCES parts (message, ordinal) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
)sql";

// What mdb_stale.cc finds stale stamps by. An index ends in the row's own key.
inline constexpr char kStampIndexes[] = R"sql(
  CREATE INDEX contents_by_stamp
    ON contents (stamp_vendor, stamp_verdict, stamp_version, stamp_definitions, stamp_since, risk);
  CREATE INDEX item_stamps_by_stamp
    ON item_stamps (stamp_vendor, stamp_verdict, stamp_version, stamp_definitions, stamp_since);
)sql";

// A quarantined message is a message like any other, out of every client's reach: `stands_in` is
// the one that its readers see instead, its placements say where it was. `outcomes` is what became
// of messages, which may be gone themselves.
inline constexpr char kStructure[] = R"sql(
  CREATE TABLE mdb (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    kind INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE quarantine (
    message   INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    stands_in INTEGER UNIQUE REFERENCES messages (id) ON DELETE SET NULL,
    time_ns   INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE outcomes (
    id      INTEGER PRIMARY KEY,
    message INTEGER NOT NULL,
    path    TEXT NOT NULL,
    name    TEXT NOT NULL,
    action  INTEGER NOT NULL,
    vendor  TEXT NOT NULL,
    verdict INTEGER NOT NULL,
    finding TEXT NOT NULL,
    time_ns INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX outcomes_by_message ON outcomes (message);
)sql";

// Since version 5: the details of messages that an outcome has deleted, as JSON.
inline constexpr char kDepartures[] = R"sql(
  CREATE TABLE departures (
    message INTEGER PRIMARY KEY,
    details TEXT NOT NULL,
    time_ns INTEGER NOT NULL
  ) STRICT;
)sql";

// How many items carry a stamp of each kind: see kTriggers.
inline constexpr char kCounts[] = R"sql(
  CREATE TABLE stamp_counts (
    vendor      TEXT NOT NULL,
    verdict     INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    definitions BLOB NOT NULL,
    since       INTEGER NOT NULL,
    items       INTEGER NOT NULL,
    PRIMARY KEY (vendor, verdict, version, definitions, since)
  ) STRICT, WITHOUT ROWID;
)sql";

#define STORE_SIM_COUNT(row, number)                  \
  "INSERT INTO stamp_counts VALUES (coalesce(" row    \
  ".stamp_vendor, ''), "                              \
  "coalesce(" row ".stamp_verdict, 0), coalesce(" row \
  ".stamp_version, 0), "                              \
  "coalesce(" row                                     \
  ".stamp_definitions, x''), "                        \
  "coalesce(" row ".stamp_since, 0), " number         \
  ") "                                                \
  "ON CONFLICT DO UPDATE SET items = items + excluded.items; "
#define STORE_SIM_ITEMS(row, sign)          \
  "UPDATE contents SET items = items " sign \
  " 1 WHERE id = (SELECT content FROM "     \
  "parts WHERE message = " row ".message AND ordinal = " row ".ordinal); "
#define STORE_SIM_KIND_COLUMNS \
  "stamp_vendor, stamp_verdict, stamp_version, stamp_definitions, stamp_since"

// How many items carry a stamp of each kind (see mdb_stale.cc; vendor '' and
// verdict 0: none) is counted as rows change, so that nobody counts a million of them.
// contents.items are those without a stamp of their own.
inline constexpr char kTriggers[] =
    "CREATE TRIGGER part_comes AFTER INSERT ON parts BEGIN "
    "UPDATE contents SET items = items + 1 WHERE id = NEW.content; END;"
    "CREATE TRIGGER part_is_to_go BEFORE DELETE ON parts BEGIN "
    "DELETE FROM item_stamps WHERE message = OLD.message AND ordinal = OLD.ordinal; END;"
    "CREATE TRIGGER part_goes AFTER DELETE ON parts BEGIN "
    "UPDATE contents SET items = items - 1 WHERE id = OLD.content; END;"
    "CREATE TRIGGER item_stamp_comes AFTER INSERT ON item_stamps BEGIN " STORE_SIM_COUNT(
        "NEW", "1") STORE_SIM_ITEMS("NEW", "-") "END;"
    "CREATE TRIGGER item_stamp_goes AFTER DELETE ON item_stamps BEGIN " STORE_SIM_COUNT(
        "OLD", "-1") STORE_SIM_ITEMS("OLD", "+") "END;"
    "CREATE TRIGGER item_stamp_changes AFTER UPDATE OF " STORE_SIM_KIND_COLUMNS
    " ON item_stamps BEGIN " STORE_SIM_COUNT("OLD", "-1") STORE_SIM_COUNT("NEW", "1") "END;"
    "CREATE TRIGGER content_is_held AFTER UPDATE OF items ON contents BEGIN " STORE_SIM_COUNT(
        "NEW", "NEW.items - OLD.items") "END;"
    "CREATE TRIGGER content_stamp_changes AFTER UPDATE OF " STORE_SIM_KIND_COLUMNS
    " ON contents WHEN OLD.items <> 0 BEGIN " STORE_SIM_COUNT("OLD", "-OLD.items")
        STORE_SIM_COUNT("NEW", "NEW.items") "END;"
    "CREATE TRIGGER count_ends AFTER UPDATE ON stamp_counts WHEN NEW.items = 0 BEGIN "
    "DELETE FROM stamp_counts WHERE vendor = NEW.vendor AND verdict = NEW.verdict "
    "AND version = NEW.version AND definitions = NEW.definitions AND since = NEW.since; END;"
    "CREATE TRIGGER message_comes_into_folder AFTER INSERT ON placements BEGIN "
    "UPDATE folders SET swept_vendor = NULL WHERE id = NEW.folder AND swept_vendor NOTNULL; END;"
    "CREATE TRIGGER message_changes AFTER UPDATE OF digest ON messages BEGIN "
    "UPDATE folders SET swept_vendor = NULL WHERE swept_vendor NOTNULL "
    "AND id IN (SELECT folder FROM placements WHERE message = NEW.id); END;";

// What stamp_counts must hold.
inline constexpr char kCountStamps[] = R"sql(
  CREATE VIEW stamps_counted AS
  SELECT vendor, verdict, version, definitions, since, sum(items) items FROM (
    SELECT coalesce(stamp_vendor, '') vendor, coalesce(stamp_verdict, 0) verdict,
           coalesce(stamp_version, 0) version, coalesce(stamp_definitions, x'') definitions,
           coalesce(stamp_since, 0) since, items
    FROM contents
    UNION ALL
    SELECT stamp_vendor, stamp_verdict, stamp_version, stamp_definitions, stamp_since, 1
    FROM item_stamps
  ) GROUP BY 1, 2, 3, 4, 5 HAVING sum(items) <> 0
)sql";

}  // namespace store_sim
