// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/worker_pool: who is kept for high, at which priority the others run,
// and that a hung thread is left behind and not waited for.
#include "worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <map>
#include <thread>

#include "platform.h"
#include "support/gate.h"
#include "support/manual_clock.h"

namespace vsapi::engine {
namespace {

using std::chrono::seconds;

int NiceOfThisThread() { return getpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid))); }

std::string NameOfThisThread() {
  char name[16] = "";
  pthread_getname_np(pthread_self(), name, sizeof name);
  return name;
}

// 0 where the system knows no slices.
Duration SliceOfThisThread() {
  const auto priority = platform::ThreadPriority();
  return priority ? priority->slice : Duration();
}

struct Ran {
  Lane lane;
  int nice;
  std::string thread;
  Duration slice;
};

// A pool whose runs stop until the test lets them go.
class Pool {
 public:
  explicit Pool(size_t threads) { pool_.Start(threads); }

  void PushHigh() { queue_.PushHigh(requests_.emplace_back(), clock_.Now()); }
  void PushLow() { queue_.PushLow(requests_.emplace_back(), clock_.Now(), 1000); }
  void AwaitRunning(size_t count) { began_.Await(count); }
  void Let() { go_on_.Add(); }
  size_t Close(Duration patience = seconds(1)) {
    queue_.Close();
    return pool_.Join(clock_, clock_.Now() + patience);
  }
  std::map<size_t, Ran> ran() {
    const MutexLock lock(mutex_);
    return ran_;
  }
  WorkerPool& pool() { return pool_; }
  // Who began last, and its thread.
  Worker* last() {
    const MutexLock lock(mutex_);
    return last_;
  }
  id_t last_thread() {
    const MutexLock lock(mutex_);
    return last_thread_;
  }
  test::ManualClock& clock() { return clock_; }
  void AwaitEnd() { ended_.Await(); }

 private:
  void Run(const Taken& taken, Worker& worker) {
    {
      const MutexLock lock(mutex_);
      last_ = &worker;
      last_thread_ = static_cast<id_t>(syscall(SYS_gettid));
      ran_[worker.session()] = {taken.request->lane, NiceOfThisThread(), NameOfThisThread(),
                                SliceOfThisThread()};
    }
    began_.Add();
    go_on_.Await();
    ended_.Add();
  }

  test::ManualClock clock_;
  std::deque<ScanRequest> requests_;  // outlives the queue that some may be left in
  ScanQueue queue_{clock_};
  test::Steps began_, go_on_, ended_;
  Mutex mutex_;
  std::map<size_t, Ran> ran_;
  Worker* last_ = nullptr;
  id_t last_thread_ = 0;
  WorkerPool pool_{queue_, [this](const Taken& taken, Worker& worker) { Run(taken, worker); }};
};

TEST(WorkerPool, KeepsNOfTwoNPlusOneThreadsForHigh) {
  for (const auto& [threads, kept] :
       std::map<size_t, size_t>{{1, 0}, {2, 1}, {3, 1}, {5, 2}, {9, 4}}) {
    Pool pool(threads);
    EXPECT_EQ(pool.pool().size(), threads);
    EXPECT_EQ(pool.pool().kept_for_high(), kept);
    EXPECT_EQ(pool.Close(), 0u);
  }
}

TEST(WorkerPool, RunsLowWorkOnTheOthersOnlyAndAtALowerPriority) {
  Pool pool(5);
  for (int i = 0; i < 8; ++i) pool.PushLow();
  pool.AwaitRunning(3);
  for (int i = 0; i < 2; ++i) pool.PushHigh();
  pool.AwaitRunning(5);
  const auto ran = pool.ran();
  ASSERT_EQ(ran.size(), 5u);
  for (const auto& [worker, run] : ran) {
    const bool kept = worker < 2;
    EXPECT_EQ(run.lane, kept ? Lane::kHigh : Lane::kLow) << worker;
    EXPECT_EQ(run.nice, kept ? NiceOfThisThread() : std::min(NiceOfThisThread() + 10, 19))
        << worker;
    EXPECT_EQ(run.slice, kept && SliceOfThisThread() > Duration() ? std::chrono::microseconds(100)
                                                                  : SliceOfThisThread())
        << worker;
    EXPECT_EQ(run.thread, (kept ? "vsapi-high-" : "vsapi-scan-") + std::to_string(worker + 1));
  }
  pool.Let();
  EXPECT_EQ(pool.Close(), 0u);
}

TEST(WorkerPool, GivesHighWorkEveryThread) {
  Pool pool(3);
  for (int i = 0; i < 3; ++i) pool.PushHigh();
  pool.AwaitRunning(3);
  pool.Let();
  EXPECT_EQ(pool.Close(), 0u);
}

TEST(WorkerPool, OfOneThreadDoesEverythingAtFullPriority) {
  Pool pool(1);
  pool.Let();
  pool.PushLow();
  pool.AwaitRunning(1);
  pool.PushHigh();
  pool.AwaitRunning(2);
  EXPECT_EQ(pool.ran().at(0).nice, NiceOfThisThread());
  EXPECT_EQ(pool.Close(), 0u);
}

