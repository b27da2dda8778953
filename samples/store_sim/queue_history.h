// SPDX-License-Identifier: Apache-2.0
//
// The queue's length of the last ten minutes, looked at once a second: what the health rules of the
// Exchange Server Analyzer judge is the 90th percentile of such looks.
//
// Thread safety: any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace store_sim {

class QueueHistory {
 public:
  static constexpr size_t kKept = 600;

  void Add(uint64_t length);
  // What nine of ten looks did not exceed; 0 before the first one.
  uint64_t Percentile90() const;

 private:
  mutable std::mutex mutex_;
  std::deque<uint64_t> lengths_;  // by mutex_; the latest last
};

// Does something once a second, on a thread of its own, as long as it lives.
class EachSecond {
 public:
  explicit EachSecond(std::function<void()> work);

 private:
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;
};

}  // namespace store_sim
