// SPDX-License-Identifier: Apache-2.0
//
// The fixture of the tests of engine/in_flight: a table over a queue that the test itself takes
// from, as the pool's threads do.
#ifndef VSAPI_TESTS_ENGINE_IN_FLIGHT_FIXTURE_H_
#define VSAPI_TESTS_ENGINE_IN_FLIGHT_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "generation.h"
#include "in_flight.h"
#include "support/gate.h"
#include "support/items.h"
#include "support/manual_clock.h"
#include "vendor_proxy.h"
#include "worker_pool.h"

namespace vsapi::engine {

using Admitted = InFlight::Admitted;
using test::ItemOf;
using test::KeyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A real generation of the good vendor, by its number.
inline std::shared_ptr<Generation> GenerationOf(uint64_t number) {
  static SystemClock clock;
  static EventLog silent(clock, nullptr);
  static VendorTimes times;
  std::string problem;
  auto library = VendorLibrary::Open(VSAPI_TEST_VENDORS_DIR "/good.so", problem);
  EXPECT_NE(library, nullptr) << problem;
  auto vendor = VendorProxy::Create(library, "", 1, clock, silent, times, problem);
  EXPECT_TRUE(vendor && vendor->Start(problem)) << problem;
  auto generation = Generation::Build(std::move(vendor), {}, {.number = number}, problem);
  EXPECT_NE(generation, nullptr) << problem;
  return generation;
}

// A decision that tells what the target came to, and for which access class it was made.
inline vsapi_decision DecisionOn(const Waiter& waiter) {
  vsapi_decision decision =
      MakeDecision(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED, VSAPI_VERDICT_CLEAN,
                   std::to_string(waiter.result).c_str());
  decision.verdict = waiter.access;
  return decision;
}
inline const vsapi_decision kGivenUp =
    MakeDecision(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN);
inline const vsapi_decision kTimedOut =
    MakeDecision(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_TIMED_OUT);

class InFlightTest : public ::testing::Test, public Ticket::Caller {
 protected:
  ~InFlightTest() override {
    in_flight_.GiveUp(kGivenUp);
    queue_.Close();
    for (Taken left; (left = queue_.TakeLeft()).request != nullptr;)
      in_flight_.HandBack(left, kGivenUp);
  }

  // A ticket that counts its answers.
  Ticket& NewTicket(int32_t access = VSAPI_ACCESS_ON_DEMAND, size_t slots = 1) {
    Ticket& ticket = tickets_.emplace_back();
    ticket.Open(slots, access, nullptr, this);
    ticket.Release();
    return ticket;
  }
  void Answered(Ticket&) override { ++released_; }
  static const vsapi_decision& DecisionOf(const Ticket& ticket) { return ticket.decisions()[0]; }

  Admitted Ask(uint32_t content, uint32_t key, Ticket& ticket, uint64_t generation = 1,
               size_t slot = 0) {
    return in_flight_.Admit(nullptr, ItemOf(content, key),
                            {.access = ticket.access(),
                             .lane = Lane::kHigh,
                             .generation = generation,
                             .now = clock_.Now(),
                             .ticket = &ticket,
                             .slot = slot});
  }
  Admitted Submit(uint32_t content, uint32_t key, size_t limit = 30, Taken* displaced = nullptr) {
    return in_flight_.Admit(nullptr, ItemOf(content, key),
                            {.access = VSAPI_ACCESS_PROACTIVE,
                             .lane = Lane::kLow,
                             .low_limit = limit,
                             .generation = 1,
                             .now = clock_.Now(),
                             .displaced = displaced});
  }

  // One thread's work on the next request.
  ScanRun& Take(Worker& worker) { return runs_.emplace_back(queue_.Take(Role::kLone), worker); }
  ScanRun& Take() { return Take(kept_); }
  bool Begin(ScanRun& run, std::shared_ptr<Generation> generation = nullptr) {
    return in_flight_.Begin(run, [&] { return generation; });
  }
  // Taken and begun, of generation 1.
  ScanRun& TakeAndBegin(Worker& worker) {
    static const std::shared_ptr<Generation> one = GenerationOf(1);
    ScanRun& run = Take(worker);
    if (run.taken.request->lane == Lane::kLow && worker.is_low())
      worker.BeginLow(run.taken.request->number);
    EXPECT_TRUE(Begin(run, one));
    return run;
  }
  ScanRun& TakeAndBegin() { return TakeAndBegin(kept_); }

  static std::vector<uint32_t> KeysOf(const Targets& targets) {
    std::vector<uint32_t> keys;
    targets.ForEach([&](const Target& target) { keys.push_back(KeyOf(target.item)); });
    return keys;
  }
  // Each target gets its number as its result, and each waiter the answer.
  Targets Finish(ScanRun& run, const Targets& targets, bool item_scoped = false) {
    int32_t number = 0;
    targets.ForEach([&](Target& target) { target.result = number++; });
    WaiterList answered;
    const Targets joined = in_flight_.Finish(run.request(), targets, item_scoped, answered);
    Answer(answered, DecisionOn);
    return joined;
  }
  // To the end, for all that are there; gives the keys.
  std::vector<uint32_t> RunThrough(ScanRun& run) {
    const Targets targets = in_flight_.Claim(run, true, false);
    const std::vector<uint32_t> keys = KeysOf(targets);
    EXPECT_TRUE(Finish(run, targets).empty());
    return keys;
  }
  // What the waiter's target came to.
  static std::string ResultOf(const Ticket& ticket) { return DecisionOf(ticket).finding; }
  Phase PhaseOf(const ScanRun& run) { return run.request().state.phase(); }
  void ExpectEmpty() {
    EXPECT_EQ(in_flight_.size(), 0u);
    EXPECT_EQ(in_flight_.scanning(), 0u);
    EXPECT_EQ(queue_.depth().high + queue_.depth().low, 0u);
  }

  test::ManualClock clock_;
  Counters counters_;
  std::deque<Ticket> tickets_;
  std::deque<ScanRun> runs_;
  Worker kept_{0, Role::kHigh}, other_{1, Role::kAny};
  ScanQueue queue_{clock_};
  InFlight in_flight_{queue_, counters_};
  std::atomic<int> released_ = 0;
};

}  // namespace vsapi::engine

#endif  // VSAPI_TESTS_ENGINE_IN_FLIGHT_FIXTURE_H_
