// SPDX-License-Identifier: Apache-2.0
#include "mdb_check.h"

#include "error.h"
namespace store_sim {
namespace {

using Tell = std::function<void(const std::string& line)>;

// Each names what must not be there by a number and a text.
struct Rule {
  const char* sql;
  const char* problem;
};

constexpr Rule kRules[] = {
    {"SELECT id, '' FROM contents WHERE NOT EXISTS "
     "(SELECT 1 FROM parts WHERE content = contents.id)",
     "a content that no part holds"},
    {"SELECT contents.id, '' FROM contents WHERE NOT EXISTS "
     "(SELECT 1 FROM messages WHERE messages.id = contents.message)",
     "a content whose message is missing"},
    {"SELECT id, subject FROM messages WHERE NOT EXISTS "
     "(SELECT 1 FROM placements WHERE message = id)",
     "a message in no folder"},
    {"SELECT id, subject FROM messages WHERE NOT EXISTS (SELECT 1 FROM parts WHERE message = id)",
     "a message without parts"},
    {"SELECT item_stamps.message, item_stamps.ordinal FROM item_stamps WHERE NOT EXISTS "
     "(SELECT 1 FROM parts WHERE parts.message = item_stamps.message "
     "AND parts.ordinal = item_stamps.ordinal)",
     "a stamp of an item that is missing"},
    {"SELECT id, '' FROM contents WHERE (stamp_vendor IS NULL) <> (stamp_verdict IS NULL)",
     "half a stamp"},
    {"SELECT id, path FROM folders WHERE instr(path, '/') > 0 AND NOT EXISTS "
     "(SELECT 1 FROM folders above WHERE above.mailbox = folders.mailbox "
     "AND above.path = rtrim(rtrim(folders.path, replace(folders.path, '/', '')), '/'))",
     "a folder in no other folder"},
    {"SELECT message, '' FROM quarantine WHERE message = stands_in",
     "a quarantined message that stands in for itself"},
    {"SELECT id, '' FROM contents WHERE items <> (SELECT count(*) FROM parts "
     "WHERE content = contents.id) - (SELECT count(*) FROM parts "
     "JOIN item_stamps USING (message, ordinal) WHERE content = contents.id)",
     "a content with a wrong count of its items"},
};

// One MDB's check.
class Check {
 public:
  Check(Mdb& mdb, const std::filesystem::path& file, const Tell& tell)
      : mdb_(mdb), database_(file, Access::kRead), tell_(tell) {}

  MdbCheck Run() {
    Sqlite("PRAGMA integrity_check");
    ForeignKeys();
    for (const Rule& rule : kRules) Hold(rule);
    Counts();
    Messages();
    Contents();
    return result_;
  }

 private:
  void Problem(const std::string& text) {
    ++result_.problems;
    tell_(mdb_.name() + ": " + text);
  }

  void Sqlite(const char* sql) {
    for (Statement row = database_.Prepare(sql); row.Step();) {
      const std::string text = row.Text();
      if (text != "ok") Problem("SQLite: " + text);
    }
  }

  void ForeignKeys() {
    for (Statement row = database_.Prepare("PRAGMA foreign_key_check"); row.Step();) {
      const std::string table = row.Text();
      Problem("table " + table + ": row " + std::to_string(row.Number()) +
              " names one that is missing in " + row.Text());
    }
  }

  void Hold(const Rule& rule) {
    for (Statement row = database_.Prepare(rule.sql); row.Step();) {
      const int64_t number = row.Number();
      const std::string text = row.Text();
      Problem(std::string(rule.problem) + ": " + std::to_string(number) +
              (text.empty() ? "" : ", " + text));
    }
  }

  void Counts() {
    const int64_t count = database_.Number(
        "SELECT count(*) FROM (SELECT * FROM (SELECT * FROM stamp_counts EXCEPT "
        "SELECT * FROM stamps_counted) UNION ALL SELECT * FROM (SELECT * FROM stamps_counted "
        "EXCEPT SELECT * FROM stamp_counts))");
    if (count > 0)
      Problem("coverage is counted wrongly for " + std::to_string(count) + " kinds of stamps");
  }

  void Messages() {
    for (Statement row = database_.Prepare("SELECT id, digest, raw FROM messages"); row.Step();) {
      const std::string what = "message " + std::to_string(row.Number());
      const std::string digest = row.Blob();
      ++result_.messages;
      Compare(what, digest, [&] { return std::optional(row.Blob()); });
    }
  }

  void Contents() {
    Statement row = database_.Prepare("SELECT id, message, digest FROM contents");
    while (row.Step()) {
      const int64_t id = row.Number();
      const int64_t message = row.Number();
      const std::string blob = row.Blob();
      const Digest digest = ToDigest(blob);
      ++result_.contents;
      Compare("content " + std::to_string(id) + " of message " + std::to_string(message), blob,
              [&] { return mdb_.ReadContent(digest); });
    }
  }

  template <class Read>
  void Compare(const std::string& what, const std::string& digest, Read read) {
    try {
      const auto bytes = read();
      if (!bytes) return;  // removed meanwhile by the running host
      const Digest found = Sha256(*bytes);
      if (digest != std::string_view(reinterpret_cast<const char*>(found.data()), found.size()))
        Problem(what + ": " + kNotWhatWasStored);
    } catch (const Error& error) {
      Problem(what + ": " + error.what());
    }
  }

  Mdb& mdb_;
  Database database_;
  const Tell& tell_;
  MdbCheck result_;
};

}  // namespace

MdbCheck CheckMdb(Mdb& mdb, const std::filesystem::path& file, const Tell& tell) {
  return Check(mdb, file, tell).Run();
}

}  // namespace store_sim
