// SPDX-License-Identifier: Apache-2.0
#include "database.h"

#include <cerrno>
#include <cstring>

#include "error.h"

namespace store_sim {
namespace {

constexpr int kBusyTimeoutMilliseconds = 10'000;

// SQLite reports a full disk as SQLITE_FULL or, from the files beside the database, as an I/O
// error.
bool IsFull(int code, int os_error) {
  const bool no_room = os_error == ENOSPC || os_error == EDQUOT || os_error == EFBIG;
  return code == SQLITE_FULL || ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && no_room);
}

// The code that says what the system has said, where SQLite knows an I/O error only, or takes a
// disk that can't be read for a damaged database.
int CodeOf(int code, int os_error) {
  if (IsFull(code, os_error)) return SQLITE_FULL;
  if (code == SQLITE_CORRUPT && os_error == EIO) return SQLITE_IOERR;
  const bool from_os = code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
  return from_os && os_error == EROFS ? SQLITE_READONLY : code;
}

std::string Meaning(int code, int os_error, const char* detail) {
  switch (code) {
    case SQLITE_FULL:
      return "no room left on the disk; free some and run the command again (nothing that was "
             "stored is lost)";
    case SQLITE_NOTADB:
      return "not a database; give the folder of a store, or restore the file from a backup";
    case SQLITE_CORRUPT:
      return "the database is damaged; restore it from a backup, or save what can be read by "
             "the command .recover of sqlite3";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process keeps the database locked; try again later";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "not allowed to write; check the permissions of the file and its folder, and whether "
             "the disk is mounted read-only";
    case SQLITE_TOOBIG:
      return "a message is larger than the database takes";
    case SQLITE_NOMEM:
      return "out of memory";
    default:
      break;
  }
  std::string text = os_error != 0 ? std::strerror(os_error) : detail;
  return text + "; check the file, its folder and the disk";
}

int OpenFlags(Access access, Database::IfMissing if_missing) {
  int flags = SQLITE_OPEN_NOMUTEX;
  flags |= access == Access::kRead ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (if_missing == Database::IfMissing::kCreate) flags |= SQLITE_OPEN_CREATE;
  return flags;
}

}  // namespace

Database::Database(std::filesystem::path file, Access access, IfMissing if_missing)
    : file_(std::move(file)) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file_.c_str(), &handle, OpenFlags(access, if_missing), nullptr);
  handle_.reset(handle);
  if (!handle) throw Error(file_.string() + ": out of memory");
  Check(code);
  sqlite3_extended_result_codes(handle, 0);
  sqlite3_busy_timeout(handle, kBusyTimeoutMilliseconds);
  Run("PRAGMA foreign_keys = ON");
}

void Database::Check(int code) const {
  if (code != SQLITE_OK) Fail(code);
}

void Database::Fail(int code) const {
  const int last_error = errno;
  // SQLite does not keep the system's error if a COMMIT fails, and keeps that of an earlier call.
  const int kept = (code & 0xff) == SQLITE_CORRUPT ? 0 : sqlite3_system_errno(handle_.get());
  const int os_error = kept != 0 ? kept : last_error;
  const int primary = CodeOf(code & 0xff, os_error);
  const bool from_os = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  throw DatabaseError(file_.string() + ": " +
                          Meaning(primary, from_os ? os_error : 0, sqlite3_errmsg(handle_.get())),
                      primary);
}

void Database::Run(const char* sql) {
  errno = 0;
  Check(sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr));
}

int64_t Database::Number(const char* sql) {
  Statement statement = Prepare(sql);
  return statement.Step() ? statement.Number() : 0;
}

Statement Database::Prepare(const char* sql) {
  auto& kept = statements_[sql];
  if (!kept) {
    sqlite3_stmt* statement = nullptr;
    Check(
        sqlite3_prepare_v3(handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    kept.reset(statement);
  }
  return Statement(*this, kept.get());
}

Statement::~Statement() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::Bind(int64_t value) {
  database_.Check(sqlite3_bind_int64(statement_, ++parameter_, value));
  return *this;
}

Statement& Statement::Bind(std::string_view text) {
  database_.Check(sqlite3_bind_text64(statement_, ++parameter_, text.data() ? text.data() : "",
                                      text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::BindBlob(std::string_view bytes) {
  database_.Check(sqlite3_bind_blob64(statement_, ++parameter_, bytes.data() ? bytes.data() : "",
                                      bytes.size(), SQLITE_STATIC));
  return *this;
}

Statement& Statement::BindNull() {
  database_.Check(sqlite3_bind_null(statement_, ++parameter_));
  return *this;
}

bool Statement::Step() {
  column_ = 0;
  errno = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.Fail(code);
  return false;
}

void Statement::Run() {
  while (Step()) {
  }
}

int64_t Statement::Number() { return sqlite3_column_int64(statement_, column_++); }

std::string Statement::Text() {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column_));
  const int size = sqlite3_column_bytes(statement_, column_++);
  return text ? std::string(text, static_cast<size_t>(size)) : std::string();
}

std::string Statement::Blob() {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column_));
  const int size = sqlite3_column_bytes(statement_, column_++);
  return bytes ? std::string(bytes, static_cast<size_t>(size)) : std::string();
}

// SQLite rolls back by itself after some failures; a second rollback then says so, and that's fine.
Transaction::~Transaction() {
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::Commit() {
  database_.Run("COMMIT");
  open_ = false;
}

}  // namespace store_sim
