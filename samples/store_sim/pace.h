// SPDX-License-Identifier: Apache-2.0
//
// When all items of an MDB will be current, at the pace of the last minute: an MDB is not asked how
// large it is beforehand, but looked at while it is scanned.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "mdb_coverage.h"

namespace store_sim {

class Pace {
 public:
  static constexpr int64_t kRemembersNs = 60'000'000'000;

  // What an MDB has at `now_ns`; looks may come at any time, in order.
  void Add(const std::string& mdb, const Coverage& coverage, int64_t now_ns);
  // From the last look on; nullopt if nothing has become current meanwhile. 0: all is.
  std::optional<int64_t> SecondsLeft(const std::string& mdb) const;

 private:
  struct Look {
    int64_t time_ns;
    Coverage coverage;
  };

  mutable std::mutex mutex_;
  std::map<std::string, std::deque<Look>> looks_;  // by mutex_; the latest last
};

}  // namespace store_sim
