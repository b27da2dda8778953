// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/scan_queue: strictly high before low, who may take what, and that
// whoever may work is woken.
#include "scan_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <deque>
#include <optional>
#include <thread>

#include "support/gate.h"
#include "support/manual_clock.h"

namespace vsapi::engine {
namespace {

using Pushed = ScanQueue::Pushed;
constexpr size_t kProactiveLimit = 30;

class ScanQueueTest : public ::testing::Test {
 protected:
  ~ScanQueueTest() override {
    queue_.Close();
    while (queue_.TakeLeft().request != nullptr) {
    }
  }

  ScanRequest& New() {
    ScanRequest& request = requests_.emplace_back();
    request.number = requests_.size();
    return request;
  }
  ScanRequest& High() {
    EXPECT_EQ(queue_.PushHigh(New(), clock_.Now()), Pushed::kQueued);
    return requests_.back();
  }
  ScanRequest& Low() {
    EXPECT_EQ(queue_.PushLow(New(), clock_.Now(), kProactiveLimit), Pushed::kQueued);
    return requests_.back();
  }

  // One that a thread has taken and begun.
  ScanRequest& Scanning() {
    ScanRequest& request = New();
    request.state.Move(Phase::kFree, Phase::kScanning);
    return request;
  }

  test::ManualClock clock_;
  ScanQueue queue_{clock_};
  std::deque<ScanRequest> requests_;
};

// ---- Order --------------------------------------------------------------------------------------

TEST_F(ScanQueueTest, GivesHighBeforeLowWhateverCameFirst) {
  ScanRequest& low = Low();
  ScanRequest& high = High();
  EXPECT_EQ(queue_.Take(Role::kAny).request, &high);
  EXPECT_EQ(queue_.Take(Role::kAny).request, &low);
}

TEST_F(ScanQueueTest, IsFirstInFirstOutInEachLane) {
  std::vector<ScanRequest*> expected;
  for (int i = 0; i < 5; ++i) expected.push_back(&High());
  for (int i = 0; i < 5; ++i) expected.push_back(&Low());
  for (ScanRequest* request : expected) EXPECT_EQ(queue_.Take(Role::kLone).request, request);
}

TEST_F(ScanQueueTest, SaysInTheRequestWhereItIs) {
  ScanRequest& low = Low();
  EXPECT_EQ(low.state.phase(), Phase::kLow);
  EXPECT_EQ(low.lane, Lane::kLow);
  EXPECT_TRUE(queue_.Promote(low));
  EXPECT_EQ(low.state.phase(), Phase::kHigh);
  EXPECT_EQ(low.lane, Lane::kHigh);
  const Taken taken = queue_.Take(Role::kAny);
  EXPECT_EQ(low.state.phase(), Phase::kTaken);
  EXPECT_EQ(taken.life, low.state.life());
  EXPECT_FALSE(taken.is_second);
}

// ---- Roles --------------------------------------------------------------------------------------

TEST_F(ScanQueueTest, GivesAThreadKeptForHighNoLowOne) {
  Low();
  std::optional<ScanRequest*> taken;
  std::thread kept([&] { taken = queue_.Take(Role::kHigh).request; });
  ScanRequest& high = High();
  kept.join();
  EXPECT_EQ(taken, &high);
  EXPECT_EQ(queue_.depth().low, 1u);
}

TEST_F(ScanQueueTest, GivesOtherThreadsHighOnesWhenNoKeptThreadIsIdle) {
  ScanRequest& high = High();
  EXPECT_EQ(queue_.Take(Role::kAny).request, &high);
}

TEST_F(ScanQueueTest, GivesALoneThreadEverything) {
  ScanRequest& low = Low();
  EXPECT_EQ(queue_.Take(Role::kLone).request, &low);
  ScanRequest& high = High();
  EXPECT_EQ(queue_.Take(Role::kLone).request, &high);
}

// Threads of every role, of which each runs what it took until the test lets it go.
class Workers {
 public:
  Workers(ScanQueue& queue, std::initializer_list<Role> roles) : queue_(queue) {
    for (const Role role : roles) threads_.emplace_back([this, role] { Work(role); });
  }
  ~Workers() {
    queue_.Close();
    go_on_.Add(1000);
    for (std::thread& thread : threads_) thread.join();
  }
  void AwaitTaken(size_t count) { taken_.Await(count); }
  size_t taken_by(Role role) const { return by_role_[static_cast<size_t>(role)]; }

