// SPDX-License-Identifier: Apache-2.0
//
// The executors that others would take, as their documentation says that they are to be used for
// work of two priorities. boost::asio's plain post knows none: it is there as the usual choice.
#include <concurrentqueue/concurrentqueue.h>
#include <concurrentqueue/lightweightsemaphore.h>
#include <oneapi/tbb/concurrent_priority_queue.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/lockfree/queue.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <queue>
#include <semaphore>
#include <thread>

#include "executor.h"

namespace vsapi::bench {
namespace {

// The limit of the low lane and the run of one job, the same for all of them.
class Peer : public Executor {
 public:
  Peer(const char* name, const Work& work) : name_(name), work_(work) {}

  const char* name() const override { return name_; }
  bool Submit(Job& job) override {
    if (job.lane == Lane::kLow && !TakeLowPlace()) return false;
    job.Begin();
    Enqueue(job);
    return true;
  }

 protected:
  virtual void Enqueue(Job& job) = 0;
  void Run(Job& job) {
    if (job.lane == Lane::kLow) low_queued_.fetch_sub(1, std::memory_order_relaxed);
    BeBusy(work_, job.lane);
    job.Finish();
  }

 private:
  bool TakeLowPlace() {
    if (low_queued_.fetch_add(1, std::memory_order_relaxed) < kLowLimit) return true;
    low_queued_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }

  const char* const name_;
  const Work work_;
  std::atomic<size_t> low_queued_ = 0;
};

// ---- Threads around a queue -------------------------------------------------------------------

// A queue has Push, and Pop, which waits.
template <class Queue>
class ThreadedPeer : public Peer {
 public:
  ThreadedPeer(const char* name, size_t threads, const Work& work) : Peer(name, work) {
    last_.lane = Lane::kLow;
    for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { RunAll(); });
  }
  ~ThreadedPeer() override {
    for (size_t i = 0; i < threads_.size(); ++i) queue_.Push(last_);
  }

 protected:
  void Enqueue(Job& job) override { queue_.Push(job); }

 private:
  void RunAll() {
    for (Job* job = queue_.Pop(); job != &last_; job = queue_.Pop()) Run(*job);
  }

  Queue queue_;
  Job last_;  // ends the thread that takes it
  std::vector<std::jthread> threads_;
};

// High before low, first in first out within a lane.
struct Ranked {
  Job* job;
  uint64_t rank;

  Ranked(Job& of, uint64_t serial)
      : job(&of), rank(serial | (of.lane == Lane::kLow ? uint64_t{1} << 63 : 0)) {}
  Ranked() : job(nullptr), rank(0) {}
  bool operator<(const Ranked& other) const { return rank > other.rank; }
};

// The textbook: one lock, one condition variable, a heap.
class TextbookQueue {
 public:
  void Push(Job& job) {
    {
      const std::lock_guard lock(mutex_);
      queue_.emplace(job, serial_++);
    }
    not_empty_.notify_one();
  }
  Job* Pop() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [this] { return !queue_.empty(); });
    Job* const job = queue_.top().job;
    queue_.pop();
    return job;
  }

 private:
  std::mutex mutex_;
  std::condition_variable not_empty_;
  std::priority_queue<Ranked> queue_;
  uint64_t serial_ = 0;
};

// ... and a future for each item.
class FutureJob final : public Job {
 public:
  void Begin() override {
    promise_ = std::promise<void>();
    future_ = promise_.get_future();
  }
  void Wait() override {
    if (future_.valid()) future_.get();
  }
  bool done() const override {
    return !future_.valid() ||
           future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

 protected:
  void Tell() override {
    // The client may begin anew as soon as the value is set.
    std::promise<void> promise = std::move(promise_);
    promise.set_value();
  }

 private:
  std::promise<void> promise_;
  std::future<void> future_;
};

class TextbookPeer final : public ThreadedPeer<TextbookQueue> {
 public:
  using ThreadedPeer::ThreadedPeer;
  std::unique_ptr<Job> NewJob() override { return std::make_unique<FutureJob>(); }
};

// Lets threads sleep where the lanes, which have Push and TryPop, can't.
template <class Lanes, class Semaphore>
class SleepingQueue {
 public:
  void Push(Job& job) {
    lanes_.Push(job);
    Release(filled_);
  }
  Job* Pop() {
    Acquire(filled_);
    Job* job = nullptr;
    while (!lanes_.TryPop(job)) {  // another thread may be about to finish its push
    }
    return job;
  }

