// SPDX-License-Identifier: Apache-2.0
//
// What makes tables of earlier versions those of schema.h, in the order of the versions.
#pragma once

namespace store_sim {

// After kStructure: the rows of a database of version 3, and of version 2 which lacks its indexes,
// get what they lack, all folders above another one among it.
inline constexpr char kFromVersion3[] = R"sql(
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

// What version 4 counted, it counted without since, and nothing had a risk: that is to be filled
// in.
inline constexpr char kFromVersion4[] = R"sql(
  DROP VIEW IF EXISTS stamps_counted;
  DROP TABLE IF EXISTS stamp_counts;
  DROP INDEX IF EXISTS contents_by_stamp;
  DROP INDEX IF EXISTS item_stamps_by_stamp;
  DROP TRIGGER IF EXISTS part_comes;
  DROP TRIGGER IF EXISTS part_is_to_go;
  DROP TRIGGER IF EXISTS part_goes;
  DROP TRIGGER IF EXISTS item_stamp_comes;
  DROP TRIGGER IF EXISTS item_stamp_goes;
  DROP TRIGGER IF EXISTS item_stamp_changes;
  DROP TRIGGER IF EXISTS content_is_held;
  DROP TRIGGER IF EXISTS content_stamp_changes;
  DROP TRIGGER IF EXISTS count_ends;
  DROP TRIGGER IF EXISTS message_comes_into_folder;
  DROP TRIGGER IF EXISTS message_changes;

  ALTER TABLE folders ADD COLUMN swept_since INTEGER;
  UPDATE folders SET swept_since = 0 WHERE swept_vendor NOTNULL;
  ALTER TABLE contents ADD COLUMN stamp_since INTEGER;
  ALTER TABLE contents ADD COLUMN risk INTEGER NOT NULL DEFAULT 0;
  UPDATE contents SET stamp_since = 0 WHERE stamp_vendor NOTNULL;
  ALTER TABLE item_stamps ADD COLUMN stamp_since INTEGER NOT NULL DEFAULT 0;
)sql";

}  // namespace store_sim