 private:
  void Work(Role role) {
    while (queue_.Take(role).request != nullptr) {
      ++by_role_[static_cast<size_t>(role)];
      taken_.Add();
      go_on_.Await(1);
    }
  }
  ScanQueue& queue_;
  test::Steps taken_, go_on_;
  std::array<std::atomic<size_t>, 3> by_role_ = {};
  std::vector<std::thread> threads_;
};

TEST_F(ScanQueueTest, SpreadsHighWorkOverAllThreadsOnceTheKeptOnesAreBusy) {
  Workers workers(queue_, {Role::kHigh, Role::kHigh, Role::kAny, Role::kAny});
  for (int i = 0; i < 4; ++i) High();
  workers.AwaitTaken(4);
  EXPECT_EQ(workers.taken_by(Role::kHigh), 2u);
  EXPECT_EQ(workers.taken_by(Role::kAny), 2u);
}

TEST_F(ScanQueueTest, KeepsThreadsFreeForHighHoweverMuchLowThereIs) {
  Workers workers(queue_, {Role::kHigh, Role::kAny, Role::kAny});
  for (int i = 0; i < 5; ++i) Low();
  workers.AwaitTaken(2);
  High();
  workers.AwaitTaken(3);
  EXPECT_EQ(workers.taken_by(Role::kHigh), 1u);
  EXPECT_EQ(queue_.depth().low, 3u);
}

// ---- The limit ----------------------------------------------------------------------------------

TEST_F(ScanQueueTest, RefusesTheThirtyFirstLowOne) {
  for (size_t i = 0; i < kProactiveLimit; ++i) Low();
  EXPECT_EQ(queue_.PushLow(New(), clock_.Now(), kProactiveLimit), Pushed::kFull);
  EXPECT_EQ(requests_.back().state.phase(), Phase::kFree);
  EXPECT_EQ(queue_.depth().low, kProactiveLimit);
}

TEST_F(ScanQueueTest, NeverRefusesAHighOneForLackOfRoom) {
  for (size_t i = 0; i < kProactiveLimit; ++i) Low();
  for (size_t i = 0; i < 1000; ++i) High();
  EXPECT_EQ(queue_.depth().high, 1000u);
}

TEST_F(ScanQueueTest, HasRoomAgainOnceALowOneIsTakenOrPromoted) {
  for (size_t i = 0; i < kProactiveLimit; ++i) Low();
  queue_.Promote(requests_[3]);
  Low();
  EXPECT_EQ(queue_.PushLow(New(), clock_.Now(), kProactiveLimit), Pushed::kFull);
  queue_.Take(Role::kAny);  // the promoted one
  EXPECT_EQ(queue_.PushLow(New(), clock_.Now(), kProactiveLimit), Pushed::kFull);
  queue_.Take(Role::kAny);
  Low();
}

// ---- Promotion ----------------------------------------------------------------------------------

TEST_F(ScanQueueTest, PutsAPromotedRequestBehindTheHighOnesThatWait) {
  ScanRequest& first_low = Low();
  ScanRequest& second_low = Low();
  ScanRequest& high = High();
  EXPECT_TRUE(queue_.Promote(second_low));
  EXPECT_EQ(queue_.Take(Role::kAny).request, &high);
  EXPECT_EQ(queue_.Take(Role::kAny).request, &second_low);
  EXPECT_EQ(queue_.Take(Role::kAny).request, &first_low);
}

TEST_F(ScanQueueTest, PromotesOnlyWhatWaitsInTheLowLane) {
  EXPECT_FALSE(queue_.Promote(New()));  // never queued
  ScanRequest& high = High();
  EXPECT_FALSE(queue_.Promote(high));
  queue_.Take(Role::kAny);
  EXPECT_FALSE(queue_.Promote(high));
  ScanRequest& low = Low();
  EXPECT_TRUE(queue_.Promote(low));
  EXPECT_FALSE(queue_.Promote(low));  // a second time
  queue_.Take(Role::kAny);
  EXPECT_FALSE(queue_.Promote(low));
}

TEST_F(ScanQueueTest, RunsAPromotedRequestOnlyOnce) {
  ScanRequest& low = Low();
  queue_.Promote(low);
  EXPECT_EQ(queue_.Take(Role::kAny).request, &low);
  EXPECT_EQ(queue_.depth().high + queue_.depth().low, 0u);
}

TEST_F(ScanQueueTest, WakesAKeptThreadForAPromotedRequest) {
  ScanRequest& low = Low();
  std::optional<ScanRequest*> taken;
  std::thread kept([&] { taken = queue_.Take(Role::kHigh).request; });
  queue_.Promote(low);
  kept.join();
  EXPECT_EQ(taken, &low);
}

TEST_F(ScanQueueTest, KeepsTheTimeOfThePushWhenItPromotes) {
  ScanRequest& low = Low();
  const TimePoint pushed = clock_.Now();
  clock_.Advance(std::chrono::seconds(5));
  queue_.Promote(low);
  EXPECT_EQ(low.queued_at, pushed);
}

// ---- A second thread for a scan that has begun --------------------------------------------------

TEST_F(ScanQueueTest, GivesAScanToASecondThreadBeforeAllLowOnes) {
  ScanRequest& request = Scanning();
  Low();
  EXPECT_TRUE(queue_.PushSecond(request));
  EXPECT_EQ(request.state.phase(), Phase::kSecond);
  const Taken taken = queue_.Take(Role::kAny);
  EXPECT_EQ(taken.request, &request);
  EXPECT_TRUE(taken.is_second);
  EXPECT_EQ(request.state.phase(), Phase::kTwice);
}

TEST_F(ScanQueueTest, GivesNoSecondThreadToWhatIsNotBeingScanned) {
  EXPECT_FALSE(queue_.PushSecond(Low()));
  ScanRequest& request = Scanning();
  EXPECT_TRUE(queue_.PushSecond(request));
  EXPECT_FALSE(queue_.PushSecond(request));
  queue_.Close();
  EXPECT_FALSE(queue_.PushSecond(Scanning()));
}

TEST_F(ScanQueueTest, WithdrawsASecondPlaceThatNobodyHasTaken) {
  ScanRequest& request = Scanning();
  queue_.PushSecond(request);
  request.state.Move(Phase::kSecond, Phase::kApplying);
  queue_.Withdraw(request);
  queue_.Withdraw(request);  // it is gone already
  EXPECT_EQ(queue_.depth().high, 0u);
}

TEST_F(ScanQueueTest, TellsAThreadThatTheResultOvertookItsTaking) {
  ScanRequest& request = Scanning();
  queue_.PushSecond(request);
  request.state.Move(Phase::kSecond, Phase::kApplying);
  EXPECT_TRUE(queue_.Take(Role::kAny).is_second);
  EXPECT_EQ(request.state.phase(), Phase::kApplying);
}

TEST_F(ScanQueueTest, LeavesASecondPlaceToWhoScansAlready) {
  ScanRequest& request = Scanning();
  queue_.PushSecond(request);
  ScanRequest& high = High();
  queue_.Close();
  EXPECT_EQ(queue_.TakeLeft().request, &high);
  EXPECT_EQ(queue_.TakeLeft().request, nullptr);
  EXPECT_EQ(request.state.phase(), Phase::kScanning);
}

// ---- Dismissal ----------------------------------------------------------------------------------

TEST_F(ScanQueueTest, SendsAsManyThreadsAwayAsAreDismissedOfARole) {
  std::atomic<size_t> gone = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      while (queue_.Take(Role::kAny).request != nullptr) {
      }
      ++gone;
    });
  queue_.Dismiss(Role::kAny, 2);
  EXPECT_TRUE(test::Eventually([&] { return gone == 2; }));
  for (int i = 0; i < 20; ++i) High();
  EXPECT_TRUE(test::Eventually([&] { return queue_.depth().high == 0; }));
  EXPECT_EQ(gone, 2u);  // the third goes on
  queue_.Close();
  for (std::thread& thread : threads) thread.join();
}

