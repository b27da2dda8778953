// SPDX-License-Identifier: Apache-2.0
//
// A thin face over SQLite: connections, statements and transactions that clean up after themselves,
// and failures as one Error that says what to do. Knows nothing of mail.
//
// Thread safety: a Database and what it prepared belong to one thread at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace store_sim {

enum class Access { kRead, kWrite };

class Statement;

class Database {
 public:
  enum class IfMissing { kFail, kCreate };

  Database(std::filesystem::path file, Access access, IfMissing if_missing = IfMissing::kFail);

  // For statements without parameters or rows.
  void Run(const char* sql);
  int64_t Number(const char* sql);

  // A statement ready to be bound. `sql` must be a literal: statements are kept by its address, and
  // one of them is in use at most once at a time.
  Statement Prepare(const char* sql);

  int64_t last_row() const { return sqlite3_last_insert_rowid(handle_.get()); }
  int64_t changed_rows() const { return sqlite3_changes64(handle_.get()); }
  const std::filesystem::path& file() const { return file_; }
  sqlite3* handle() const { return handle_.get(); }

  // Throws what `code` means for this file unless it is SQLITE_OK.
  void Check(int code) const;
  [[noreturn]] void Fail(int code) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  const std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<const void*, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

// One run of a prepared statement: bind in turn, then step or run. Columns are read in turn too.
class Statement {
 public:
  Statement(Database& database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(int64_t value);
  Statement& Bind(std::string_view text);
  Statement& BindBlob(std::string_view bytes);  // must live until the statement is done
  template <size_t N, template <typename, size_t> class Array>
  Statement& BindBlob(const Array<uint8_t, N>& bytes) {
    return BindBlob({reinterpret_cast<const char*>(bytes.data()), N});
  }
  Statement& BindNull();

  // Goes to the next row and its first column; false when there are no more.
  bool Step();
  void Run();

  // The next column of the row.
  int64_t Number();
  std::string Text();
  std::string Blob();
  bool IsNull() const { return sqlite3_column_type(statement_, column_) == SQLITE_NULL; }

 private:
  Database& database_;
  sqlite3_stmt* const statement_;
  int parameter_ = 0;
  int column_ = 0;
};

// Rolls back unless committed. One for reading is never committed: all its statements see the same
// commit of others.
class Transaction {
 public:
  explicit Transaction(Database& database, Access access = Access::kWrite) : database_(database) {
    database_.Run(access == Access::kWrite ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void Commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace store_sim