TEST(WorkerPool, GrowsAndShrinksWhileItRuns) {
  Pool pool(3);
  pool.Let();
  for (const size_t threads : {5u, 9u, 2u, 1u, 4u}) {
    pool.pool().Resize(threads);
    EXPECT_EQ(pool.pool().size(), threads);
    EXPECT_EQ(pool.pool().kept_for_high(), threads / 2);
    EXPECT_TRUE(test::Eventually([&] { return pool.pool().live() == threads; }));
  }
  EXPECT_EQ(pool.Close(), 0u);
}

TEST(WorkerPool, LetsABusyThreadFinishBeforeItGoes) {
  Pool pool(5);
  for (int i = 0; i < 3; ++i) pool.PushLow();
  pool.AwaitRunning(3);
  pool.pool().Resize(2);
  EXPECT_TRUE(test::Eventually([&] { return pool.pool().live() == 4; }));  // an idle kept one
  pool.Let();
  EXPECT_TRUE(test::Eventually([&] { return pool.pool().live() == 2; }));
  EXPECT_EQ(pool.Close(), 0u);
}

TEST(WorkerPool, KnowsHowManySessionsItsThreadsMayUseBeforeItGrows) {
  Pool pool(3);
  EXPECT_EQ(pool.pool().SessionsFor(3), 3u);
  EXPECT_EQ(pool.pool().SessionsFor(9), 9u);
  EXPECT_EQ(pool.pool().SessionsFor(2), 3u);  // those that are to go still use theirs
  pool.Let();
  pool.pool().Resize(9);
  for (int i = 0; i < 9; ++i) pool.PushHigh();
  pool.AwaitRunning(9);
  for (const auto& [session, run] : pool.ran()) EXPECT_LT(session, 9u);
  EXPECT_EQ(pool.Close(), 0u);
}

TEST(WorkerPool, LiftsAThreadOnlyForTheScanThatAClientWaitsFor) {
  if (!WorkerPool::MayLift()) GTEST_SKIP() << "priorities can't be raised here";
  Pool pool(2);
  const int full = NiceOfThisThread();
  pool.PushLow();
  pool.AwaitRunning(1);
  Worker& low = *pool.last();
  low.BeginLow(7);
  low.Lift(6);
  EXPECT_EQ(low.lifts(), 0u);
  low.Lift(7);
  low.Lift(7);  // another client
  EXPECT_EQ(low.lifts(), 1u);
  EXPECT_EQ(getpriority(PRIO_PROCESS, pool.last_thread()), full);
  low.EndLow();
  EXPECT_GT(getpriority(PRIO_PROCESS, pool.last_thread()), full);
  pool.Let();
  EXPECT_EQ(pool.Close(), 0u);
}

TEST(WorkerPool, HasAnotherThreadInThePlaceOfAHungOne) {
  Pool pool(2);
  pool.PushLow();
  pool.AwaitRunning(1);  // on the one thread that may: the other one is left for high
  pool.PushHigh();
  pool.AwaitRunning(2);
  EXPECT_TRUE(pool.pool().Replace(0, 4));
  EXPECT_TRUE(pool.pool().Replace(1, 4));
  EXPECT_EQ(pool.pool().size(), 2u);
  EXPECT_EQ(pool.pool().kept_for_high(), 1u);
  EXPECT_EQ(pool.pool().live(), 4u);
  pool.PushLow();
  pool.AwaitRunning(3);
  pool.PushHigh();
  pool.AwaitRunning(4);
  EXPECT_EQ(pool.ran().size(), 4u);  // each with a session of its own
  pool.Let();
  EXPECT_TRUE(test::Eventually([&] { return pool.pool().live() == 2; }));  // the hung ones go
  EXPECT_EQ(pool.Close(), 0u);
}

TEST(WorkerPool, ReplacesNoThreadWithoutASessionForTheNewOneOrThatIsNotThere) {
  Pool pool(2);
  pool.PushHigh();
  pool.AwaitRunning(1);
  EXPECT_FALSE(pool.pool().Replace(0, 2));
  EXPECT_FALSE(pool.pool().Replace(7, 9));
  EXPECT_EQ(pool.pool().live(), 2u);
  EXPECT_TRUE(pool.pool().Replace(0, 3));
  EXPECT_TRUE(pool.pool().Replace(0, 9));  // it is already
  EXPECT_EQ(pool.pool().live(), 3u);
  pool.Let();
  EXPECT_EQ(pool.Close(), 0u);
}

TEST(WorkerPool, LeavesAHungThreadBehindAtTheDeadline) {
  // Never freed, as an engine with a hung thread is not: the thread still uses it.
  static auto& kept = *new std::deque<Pool>;
  Pool& pool = kept.emplace_back(1);
  pool.PushHigh();
  pool.AwaitRunning(1);
  size_t left = 0;
  std::thread closer([&] { left = pool.Close(seconds(5)); });
  pool.clock().AwaitWaiters(1);
  pool.clock().Advance(seconds(5));
  closer.join();
  EXPECT_EQ(left, 1u);
  EXPECT_EQ(pool.pool().size(), 1u);  // still told by the engine's status
  pool.Let();
  pool.AwaitEnd();
}

}  // namespace
}  // namespace vsapi::engine