 private:
  static void Acquire(std::counting_semaphore<>& semaphore) { semaphore.acquire(); }
  static void Release(std::counting_semaphore<>& semaphore) { semaphore.release(); }
  static void Acquire(moodycamel::LightweightSemaphore& semaphore) { semaphore.wait(); }
  static void Release(moodycamel::LightweightSemaphore& semaphore) { semaphore.signal(); }

  Lanes lanes_;
  Semaphore filled_{0};
};

class LockfreeLanes {
 public:
  void Push(Job& job) { (job.lane == Lane::kHigh ? high_ : low_).push(&job); }
  bool TryPop(Job*& job) { return high_.pop(job) || low_.pop(job); }

 private:
  boost::lockfree::queue<Job*> high_{8192}, low_{64};
};

class MoodycamelLanes {
 public:
  void Push(Job& job) { (job.lane == Lane::kHigh ? high_ : low_).enqueue(&job); }
  bool TryPop(Job*& job) { return high_.try_dequeue(job) || low_.try_dequeue(job); }

 private:
  moodycamel::ConcurrentQueue<Job*> high_, low_;
};

class TbbLanes {
 public:
  void Push(Job& job) { queue_.emplace(job, serial_.fetch_add(1, std::memory_order_relaxed)); }
  bool TryPop(Job*& job) {
    Ranked first;
    if (!queue_.try_pop(first)) return false;
    job = first.job;
    return true;
  }

 private:
  oneapi::tbb::concurrent_priority_queue<Ranked> queue_;
  std::atomic<uint64_t> serial_ = 0;
};

// ---- Pools ------------------------------------------------------------------------------------

class AsioPeer final : public Peer {
 public:
  AsioPeer(size_t threads, const Work& work) : Peer("asio_post", work), pool_(threads) {}
  ~AsioPeer() override { pool_.join(); }

 private:
  void Enqueue(Job& job) override {
    boost::asio::post(pool_, [this, &job] { Run(job); });
  }

  boost::asio::thread_pool pool_;
};

// Asio's example of prioritised handlers, for many threads: each handler runs the most urgent one.
class AsioPriorityPeer final : public Peer {
 public:
  AsioPriorityPeer(size_t threads, const Work& work)
      : Peer("asio_prioritised", work), pool_(threads) {}
  ~AsioPriorityPeer() override { pool_.join(); }

 private:
  void Enqueue(Job& job) override {
    {
      const std::lock_guard lock(mutex_);
      handlers_.emplace(job, serial_++);
    }
    boost::asio::post(pool_, [this] { Run(*TakeFirst()); });
  }
  Job* TakeFirst() {
    const std::lock_guard lock(mutex_);
    Job* const job = handlers_.top().job;
    handlers_.pop();
    return job;
  }

  std::mutex mutex_;
  std::priority_queue<Ranked> handlers_;
  uint64_t serial_ = 0;
  boost::asio::thread_pool pool_;
};

class TbbArenaPeer final : public Peer {
 public:
  TbbArenaPeer(size_t threads, const Work& work)
      : Peer("tbb_arena", work),
        limit_(oneapi::tbb::global_control::max_allowed_parallelism, threads + 1),
        high_(static_cast<int>(threads), 0, oneapi::tbb::task_arena::priority::high),
        low_(static_cast<int>(threads), 0, oneapi::tbb::task_arena::priority::low) {}

 private:
  void Enqueue(Job& job) override {
    (job.lane == Lane::kHigh ? high_ : low_).enqueue([this, &job] { Run(job); });
  }

  const oneapi::tbb::global_control limit_;  // of workers and the caller together
  oneapi::tbb::task_arena high_, low_;
};

}  // namespace

Executors MakePeers(size_t threads, const Work& work) {
  using Lockfree = ThreadedPeer<SleepingQueue<LockfreeLanes, std::counting_semaphore<>>>;
  using Moodycamel = ThreadedPeer<SleepingQueue<MoodycamelLanes, moodycamel::LightweightSemaphore>>;
  using Tbb = ThreadedPeer<SleepingQueue<TbbLanes, std::counting_semaphore<>>>;
  Executors peers;
  peers.push_back(std::make_unique<TextbookPeer>("textbook", threads, work));
  peers.push_back(std::make_unique<Lockfree>("lockfree", threads, work));
  peers.push_back(std::make_unique<Moodycamel>("moodycamel", threads, work));
  peers.push_back(std::make_unique<Tbb>("tbb_queue", threads, work));
  peers.push_back(std::make_unique<TbbArenaPeer>(threads, work));
  peers.push_back(std::make_unique<AsioPeer>(threads, work));
  peers.push_back(std::make_unique<AsioPriorityPeer>(threads, work));
  return peers;
}

}  // namespace vsapi::bench
