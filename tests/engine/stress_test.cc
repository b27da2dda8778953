// SPDX-License-Identifier: Apache-2.0
//
// Everything at once, for a few seconds: clients of every kind open random items of MDBs that come
// and go, under a vendor that is reloaded, until the engine is shut down under them. What was
// answered is kept in a ledger that must balance: one decision for every question, the right one
// for that content, and no infected content let out ever.
//
// The seed is printed; VSAPI_STRESS_SEED repeats a run's choices (not its timing).
#include <random>

#include "support/engine_test.h"

namespace vsapi::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kProducers = 8;
constexpr int kContents = 200;
constexpr auto kRunTime = milliseconds(2500);

uint64_t Seed() {
  const char* given = std::getenv("VSAPI_STRESS_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device()();
}

// What may be said of content number `n` once it is judged.
struct Kind {
  const char* words;
  int32_t answer;
};
constexpr Kind kKinds[] = {{"harmless", VSAPI_ANSWER_ALLOW},
                           {"PERMANENT", VSAPI_ANSWER_ALLOW},
                           {"ENCRYPTED", VSAPI_ANSWER_ALLOW},
                           {"SLOW", VSAPI_ANSWER_ALLOW},
                           {"INFECTED:Worm", VSAPI_ANSWER_DENY_INFECTED},
                           {"SLOW INFECTED:Worm", VSAPI_ANSWER_DENY_INFECTED},
                           {"SUSPICIOUS", VSAPI_ANSWER_DENY_INFECTED},
                           {"OVERLIMIT", VSAPI_ANSWER_DENY_INFECTED}};
const Kind& KindOf(int n) { return kKinds[static_cast<size_t>(n) % std::size(kKinds)]; }
std::string ContentOf(int n) { return std::string(KindOf(n).words) + " " + std::to_string(n); }

// May content `n` have got this decision? A transient answer is right for all.
bool IsRight(int n, const Decision& decision) {
  switch (decision.reason) {
    case VSAPI_REASON_STAMP:
    case VSAPI_REASON_SCANNED:
      return decision.answer == KindOf(n).answer;
    case VSAPI_REASON_TIMED_OUT:
    case VSAPI_REASON_TOO_MANY:
    case VSAPI_REASON_SHUTTING_DOWN:
      return decision.answer == VSAPI_ANSWER_IN_PROGRESS;
    case VSAPI_REASON_GONE:
      return decision.answer == VSAPI_ANSWER_UNAVAILABLE;
    default:
      return false;
  }
}

// Questions and decisions.
class Ledger {
 public:
  void Ask(uint64_t questions = 1) { asked_ += questions; }
  void Enter(int n, const Decision& decision) {
    ++by_reason_[static_cast<size_t>(decision.reason)];
    if (!IsRight(n, decision)) Blame(n, decision);
    ++answered_;  // last: when all are answered, the ledger may go
  }
  uint64_t asked() const { return asked_; }
  uint64_t answered() const { return answered_; }
  uint64_t by_reason(int32_t reason) const { return by_reason_[static_cast<size_t>(reason)]; }
  std::vector<std::string> wrong() const {
    const std::lock_guard lock(mutex_);
    return wrong_;
  }

 private:
  void Blame(int n, const Decision& decision) {
    const std::lock_guard lock(mutex_);
    wrong_.push_back(ContentOf(n) + ": " + ::testing::PrintToString(decision));
  }
  std::atomic<uint64_t> asked_ = 0, answered_ = 0;
  std::array<std::atomic<uint64_t>, 16> by_reason_ = {};
  mutable std::mutex mutex_;
  std::vector<std::string> wrong_;
};

class Stress : public EngineTest {
 protected:
  using Random = std::mt19937_64;

  static std::string KeyOf(int n) { return "item" + std::to_string(n); }
  static void Fill(MemoryStore& store) {
    for (int n = 0; n < kContents; ++n) store.Put(KeyOf(n), ContentOf(n));
  }
  static int Below(int limit, Random& random) {
    return static_cast<int>(random() % static_cast<uint64_t>(limit));
  }

  std::shared_ptr<MemoryStore> AnyStore(Random& random) {
    const std::lock_guard lock(mutex_);
    return stores_[static_cast<size_t>(Below(static_cast<int>(stores_.size()), random))];
  }
  // Replaces one MDB by a fresh one, whose items were never judged.
  void Exchange(size_t which) {
    const auto fresh = Attach("exchanged");
    Fill(*fresh);
    std::shared_ptr<MemoryStore> old = fresh;
    {
      const std::lock_guard lock(mutex_);
      stores_[which].swap(old);
      detached_.push_back(old);
    }
    engine_->Detach(old->mdb());
  }

  // One client: asks until `end`, and a little beyond the shutdown.
  void Produce(uint64_t seed) {
    Random random(seed);
    while (!ended_) Question(random);
    for (int i = 0; i < 20; ++i) Question(random);
  }
  void Question(Random& random) {
    const auto store = AnyStore(random);
    const OpenOptions how = {.timeout = milliseconds(random() % 4 == 0 ? 1 : 60'000)};
    const int n = Below(kContents, random);
    switch (Below(5, random)) {
      case 0:
        return Block(*store, n, how);
      case 1:
        return BlockForMessage(*store, n, how);
      case 2:
        engine_->Submitted(store->ItemOf(KeyOf(n)));
        return;
      default:
        return Async(*store, n, how);
    }
  }
  void Block(MemoryStore& store, int n, const OpenOptions& how) {
    ledger_.Ask();
    ledger_.Enter(n, engine_->Open(store.ItemOf(KeyOf(n)), how));
  }
  void BlockForMessage(MemoryStore& store, int n, const OpenOptions& how) {
    std::vector<Item> items;
    for (int part = 0; part < 5; ++part)
      items.push_back(store.ItemOf(KeyOf((n + part) % kContents)));
    ledger_.Ask(items.size());
    const auto decisions = engine_->OpenMessage(items, how);
    for (int part = 0; part < 5; ++part)
      ledger_.Enter((n + part) % kContents, decisions[static_cast<size_t>(part)]);
  }
  void Async(MemoryStore& store, int n, const OpenOptions& how) {
    ledger_.Ask();
    engine_->AsyncOpen(
        store.ItemOf(KeyOf(n)), [this, n](Decision decision) { ledger_.Enter(n, decision); }, how);
  }

  void RunUntilShutdown(uint64_t seed) {
    for (int i = 0; i < 3; ++i) {
      stores_.push_back(Attach("store " + std::to_string(i)));
      Fill(*stores_.back());
    }
    std::vector<std::thread> producers;
    for (uint64_t i = 0; i < kProducers; ++i)
      producers.emplace_back([this, seed, i] { Produce(seed + i); });
    uint64_t reloads = 0;
    for (const auto end = Clock::now() + kRunTime; Clock::now() < end; ++reloads) {
      if (reloads % 50 == 0) Exchange((seed + reloads) % 3);
      EXPECT_TRUE(engine_->Reload());
    }
    EXPECT_TRUE(engine_->Shutdown(kPatience));
    ended_ = true;
    for (std::thread& producer : producers) producer.join();
  }

  // Nothing that a store holds was stamped as other than it is.
  void ExpectRightStamps() {
    auto all = stores_;
    all.insert(all.end(), detached_.begin(), detached_.end());
    for (const auto& store : all)
      for (const auto& applied : store->applied()) {
        const int n = std::stoi(applied.key.substr(4));
        const bool denies = KindOf(n).answer == VSAPI_ANSWER_DENY_INFECTED;
        const bool clean = applied.stamp.verdict == VSAPI_VERDICT_CLEAN ||
                           applied.stamp.verdict == VSAPI_VERDICT_CLEAN_PERMANENT;
        EXPECT_FALSE(denies && clean) << ContentOf(n);
        EXPECT_NE(applied.action, VSAPI_ACTION_ATTEMPT) << ContentOf(n);
      }
  }

  // A whole run, and all that must hold after it.
  void RunWith(const Settings& settings) {
    const uint64_t seed = Seed();
    std::cout << "VSAPI_STRESS_SEED=" << seed << std::endl;
    Start("slow", settings, "slow_ms=1");
    RunUntilShutdown(seed);
    // A callback may still be on its way over the executor.
    EXPECT_TRUE(Eventually([&] { return ledger_.answered() >= ledger_.asked(); }));
    EXPECT_EQ(ledger_.answered(), ledger_.asked());
    EXPECT_THAT(ledger_.wrong(), ::testing::IsEmpty());
    EXPECT_EQ(Count("Requests In Flight"), 0u);
    EXPECT_EQ(engine_->Status().waiters, 0u);
    EXPECT_GT(ledger_.by_reason(VSAPI_REASON_SCANNED), 0u);
    EXPECT_GT(ledger_.by_reason(VSAPI_REASON_STAMP), 0u);
    ExpectRightStamps();
    std::cout << ledger_.asked() << " questions, " << ledger_.by_reason(VSAPI_REASON_SCANNED)
              << " scanned, " << ledger_.by_reason(VSAPI_REASON_STAMP) << " by stamp, "
              << ledger_.by_reason(VSAPI_REASON_TIMED_OUT) << " timed out, "
              << ledger_.by_reason(VSAPI_REASON_TOO_MANY) << " too many, "
              << ledger_.by_reason(VSAPI_REASON_GONE) << " gone, " << detached_.size()
              << " MDBs exchanged, " << Count("Proactive Displaced") << " displaced\n";
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<MemoryStore>> stores_, detached_;  // guarded by mutex_
  std::atomic<bool> ended_ = false;
  Ledger ledger_;
};

TEST_F(Stress, AnswersEverybodyOnceAndRightly) {
  RunWith({{"ProactiveScanning", "1"}, {"MaxRequests", "100"}});
}

TEST_F(Stress, AnswersThemWhereTheOldestNewItemsAreDisplacedAndScannedInTheBackground) {
  RunWith({{"ProactiveScanning", "1"},
           {"ProactiveLimit", "1"},
           {"ProactiveOverflow", "displace-oldest"},
           {"BackgroundScanning", "1"}});
  EXPECT_GT(Count("Proactive Displaced"), 0u);
}

}  // namespace
}  // namespace vsapi::test
