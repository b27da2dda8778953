// SPDX-License-Identifier: Apache-2.0
//
// A database of schema version 4 as that version made it of one of version 3: see schema_v3.h.
#pragma once

#include "schema_v3.h"

namespace store_sim {

inline constexpr char kTablesOf4[] = R"sql(
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

  CREATE TABLE stamp_counts (
    vendor      TEXT NOT NULL,
    verdict     INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    definitions BLOB NOT NULL,
    items       INTEGER NOT NULL,
    PRIMARY KEY (vendor, verdict, version, definitions)
  ) STRICT, WITHOUT ROWID;
)sql";
inline constexpr char kChangesOf4[] = R"sql(
  ALTER TABLE folders ADD COLUMN swept_vendor TEXT;
  ALTER TABLE folders ADD COLUMN swept_version INTEGER;
  ALTER TABLE folders ADD COLUMN swept_definitions BLOB;
  WITH RECURSIVE above (mailbox, path) AS (
    SELECT mailbox, path FROM folders
    UNION
    SELECT mailbox, rtrim(rtrim(path, replace(path, '/', '')), '/') FROM above
    WHERE instr(path, '/') > 0
  )
  INSERT OR IGNORE INTO folders (mailbox, path) SELECT mailbox, path FROM above WHERE path <> '';

  ALTER TABLE contents ADD COLUMN items INTEGER NOT NULL DEFAULT 0;
  UPDATE contents SET items =
    (SELECT count(*) FROM parts WHERE content = contents.id) -
    (SELECT count(*) FROM parts JOIN item_stamps USING (message, ordinal)
     WHERE content = contents.id);
)sql";

#define VERSION_4_COUNT(row, number)                  \
  "INSERT INTO stamp_counts VALUES (coalesce(" row    \
  ".stamp_vendor, ''), "                              \
  "coalesce(" row ".stamp_verdict, 0), coalesce(" row \
  ".stamp_version, 0), "                              \
  "coalesce(" row ".stamp_definitions, x''), " number \
  ") "                                                \
  "ON CONFLICT DO UPDATE SET items = items + excluded.items; "
#define VERSION_4_ITEMS(row, sign)          \
  "UPDATE contents SET items = items " sign \
  " 1 WHERE id = (SELECT content FROM "     \
  "parts WHERE message = " row ".message AND ordinal = " row ".ordinal); "
#define VERSION_4_KIND_COLUMNS "stamp_vendor, stamp_verdict, stamp_version, stamp_definitions"

inline constexpr char kTriggersOf4[] =
    "CREATE TRIGGER part_comes AFTER INSERT ON parts BEGIN "
    "UPDATE contents SET items = items + 1 WHERE id = NEW.content; END;"
    "CREATE TRIGGER part_is_to_go BEFORE DELETE ON parts BEGIN "
    "DELETE FROM item_stamps WHERE message = OLD.message AND ordinal = OLD.ordinal; END;"
    "CREATE TRIGGER part_goes AFTER DELETE ON parts BEGIN "
    "UPDATE contents SET items = items - 1 WHERE id = OLD.content; END;"
    "CREATE TRIGGER item_stamp_comes AFTER INSERT ON item_stamps BEGIN " VERSION_4_COUNT(
        "NEW", "1") VERSION_4_ITEMS("NEW", "-") "END;"
    "CREATE TRIGGER item_stamp_goes AFTER DELETE ON item_stamps BEGIN " VERSION_4_COUNT(
        "OLD", "-1") VERSION_4_ITEMS("OLD", "+") "END;"
    "CREATE TRIGGER item_stamp_changes AFTER UPDATE OF " VERSION_4_KIND_COLUMNS
    " ON item_stamps BEGIN " VERSION_4_COUNT("OLD", "-1") VERSION_4_COUNT("NEW", "1") "END;"
    "CREATE TRIGGER content_is_held AFTER UPDATE OF items ON contents BEGIN " VERSION_4_COUNT(
        "NEW", "NEW.items - OLD.items") "END;"
    "CREATE TRIGGER content_stamp_changes AFTER UPDATE OF " VERSION_4_KIND_COLUMNS
    " ON contents WHEN OLD.items <> 0 BEGIN " VERSION_4_COUNT("OLD", "-OLD.items")
        VERSION_4_COUNT("NEW", "NEW.items") "END;"
    "CREATE TRIGGER count_ends AFTER UPDATE ON stamp_counts WHEN NEW.items = 0 BEGIN "
    "DELETE FROM stamp_counts WHERE vendor = NEW.vendor AND verdict = NEW.verdict "
    "AND version = NEW.version AND definitions = NEW.definitions; END;"
    "CREATE TRIGGER message_comes_into_folder AFTER INSERT ON placements BEGIN "
    "UPDATE folders SET swept_vendor = NULL WHERE id = NEW.folder AND swept_vendor NOTNULL; END;"
    "CREATE TRIGGER message_changes AFTER UPDATE OF digest ON messages BEGIN "
    "UPDATE folders SET swept_vendor = NULL WHERE swept_vendor NOTNULL "
    "AND id IN (SELECT folder FROM placements WHERE message = NEW.id); END;";

inline constexpr char kViewOf4[] = R"sql(
  CREATE VIEW stamps_counted AS
  SELECT vendor, verdict, version, definitions, sum(items) items FROM (
    SELECT coalesce(stamp_vendor, '') vendor, coalesce(stamp_verdict, 0) verdict,
           coalesce(stamp_version, 0) version, coalesce(stamp_definitions, x'') definitions, items
    FROM contents
    UNION ALL
    SELECT stamp_vendor, stamp_verdict, stamp_version, stamp_definitions, 1 FROM item_stamps
  ) GROUP BY 1, 2, 3, 4 HAVING sum(items) <> 0
)sql";

inline void MakeVersion4(const std::filesystem::path& file) {
  MakeVersion3(file);
  Database database(file, Access::kWrite);
  for (const char* sql : {kTablesOf4, kChangesOf4, kTriggersOf4, kViewOf4}) database.Run(sql);
  database.Run(
      "INSERT INTO stamp_counts SELECT * FROM stamps_counted; INSERT INTO mdb VALUES (1, 1); "
      "UPDATE folders SET swept_vendor = 'V', swept_version = 2, swept_definitions = zeroblob(32) "
      "WHERE path = 'Inbox/Old'; PRAGMA user_version = 4");
}

}  // namespace store_sim
