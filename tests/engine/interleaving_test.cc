// SPDX-License-Identifier: Apache-2.0
//
// The real queue and the real table of scans in flight, on one thread and a manual clock: what the
// engine's threads do is cut into its critical sections, and a seeded generator says whose section
// is next. Covers what the model (tests/model) leaves out: several slots, many items, reused
// requests, the lanes' limits. A ledger must balance after each seed.
//
// `engine_interleaving_test --seed N` replays one seed, `--seeds N` runs so many.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>

#include "engine/in_flight_fixture.h"

namespace vsapi::engine {
namespace {

constexpr uint32_t kContents = 3;
constexpr uint32_t kKeys = 8;  // items; one holds content key % kContents
constexpr uint64_t kGenerations = 4;
constexpr size_t kMostOpen = 6;
constexpr int kSteps = 120;

uint64_t first_seed = 1;
uint64_t seeds = 3000;

std::shared_ptr<Generation> Numbered(uint64_t number) {
  static const std::array<std::shared_ptr<Generation>, kGenerations> all = {
      GenerationOf(1), GenerationOf(2), GenerationOf(3), GenerationOf(4)};
  return all[number - 1];
}

// One of the engine's threads that scan, between two of its sections.
struct Scanning {
  enum class At : uint8_t { kIdle, kTaken, kCalled, kClaimed };

  Scanning(size_t session, Role of) : role(of), worker(session, of) {}
  void Forget() {
    if (is_low) worker.EndLow();
    is_low = false;
    run.reset();
    at = At::kIdle;
  }

  const Role role;
  Worker worker;
  At at = At::kIdle;
  std::unique_ptr<ScanRun> run;
  bool is_low = false;
  bool judged = false;
  bool item_scoped = false;
  Targets targets;
};

class World final : public Ticket::Caller {
 public:
  explicit World(uint64_t seed) : random_(seed) {
    in_flight_.set_hurry(Below(2) == 0 ? InFlight::Hurry::kLift : InFlight::Hurry::kSecondScan);
    limit_ = 1 + Below(3);
  }

  void Run() {
    const bool shut_down = Below(3) == 0;
    for (int step = 0; step < kSteps; ++step) Step();
    if (shut_down) ShutDown();
    while (AnyScans() || offered_ || displaced_) DrainOne();
    if (shut_down) AnswerLeftOvers();
    ExpectBalance(shut_down);
    if (!shut_down) ShutDown();
  }

  uint64_t answers() const { return answers_; }
  uint64_t scans() const { return scans_; }
  uint64_t seconds() const { return counters_.Sum(Counter::kSecondScans); }
  uint64_t promotions() const { return counters_.Sum(Counter::kPromotions); }

 private:
  using At = Scanning::At;
  struct Asked {
    Ticket ticket;
    uint64_t generation = 0;
    int answers = 0;
  };

  uint64_t Below(uint64_t limit) { return random_() % limit; }

  void Step() {
    switch (Below(12)) {
      case 0:
      case 1:
        return Open();
      case 2:
        return Submit();
      case 3:
        return Offer();
      case 4:
        return Expire();
      case 5:
        return Below(6) == 0 ? Publish() : Cancel();
      case 6:
        return DrainOffered();
      case 7:
        return LeaveDisplaced();
      default:
        return Advance(scanning_[Below(scanning_.size())]);
    }
  }

  void DrainOne() {
    DrainOffered();
    LeaveDisplaced();
    for (Scanning& each : scanning_) Advance(each);
  }
  bool AnyScans() {
    const auto depth = queue_.depth();
    if (!closed_ && depth.high + depth.low > 0) return true;
    return std::any_of(scanning_.begin(), scanning_.end(),
                       [](const Scanning& each) { return each.at != At::kIdle; });
  }

  // ---- Who asks ----

  vsapi_item AnyItem() {
    const auto key = static_cast<uint32_t>(Below(kKeys));
    return ItemOf(key % kContents, key);
  }

  void Open() {
    if (open_.size() >= kMostOpen) return;
    auto asked = std::make_unique<Asked>();
    asked->generation = published_;
    const size_t slots = 1 + Below(3);
    Ticket& ticket = asked->ticket;
    ticket.Open(slots, VSAPI_ACCESS_ON_DEMAND, nullptr, this);
    open_.push_back(std::move(asked));
    for (size_t slot = 0; slot < slots; ++slot) AskFor(ticket, slot);
    ticket.Release();
  }
  // Bulk mail waits in the low lane.
  void AskFor(Ticket& ticket, size_t slot) {
    const vsapi_item item = AnyItem();
    const bool is_bulk = Below(4) == 0;
    const Admitted admitted =
        in_flight_.Admit(nullptr, item,
                         {.access = is_bulk ? VSAPI_ACCESS_TRANSPORT : VSAPI_ACCESS_ON_DEMAND,
                          .lane = is_bulk ? Lane::kLow : Lane::kHigh,
                          .low_limit = limit_,
                          .generation = published_,
                          .now = clock_.Now(),
                          .ticket = &ticket,
                          .slot = slot});
    if (admitted == Admitted::kClosed) return ticket.Settle(slot, kGivenUp);
    Owe(item);
  }

