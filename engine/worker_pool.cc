// SPDX-License-Identifier: Apache-2.0
#include "worker_pool.h"

#include <string>

#include "platform.h"

namespace vsapi::engine {
namespace {

// Low work must not stop under foreign load either: nice 19 or an idle class would starve it.
constexpr int kLowPriorityNice = 10;

}  // namespace

void WorkerPool::Start(size_t threads) {
  size_ = threads;
  kept_ = threads / 2;
  threads_.reserve(threads);
  const MutexLock lock(mutex_);  // no thread ends before all are counted
  ended_.assign(threads, false);
  for (size_t worker = 0; worker < threads; ++worker) {
    const Role role = threads == 1 ? Role::kLone : worker < kept_ ? Role::kHigh : Role::kAny;
    threads_.emplace_back([this, worker, role] { Run(worker, role); });
    ++running_;
  }
}

void WorkerPool::Run(size_t worker, Role role) {
  platform::SetThreadName((role == Role::kHigh ? "vsapi-high-" : "vsapi-scan-") +
                          std::to_string(worker + 1));
  if (role == Role::kAny) platform::LowerThreadPriority(kLowPriorityNice);
  while (ScanRequest* request = queue_.Take(role)) run_(*request, worker);
  const MutexLock lock(mutex_);
  ended_[worker] = true;
  --running_;
  ended_changed_.NotifyAll();
}

size_t WorkerPool::Join(Clock& clock, TimePoint deadline) {
  std::vector<bool> ended;
  {
    const MutexLock lock(mutex_);
    while (running_ > 0 && clock.Now() < deadline)
      clock.WaitUntil(ended_changed_, mutex_, deadline);
    ended = ended_;
  }
  size_t left = 0;
  for (size_t worker = 0; worker < threads_.size(); ++worker) {
    if (ended[worker]) {
      threads_[worker].join();
    } else {
      threads_[worker].detach();
      ++left;
    }
  }
  threads_.clear();
  return left;
}

}  // namespace vsapi::engine