TEST_F(ScanQueueTest, DismissesNobodyOfAnotherRole) {
  ScanRequest& high = High();
  queue_.Dismiss(Role::kHigh, 1);
  EXPECT_EQ(queue_.Take(Role::kAny).request, &high);
  EXPECT_EQ(queue_.Take(Role::kHigh).request, nullptr);
}

// ---- Closing ------------------------------------------------------------------------------------

TEST_F(ScanQueueTest, TakesNothingAndGivesNothingOnceClosed) {
  Low();
  queue_.Close();
  EXPECT_EQ(queue_.PushHigh(New(), clock_.Now()), Pushed::kClosed);
  EXPECT_EQ(queue_.PushLow(New(), clock_.Now(), kProactiveLimit), Pushed::kClosed);
  for (const Role role : {Role::kHigh, Role::kAny, Role::kLone})
    EXPECT_EQ(queue_.Take(role).request, nullptr);
}

TEST_F(ScanQueueTest, WakesEveryThreadWhenItCloses) {
  std::vector<std::thread> threads;
  for (const Role role : {Role::kHigh, Role::kHigh, Role::kAny, Role::kAny, Role::kLone})
    threads.emplace_back([this, role] { EXPECT_EQ(queue_.Take(role).request, nullptr); });
  queue_.Close();
  for (std::thread& thread : threads) thread.join();
}

