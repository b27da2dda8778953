// SPDX-License-Identifier: Apache-2.0
#include "file_damage.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iostream>

#include "error.h"
#include "mail_mix.h"
#include "mdb_look.h"
#include "store.h"

namespace store_sim::ways {
namespace {

namespace fs = std::filesystem;

constexpr char kDatabase[] = "mdb1.db";
constexpr char kLog[] = "mdb1.db-wal";

// What is still there for a host that opens the store now.
uint64_t CountLeft(const fs::path& folder) try {
  const Store store(folder, Access::kWrite);
  return CountIntact(store.mdb("mdb1"));
} catch (const Error& error) {
  std::cerr << "ways: " << error.what() << '\n';
  return 0;
}

// As much as one that does not wait can read. The store waits for ten seconds first.
uint64_t CountAtOnce(const fs::path& database) {
  sqlite3* opened = nullptr;
  sqlite3_open_v2(database.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> closes(opened, sqlite3_close);
  uint64_t count = 0;
  const auto take = [](void* to, int, char** values, char**) {
    *static_cast<uint64_t*>(to) = std::stoull(values[0]);
    return 0;
  };
  sqlite3_exec(opened, "SELECT count(*) FROM messages", take, &count, nullptr);
  return count;
}

void Quarantine(const fs::path& store) {
  const fs::path away = store.string() + "-quarantine";
  fs::create_directory(away);
  fs::rename(store / kDatabase, away / kDatabase);
}

void DeleteLog(const fs::path& store) {
  fs::remove(store / kLog);
  fs::remove(store / "mdb1.db-shm");
}

// "Disinfects" it: overwrites what was found where it was found.
void Clean(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::string bad = EicarBytes();
  for (size_t at = 0; (at = bytes.find(bad, at)) != bytes.npos;)
    std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(at), bad.size(), ' ');
  std::ofstream(file, std::ios::binary) << bytes;
}

// Holds the whole file as a scanner does that wants it unchanged while it reads it.
class FileLock {
 public:
  explicit FileLock(const fs::path& file) : file_(open(file.c_str(), O_RDWR | O_CLOEXEC)) {
    struct flock whole = {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (fcntl(file_, F_OFD_SETLK, &whole) != 0) throw Error(file.string() + ": can't be locked");
  }
  ~FileLock() { close(file_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  const int file_;
};

class Damages {
 public:
  Damages(const fs::path& store, Records& records)
      : store_(store), records_(records), before_(CountLeft(Copy("before"))) {}

  void Try(const std::string& about, const std::function<void(const fs::path&)>& harm) {
    const fs::path copy = Copy(about);
    harm(copy);
    Record(about, CountLeft(copy));
  }
  void TryLocked() {
    const fs::path copy = Copy("locked");
    const FileLock lock(copy / kDatabase);
    Record("database locked", CountAtOnce(copy / kDatabase));
  }

 private:
  fs::path Copy(const std::string& name) {
    const fs::path copy = store_.string() + " " + name;
    fs::copy(store_, copy, fs::copy_options::recursive);
    return copy;
  }
  void Record(const std::string& about, uint64_t intact) {
    records_.About(about);
    records_.Add("messages_before", static_cast<double>(before_), "items", Better::kMore);
    records_.Add("messages_out_of_reach", static_cast<double>(before_ - intact));
  }

  const fs::path store_;
  Records& records_;
  const uint64_t before_;
};

}  // namespace

void RecordFileDamage(const fs::path& store, Records& records) {
  Damages damages(store, records);
  damages.Try("database quarantined", Quarantine);
  damages.Try("log deleted", DeleteLog);
  damages.Try("database cleaned", [](const fs::path& copy) { Clean(copy / kDatabase); });
  damages.Try("log cleaned", [](const fs::path& copy) { Clean(copy / kLog); });
  damages.TryLocked();
}

}  // namespace store_sim::ways