  void Submit() {
    const bool displaces = Below(2) == 0 && !displaced_;
    Taken displaced;
    const vsapi_item item = AnyItem();
    const Admitted admitted = in_flight_.Admit(nullptr, item,
                                               {.access = VSAPI_ACCESS_PROACTIVE,
                                                .lane = Lane::kLow,
                                                .low_limit = limit_,
                                                .generation = published_,
                                                .now = clock_.Now(),
                                                .displaced = displaces ? &displaced : nullptr});
    if (displaced.request != nullptr) displaced_ = displaced;
    if (admitted == Admitted::kQueued || admitted == Admitted::kJoined) Owe(item);
  }
  void LeaveDisplaced() {
    if (!displaced_) return;
    ScanRequest& request = *displaced_->request;
    if (request.state.life() != displaced_->life) return displaced_.reset();
    if (request.waiters.empty()) Excuse(KeyOf(request.targets.first->item));
    in_flight_.LeaveOne(*displaced_);
  }

  void Offer() {
    if (offered_ || background_.at != At::kIdle || closed_) return;
    Taken offered;
    const vsapi_item item = AnyItem();
    const Admitted admitted = in_flight_.Admit(nullptr, item,
                                               {.access = VSAPI_ACCESS_BACKGROUND,
                                                .lane = Lane::kLow,
                                                .generation = published_,
                                                .now = clock_.Now(),
                                                .offered = &offered});
    Owe(item);
    if (admitted == Admitted::kQueued) offered_ = offered;
  }
  // Where it would wait, it is stopped now and then.
  void DrainOffered() {
    if (!offered_) return;
    const RequestState& state = offered_->request->state;
    const bool is_offered = state.life() == offered_->life && state.phase() == Phase::kOffered;
    const std::atomic<bool> stopped = Below(4) == 0;
    const size_t high = queue_.depth().high;
    if (high > 0 && is_offered && !closed_ && !stopped) return;
    const Taken taken = queue_.TakeOffered(*offered_, stopped);
    if (taken.request == nullptr) {
      in_flight_.TakeBack(*offered_);
    } else {
      EXPECT_EQ(high, 0u) << "a low request before a high one";
      Has(background_, taken);
    }
    offered_.reset();
  }

  // ---- Who waits ----

  void Expire() {
    if (open_.empty()) return;
    auto at = open_.begin();
    std::advance(at, static_cast<ptrdiff_t>(Below(open_.size())));
    in_flight_.Expire((*at)->ticket, kTimedOut);
  }
  void Answered(Ticket& ticket) override {
    ++answers_;
    const auto at = std::find_if(open_.begin(), open_.end(),
                                 [&](const auto& each) { return &each->ticket == &ticket; });
    ASSERT_NE(at, open_.end()) << "answered twice";
    for (size_t slot = 0; slot < ticket.slots(); ++slot) {
      const vsapi_decision& decision = ticket.decisions()[slot];
      if (decision.reason != VSAPI_REASON_SCANNED) continue;
      EXPECT_GE(static_cast<uint64_t>(decision.verdict), (*at)->generation)
          << "judged by a generation before the one that the client knew";
    }
    gone_.push_back(std::move(*at));
    open_.erase(at);
  }

  // ---- Who scans ----

  void Advance(Scanning& each) {
    switch (each.at) {
      case At::kIdle:
        return TakeNext(each);
      case At::kTaken:
        return Begin(each);
      case At::kCalled:
        return Below(8) == 0 ? Drop(each) : Claim(each);
      case At::kClaimed:
        return Finish(each);
    }
  }