TEST_F(ScanQueueTest, LeavesWhatWasQueuedForAnAnswer) {
  ScanRequest& low = Low();
  ScanRequest& high = High();
  queue_.Close();
  EXPECT_EQ(queue_.TakeLeft().request, &high);
  EXPECT_EQ(queue_.TakeLeft().request, &low);
  EXPECT_EQ(queue_.TakeLeft().request, nullptr);
}

// ---- A look at it -------------------------------------------------------------------------------

TEST_F(ScanQueueTest, TellsItsDepthAndHowLongTheOldestLowOneWaits) {
  EXPECT_EQ(queue_.depth().oldest_low, Duration{});
  Low();
  clock_.Advance(std::chrono::seconds(3));
  Low();
  High();
  clock_.Advance(std::chrono::seconds(2));
  EXPECT_EQ(queue_.depth().low, 2u);
  EXPECT_EQ(queue_.depth().high, 1u);
  EXPECT_EQ(queue_.depth().oldest_low, std::chrono::seconds(5));
}

// ---- Under load ---------------------------------------------------------------------------------

// Producers push in bursts and wait until all of their burst was taken, so that consumers fall
// asleep again and again: a lost wake-up would stop the test for ever.
TEST_F(ScanQueueTest, LosesNoWakeUpUnderManyProducersAndConsumers) {
  constexpr size_t kProducers = 4, kBursts = 150, kBurst = 3;
  std::array<test::Steps, kProducers> taken;
  std::deque<ScanRequest> all(kProducers * kBursts * kBurst);
  std::vector<std::thread> consumers, producers;
  for (const Role role : {Role::kHigh, Role::kHigh, Role::kAny, Role::kAny, Role::kAny})
    consumers.emplace_back([&, role] {
      while (ScanRequest* request = queue_.Take(role).request) taken[request->number].Add();
    });
  for (size_t producer = 0; producer < kProducers; ++producer)
    producers.emplace_back([&, producer] {
      for (size_t burst = 0; burst < kBursts; ++burst) {
        for (size_t i = 0; i < kBurst; ++i) {
          ScanRequest& request = all[(producer * kBursts + burst) * kBurst + i];
          request.number = producer;
          if ((burst + i) % 3 == 0)
            queue_.PushHigh(request, clock_.Now());
          else
            queue_.PushLow(request, clock_.Now(), all.size());
          if ((burst + i) % 3 == 1) queue_.Promote(request);
        }
        taken[producer].Await((burst + 1) * kBurst);
      }
    });
  for (std::thread& producer : producers) producer.join();
  queue_.Close();
  for (std::thread& consumer : consumers) consumer.join();
  for (const test::Steps& each : taken) EXPECT_EQ(each.made(), kBursts * kBurst);
}

// One thread pushes a high request and counts it before anybody may see it gone. Who then takes a
// low one while the count says that a high one was queued before and after has broken the rule.
TEST_F(ScanQueueTest, NeverGivesALowOneWhileAHighOneIsQueued) {
  constexpr size_t kPairs = 2000;
  std::deque<ScanRequest> high(kPairs), low(kPairs);
  std::atomic<size_t> high_pushed = 0, high_taken = 0, broken = 0;
  for (ScanRequest& request : low) queue_.PushLow(request, clock_.Now(), kPairs);
  std::vector<std::thread> consumers;
  for (int i = 0; i < 3; ++i)
    consumers.emplace_back([&] {
      for (;;) {
        // Queued for sure since before Take began: more were pushed than could ever have been
        // taken.
        const size_t at_least = high_pushed.load();
        ScanRequest* request = queue_.Take(Role::kAny).request;
        if (request == nullptr) return;
        if (request->lane == Lane::kHigh) {
          ++high_taken;
        } else if (at_least >
                   high_taken.load() + 3) {  // three may have taken one and not counted it yet
          ++broken;
        }
      }
    });
  for (ScanRequest& request : high) {
    queue_.PushHigh(request, clock_.Now());
    ++high_pushed;
  }
  while (queue_.depth().high + queue_.depth().low > 0) std::this_thread::yield();
  queue_.Close();
  for (std::thread& consumer : consumers) consumer.join();
  EXPECT_EQ(broken, 0u);
}

}  // namespace
}  // namespace vsapi::engine
