// SPDX-License-Identifier: Apache-2.0
//
// A store: a folder with one SQLite file for each MDB, the list of them, and the lock of its one
// writer. By the list a file that was lost is missed.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mdb.h"
#include "store_lock.h"

namespace store_sim {

// "mdb1/7": what a person calls a message.
std::string NameOf(const Mdb& mdb, int64_t number);

class Store {
 public:
  // Makes the folder, the MDBs and their list. Refuses to touch a folder that holds a store
  // already.
  static void Init(const std::filesystem::path& folder, const std::vector<std::string>& mdbs,
                   const std::vector<std::string>& public_mdbs = {});

  // Access::kWrite holds the lock of the store as long as it lives. Fails if an MDB of the list has
  // no file, or a file is not on the list.
  Store(std::filesystem::path folder, Access access);

  const std::filesystem::path& folder() const { return folder_; }
  const std::vector<std::shared_ptr<Mdb>>& mdbs() const { return mdbs_; }

  // By name; "" is the only MDB of a store with one.
  Mdb& mdb(std::string_view name) const;

  struct MessageName {
    Mdb* mdb;
    int64_t number;
  };
  // `<mdb>/<number>`, or the number alone where there is one MDB.
  MessageName FindName(std::string_view text) const;

  // Whoever moves messages, or saves what an owner has changed in one, holds it: a move between
  // MDBs is a transaction in each of them, and what changes in between would stand in one of them
  // alone. The engine's outcomes do not wait for it (Mdb::TakeOut notices them).
  std::unique_lock<std::mutex> LockMoves() const { return std::unique_lock(moves_); }

 private:
  const std::filesystem::path folder_;
  std::optional<StoreLock> lock_;
  std::vector<std::shared_ptr<Mdb>> mdbs_;  // by name
  mutable std::mutex moves_;
};

}  // namespace store_sim
