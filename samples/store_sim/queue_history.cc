// SPDX-License-Identifier: Apache-2.0
#include "queue_history.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace store_sim {

void QueueHistory::Add(uint64_t length) {
  const std::lock_guard lock(mutex_);
  lengths_.push_back(length);
  if (lengths_.size() > kKept) lengths_.pop_front();
}

uint64_t QueueHistory::Percentile90() const {
  std::vector<uint64_t> lengths;
  {
    const std::lock_guard lock(mutex_);
    lengths.assign(lengths_.begin(), lengths_.end());
  }
  if (lengths.empty()) return 0;
  const auto at = lengths.begin() + static_cast<ptrdiff_t>((lengths.size() * 9 + 9) / 10 - 1);
  std::nth_element(lengths.begin(), at, lengths.end());
  return *at;
}

EachSecond::EachSecond(std::function<void()> work)
    : thread_([this, work = std::move(work)](const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        while (!stop.stop_requested()) {
          work();
          ended_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
        }
      }) {}

}  // namespace store_sim
