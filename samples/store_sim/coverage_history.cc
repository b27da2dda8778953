// SPDX-License-Identifier: Apache-2.0
#include "coverage_history.h"

namespace store_sim {

void CoverageHistory::Add(const std::string& mdb, uint64_t current, int64_t time_ns) {
  const std::lock_guard lock(mutex_);
  std::deque<Look>& looks = looks_[mdb];
  if (!looks.empty() && current < looks.back().current) looks.clear();
  looks.push_back({current, time_ns});
  while (time_ns - looks.front().time_ns > kKeptNs) looks.pop_front();
}

double CoverageHistory::PerSecond(const std::string& mdb) const {
  const std::lock_guard lock(mutex_);
  const auto found = looks_.find(mdb);
  if (found == looks_.end()) return 0;
  const Look &first = found->second.front(), &last = found->second.back();
  if (last.time_ns <= first.time_ns) return 0;
  return static_cast<double>(last.current - first.current) * 1e9 /
         static_cast<double>(last.time_ns - first.time_ns);
}

}  // namespace store_sim
