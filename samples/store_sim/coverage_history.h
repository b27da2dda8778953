// SPDX-License-Identifier: Apache-2.0
//
// How fast the items of each MDB become current: out of looks at how many are. Where they became
// fewer, as when new definitions serve, it begins anew.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace store_sim {

class CoverageHistory {
 public:
  static constexpr int64_t kKeptNs = 60'000'000'000;  // looks before that are forgotten

  void Add(const std::string& mdb, uint64_t current, int64_t time_ns);
  // Over the looks that are kept; 0: none became so.
  double PerSecond(const std::string& mdb) const;

 private:
  struct Look {
    uint64_t current = 0;
    int64_t time_ns = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::string, std::deque<Look>> looks_;  // by mutex_; the latest last
};

}  // namespace store_sim
