// SPDX-License-Identifier: Apache-2.0
#include "pace.h"

#include <cmath>

namespace store_sim {

void Pace::Add(const std::string& mdb, const Coverage& coverage, int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  std::deque<Look>& looks = looks_[mdb];
  // Newer definitions make it begin anew.
  if (!looks.empty() && looks.back().coverage.current > coverage.current) looks.clear();
  looks.push_back({now_ns, coverage});
  while (looks.front().time_ns < now_ns - kRemembersNs) looks.pop_front();
}

std::optional<int64_t> Pace::SecondsLeft(const std::string& mdb) const {
  const std::lock_guard lock(mutex_);
  const auto found = looks_.find(mdb);
  if (found == looks_.end()) return std::nullopt;
  const Look &first = found->second.front(), &last = found->second.back();
  const uint64_t left = last.coverage.items - last.coverage.current;
  if (left == 0) return 0;
  const auto done = static_cast<double>(last.coverage.current - first.coverage.current);
  if (done == 0) return std::nullopt;
  const double seconds = static_cast<double>(last.time_ns - first.time_ns) / 1e9;
  return std::llround(std::ceil(static_cast<double>(left) / done * seconds));
}

}  // namespace store_sim
