// SPDX-License-Identifier: Apache-2.0
//
// A connection borrowed from an MDB's pool, for the sources that read it.
#pragma once

#include <memory>
#include <utility>

#include "mdb.h"

namespace store_sim {

class Mdb::Reader {
 public:
  explicit Reader(Mdb& mdb) : mdb_(mdb) {
    {
      const std::lock_guard lock(mdb_.pool_mutex_);
      if (!mdb_.idle_readers_.empty()) {
        database_ = std::move(mdb_.idle_readers_.back());
        mdb_.idle_readers_.pop_back();
      }
    }
    if (!database_) database_ = std::make_unique<Database>(mdb_.file_, Access::kRead);
  }

  ~Reader() {
    const std::lock_guard lock(mdb_.pool_mutex_);
    mdb_.idle_readers_.push_back(std::move(database_));
  }

  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Database* operator->() const { return database_.get(); }
  Database& operator*() const { return *database_; }

 private:
  Mdb& mdb_;
  std::unique_ptr<Database> database_;
};

}  // namespace store_sim
