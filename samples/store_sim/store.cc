// SPDX-License-Identifier: Apache-2.0
#include "store.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>

#include "error.h"
#include "save_file.h"
#include "transport_queue.h"

namespace store_sim {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestName = 32;

void CheckName(const std::string& name) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::string_view kDigits = "0123456789";
  const std::string letters_and_digits = std::string(kLetters) + std::string(kDigits);
  const bool good = !name.empty() && name.size() <= kLongestName &&
                    letters_and_digits.find(name[0]) != std::string::npos &&
                    name.find_first_not_of(letters_and_digits + "-_.") == std::string::npos &&
                    name + ".db" != kTransportFile;
  if (!good) {
    throw Error("'" + name +
                "' can't be the name of an MDB; take 1 to 32 of A-Z a-z 0-9 - _ . and begin with a "
                "letter or digit, and not 'transport'");
  }
}

std::vector<fs::path> DatabasesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& file = entry->path();
    if (file.extension() == ".db" && file.filename() != kTransportFile) files.push_back(file);
  }
  if (error) {
    throw Error(folder.string() + ": " + error.message() +
                "; give the folder of a store, or make one by `store_sim init`");
  }
  std::sort(files.begin(), files.end());
  return files;
}

// One name a line.
constexpr char kListName[] = "mdbs.list";

void WriteList(const fs::path& folder, const std::vector<std::string>& mdbs) {
  std::string text;
  for (const std::string& name : mdbs) text += name + "\n";
  SaveFile(folder / kListName, text);
}

std::vector<std::string> ReadList(const fs::path& folder) {
  const fs::path file = folder / kListName;
  std::ifstream stream(file);
  if (!stream) {
    throw Error(file.string() +
                ": is missing or can't be read; it names the MDBs of the store, one a line (of "
                "NAME.db it is NAME); restore it");
  }
  std::vector<std::string> names;
  for (std::string name; std::getline(stream, name);) {
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

[[noreturn]] void FailLost(const fs::path& folder, const std::string& name) {
  throw Error((folder / (name + ".db")).string() +
              ": is missing, and all its messages with it; restore it from a backup, or take its "
              "name out of " +
              kListName + " to go on without it");
}

[[noreturn]] void FailUnlisted(const fs::path& file) {
  throw Error(file.string() + ": is not in " + kListName +
              "; move it out of the store, or add its name if it belongs there");
}

// Those of the list, by name: no more, no less.
std::vector<fs::path> CheckedDatabases(const fs::path& folder) {
  const std::vector<fs::path> files = DatabasesIn(folder);
  std::error_code ignored;
  if (files.empty() && !fs::exists(folder / kListName, ignored)) {
    throw Error(folder.string() + ": holds no store; make one by `store_sim init`");
  }
  const std::vector<std::string> names = ReadList(folder);
  for (const std::string& name : names) {
    if (!fs::exists(folder / (name + ".db"), ignored)) FailLost(folder, name);
  }
  for (const fs::path& file : files) {
    const bool listed = std::find(names.begin(), names.end(), file.stem()) != names.end();
    if (!listed) FailUnlisted(file);
  }
  return files;
}

void RemoveDatabase(const fs::path& file) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    fs::remove(fs::path(file) += suffix, ignored);
  }
}

// Of the new MDBs, by name.
using Kinds = std::map<std::string, MdbKind>;

// All of them or none.
void CreateAll(const fs::path& folder, const Kinds& mdbs) {
  std::vector<fs::path> begun;
  std::vector<std::string> names;
  try {
    for (const auto& [name, kind] : mdbs) {
      begun.push_back(folder / (name + ".db"));
      names.push_back(name);
      Mdb::Create(begun.back(), kind);
    }
    WriteList(folder, names);
  } catch (const Error& error) {
    for (const fs::path& file : begun) RemoveDatabase(file);
    throw Error("no store was made: " + std::string(error.what()));
  }
}

// Whoever only reads brings it up to date too, as its one writer.
void BringUpToDate(const fs::path& folder, const std::vector<fs::path>& files) {
  if (std::none_of(files.begin(), files.end(), Mdb::IsOutdated)) return;
  const StoreLock lock(folder);
  for (const fs::path& file : files) Mdb(file, file.stem().string(), Access::kWrite);
}

Kinds CheckedKinds(const std::vector<std::string>& mdbs,
                   const std::vector<std::string>& public_mdbs) {
  Kinds kinds;
  const auto add = [&](const std::string& name, MdbKind kind) {
    CheckName(name);
    if (!kinds.emplace(name, kind).second)
      throw Error("'" + name + "' is named twice; name each MDB once");
  };
  for (const std::string& name : mdbs) add(name, MdbKind::kPrivate);
  for (const std::string& name : public_mdbs) add(name, MdbKind::kPublic);
  return kinds;
}

}  // namespace

void Store::Init(const fs::path& folder, const std::vector<std::string>& mdbs,
                 const std::vector<std::string>& public_mdbs) {
  const Kinds kinds = CheckedKinds(mdbs, public_mdbs);
  std::error_code error;
  const bool is_new = fs::create_directories(folder, error);
  if (is_new) fs::permissions(folder, fs::perms::owner_all, error);  // mail is nobody else's
  if (error) throw Error(folder.string() + ": " + error.message() + "; choose another folder");
  const StoreLock lock(folder);
  if (!DatabasesIn(folder).empty()) {
    throw Error(folder.string() + ": holds a store already; choose another folder, or remove it");
  }
  CreateAll(folder, kinds);
}

Store::Store(fs::path folder, Access access) : folder_(std::move(folder)) {
  const std::vector<fs::path> files = CheckedDatabases(folder_);
  if (access == Access::kWrite) lock_.emplace(folder_);
  if (access == Access::kRead) BringUpToDate(folder_, files);
  for (const fs::path& file : files) {
    mdbs_.push_back(std::make_shared<Mdb>(file, file.stem().string(), access));
  }
}

Mdb& Store::mdb(std::string_view name) const {
  if (name.empty() && mdbs_.size() == 1) return *mdbs_.front();
  std::string names;
  for (const auto& mdb : mdbs_) {
    if (mdb->name() == name) return *mdb;
    names += (names.empty() ? "" : ", ") + mdb->name();
  }
  if (name.empty()) throw Error("this store has several MDBs; name one of: " + names);
  throw Error("there is no MDB '" + std::string(name) + "'; this store has: " + names);
}

Store::MessageName Store::FindName(std::string_view text) const {
  const size_t slash = text.rfind('/');
  const std::string_view digits = slash == text.npos ? text : text.substr(slash + 1);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 1) {
    throw Error("'" + std::string(text) +
                "' names no message; write MDB/NUMBER as `store_sim list` shows it");
  }
  return {&mdb(slash == text.npos ? "" : text.substr(0, slash)), number};
}

std::string NameOf(const Mdb& mdb, int64_t number) {
  return mdb.name() + "/" + std::to_string(number);
}

}  // namespace store_sim
