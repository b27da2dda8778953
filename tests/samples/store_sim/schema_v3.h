// SPDX-License-Identifier: Apache-2.0
//
// A database of schema version 3 as that version made it: two messages of one content, in folders
// of which one stands in another that has no row.
#pragma once

#include "database.h"
#include "digest.h"

namespace store_sim {

inline constexpr char kVersion3[] = R"sql(
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

  CREATE INDEX contents_by_stamp
    ON contents (stamp_vendor, stamp_verdict, stamp_version, stamp_definitions);
  CREATE INDEX item_stamps_by_stamp
    ON item_stamps (stamp_vendor, stamp_verdict, stamp_version, stamp_definitions);

  INSERT INTO mailboxes VALUES (1, 'alice'), (2, 'bob');
  INSERT INTO folders VALUES (1, 1, 'Inbox/Old'), (2, 2, 'Inbox');
  PRAGMA application_id = 1448296784;
  PRAGMA user_version = 3;
)sql";

inline void MakeVersion3(const std::filesystem::path& file) {
  Database database(file, Access::kWrite, Database::IfMissing::kCreate);
  database.Run("PRAGMA page_size = 16384; PRAGMA journal_mode = WAL");
  database.Run(kVersion3);
  for (const int64_t number : {1, 2}) {
    const std::string raw = "Subject: " + std::to_string(number) + "\n\ntext\n";
    const Digest digest = Sha256(raw);
    database.Prepare("INSERT INTO messages VALUES (?, ?, ?, 1, 1, 'a@x', 's', 'm', '', 1, ?)")
        .Bind(number)
        .BindBlob(digest)
        .Bind(static_cast<int64_t>(raw.size()))
        .BindBlob(raw)
        .Run();
  }
  const Digest content = Sha256("text\n");
  database
      .Prepare(
          "INSERT INTO contents VALUES (1, ?, 5, 1, NULL, 12, 5, 0, 'V', 2, zeroblob(32), 1, 1, "
          "'', "
          "1, 1, NULL, NULL, NULL)")
      .BindBlob(content)
      .Run();
  database.Run(
      "INSERT INTO parts VALUES (1, 0, '1', 1, '', 'text/plain', 1), "
      "(2, 0, '1', 1, '', 'text/plain', 1); INSERT INTO placements VALUES (1, 1), (2, 2); "
      "INSERT INTO item_stamps VALUES (1, 0, 'V', 2, zeroblob(32), 1, 4, 'Evil', 1, 1)");
}

}  // namespace store_sim
