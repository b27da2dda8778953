// SPDX-License-Identifier: Apache-2.0
//
// One process at a time writes a store: a lock on DIR/store.lock, held as long as this object lives
// and given back by the system if the process dies. The file names the holder for the error text.
#pragma once

#include <filesystem>

namespace store_sim {

class StoreLock {
 public:
  explicit StoreLock(const std::filesystem::path& folder);
  ~StoreLock();
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace store_sim