  void TakeNext(Scanning& each) {
    if (&each == &background_ || closed_) return;
    const auto depth = queue_.depth();
    const bool would_wait = depth.high == 0 && (each.role == Role::kHigh || depth.low == 0);
    if (would_wait) return;
    const Taken taken = queue_.Take(each.role);
    ASSERT_NE(taken.request, nullptr);
    EXPECT_TRUE(depth.high == 0 || queue_.depth().high == depth.high - 1)
        << "a low request before a high one";
    Has(each, taken);
  }
  void Has(Scanning& each, const Taken& taken) {
    each.is_low = !taken.is_second && each.worker.is_low() && taken.request->lane == Lane::kLow;
    if (each.is_low) each.worker.BeginLow(taken.request->number);
    each.run = std::make_unique<ScanRun>(taken, each.worker);
    each.at = At::kTaken;
  }
  void Begin(Scanning& each) {
    if (!in_flight_.Begin(*each.run, [&] { return Numbered(published_); })) return each.Forget();
    ++scans_;
    ExpectAlone(each);
    each.at = At::kCalled;
  }
  // But for the other run of the same request.
  void ExpectAlone(const Scanning& each) {
    if (each.run->cancelled) return;
    for (const Scanning& other : scanning_) {
      if (&other == &each || other.at != At::kCalled || other.run->cancelled) continue;
      if (!SameDigest(other.run->item.digest, each.run->item.digest)) continue;
      if (other.run->generation != each.run->generation) continue;
      EXPECT_TRUE(&other.run->request() == &each.run->request() && each.run->taken.is_second)
          << "scanned twice at a time";
    }
  }
  void Drop(Scanning& each) {
    const uint32_t key = KeyOf(each.run->item);
    Excuse(key);
    if (in_flight_.DropItem(*each.run, false, NotThere(VSAPI_E_GONE)) != InFlight::Dropped::kNext)
      each.Forget();
  }
  void Claim(Scanning& each) {
    each.judged = Below(5) != 0 && !each.run->cancelled;
    each.item_scoped = each.judged && Below(4) == 0;
    each.targets = in_flight_.Claim(*each.run, each.judged, each.item_scoped);
    if (each.targets.empty()) return each.Forget();
    each.at = At::kClaimed;
  }
  void Finish(Scanning& each) {
    const uint64_t by = each.run->generation->identity().generation;
    each.targets.ForEach([&](const Target& target) {
      uint64_t& stamp = stamps_[KeyOf(target.item)];
      if (each.judged) stamp = std::max(stamp, by);
      if (!each.judged) Excuse(KeyOf(target.item));
    });
    WaiterList answered;
    each.targets = in_flight_.Finish(each.run->request(), each.targets, each.item_scoped, answered);
    Answer(answered, [&](const Waiter&) {
      return each.judged
                 ? MakeDecision(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED, static_cast<int32_t>(by))
                 : MakeDecision(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED);
    });
    if (each.targets.empty()) each.Forget();
  }

  // ---- Who steers ----

  void Publish() {
    if (published_ < kGenerations) ++published_;
  }
  void Cancel() {
    if (background_.at == At::kCalled) in_flight_.CancelFor(nullptr, background_.run->taken);
  }
  void ShutDown() {
    queue_.Close();
    closed_ = true;
    AnswerLeftOvers();
  }
  void AnswerLeftOvers() {
    in_flight_.GiveUp(kGivenUp);
    for (Taken left; (left = queue_.TakeLeft()).request != nullptr;)
      in_flight_.HandBack(left, kGivenUp);
  }

  // ---- The ledger ----

  void Owe(const vsapi_item& item) {
    uint64_t& owed = owed_[KeyOf(item)];
    owed = std::max(owed, published_);
  }
  // It needs no stamp: it is gone, failed, or was left in the store.
  void Excuse(uint32_t key) { excused_.insert(key); }

  void ExpectBalance(bool shut_down) {
    EXPECT_TRUE(open_.empty()) << open_.size() << " waiters never answered";
    EXPECT_EQ(in_flight_.size(), 0u);
    EXPECT_EQ(in_flight_.scanning(), 0u);
    EXPECT_EQ(queue_.depth().high + queue_.depth().low, 0u);
    if (shut_down) return;
    for (const auto& [key, generation] : owed_)
      EXPECT_TRUE(excused_.contains(key) || stamps_[key] >= generation)
          << "item " << key << " lost";
  }

  std::mt19937_64 random_;
  test::ManualClock clock_;
  Counters counters_;
  ScanQueue queue_{clock_};
  InFlight in_flight_{queue_, counters_};
  size_t limit_ = 1;
  uint64_t published_ = 1;
  bool closed_ = false;
  std::array<Scanning, 4> scanning_ = {Scanning(0, Role::kHigh), Scanning(1, Role::kAny),
                                       Scanning(2, Role::kAny), Scanning(3, Role::kAny)};
  Scanning& background_ = scanning_[3];
  std::optional<Taken> offered_, displaced_;
  std::list<std::unique_ptr<Asked>> open_;
  std::vector<std::unique_ptr<Asked>> gone_;  // who has them in hand may not be done yet
  std::map<uint32_t, uint64_t> stamps_, owed_;
  std::set<uint32_t> excused_;
  uint64_t answers_ = 0, scans_ = 0;
};

TEST(Interleaving, BalancesItsLedgerInEveryOrder) {
  uint64_t answers = 0, scans = 0, second = 0, promotions = 0;
  for (uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
    World world(seed);
    world.Run();
    ASSERT_FALSE(HasFailure()) << "repeat it with --seed " << seed;
    answers += world.answers();
    scans += world.scans();
    second += world.seconds();
    promotions += world.promotions();
  }
  std::cout << "seeds " << first_seed << " to " << first_seed + seeds - 1 << ": " << answers
            << " answers, " << scans << " scans begun, " << second << " second ones, " << promotions
            << " promotions\n";
}

}  // namespace
}  // namespace vsapi::engine

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i + 1 < argc; i += 2) {
    const uint64_t value = std::strtoull(argv[i + 1], nullptr, 0);
    if (std::strcmp(argv[i], "--seeds") == 0) vsapi::engine::seeds = value;
    if (std::strcmp(argv[i], "--seed") != 0) continue;
    vsapi::engine::first_seed = value;
    vsapi::engine::seeds = 1;
  }
  return RUN_ALL_TESTS();
}
