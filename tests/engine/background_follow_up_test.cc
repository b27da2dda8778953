// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/background_follow_up, and of a whole engine in whose store items
// change and move while they are scanned: all ends with a current stamp, though nobody offers it.
#include "background_follow_up.h"

#include "support/inner_engine.h"

namespace vsapi::engine {
namespace {

using namespace std::chrono_literals;
using test::Eventually;

class BackgroundFollowUpTest : public ::testing::Test {
 protected:
  // A pass that meets so many changes.
  void Pass(uint64_t met = 0, Duration walked = {}) {
    follow_up_.Begin(changes_);
    changes_ += met;
    follow_up_.End(changes_, walked);
  }
  Duration Wait() { return follow_up_.DueAt(changes_) - clock_.Now(); }

  test::ManualClock clock_;
  BackgroundFollowUp follow_up_{clock_};
  uint64_t changes_ = 0;
};

TEST_F(BackgroundFollowUpTest, IsForNothingWhereNothingChanged) {
  Pass();
  EXPECT_EQ(follow_up_.DueAt(changes_), TimePoint::max());
}

TEST_F(BackgroundFollowUpTest, ComesAtOnceAfterAChangeOutsideOfAPass) {
  Pass();
  ++changes_;
  EXPECT_EQ(Wait(), 0s);
  Pass();
  EXPECT_EQ(follow_up_.DueAt(changes_), TimePoint::max());
}

TEST_F(BackgroundFollowUpTest, RestsTenTimesAsLongAsAWalkTakes) {
  Pass(0, 20s);
  EXPECT_EQ(follow_up_.DueAt(changes_), TimePoint::max());
  ++changes_;
  EXPECT_EQ(Wait(), 200s);
  Pass(1, 2s);
  EXPECT_EQ(Wait(), 20s);
  Pass(1, 24h);
  EXPECT_EQ(Wait(), BackgroundFollowUp::kLongest);
}

TEST_F(BackgroundFollowUpTest, ComesTwiceAsLateEachTimeAfterPassesThatMeetMore) {
  Pass(1);
  EXPECT_EQ(Wait(), 1s);
  ++changes_;
  EXPECT_EQ(Wait(), 1s);  // more of them change nothing
  Pass(1);
  EXPECT_EQ(Wait(), 2s);
  for (int i = 0; i < 20; ++i) Pass(1);
  EXPECT_EQ(Wait(), BackgroundFollowUp::kLongest);
  Pass();
  EXPECT_EQ(follow_up_.DueAt(changes_), TimePoint::max());
  ++changes_;
  EXPECT_EQ(Wait(), 0s);
}

// ---- A whole engine -----------------------------------------------------------------------------

// Remembers when walks over it began.
class WalkedStore : public test::MemoryStore {
 public:
  explicit WalkedStore(const Clock& clock) : clock_(clock) {}

  std::vector<TimePoint> walks_begun() const {
    const MutexLock lock(mutex_);
    return walks_begun_;
  }
  int32_t NextStale(const Level& level, StalePage& page) override {
    if (page.room > 0 && page.cursor.size == 0) {
      const MutexLock lock(mutex_);
      walks_begun_.push_back(clock_.Now());
    }
    return MemoryStore::NextStale(level, page);
  }

 private:
  const Clock& clock_;
  mutable Mutex mutex_;
  std::vector<TimePoint> walks_begun_ VSAPI_GUARDED_BY(mutex_);
};

class ChangingStore : public test::InnerEngineTest {
 protected:
  // Nothing is stale, and no pass under way.
  void StartIdle() {
    Start("good", {{"BackgroundScanning", "1"}, {"VendorTimeout", "86400"}});
    recorded_.Await(EventId::kBackgroundIdle);
  }
  void Attach(const std::shared_ptr<test::MemoryStore>& store) {
    store->set_mdb(engine_->Attach("other store", detail::StoreAdapter::kTable,
                                   new std::shared_ptr<Store>(store)));
  }
  // With what is gathered to be written: on this clock nothing else has it written.
  bool IsStamped(const std::string& key) {
    engine_->Find(store_->mdb())->Flush();
    return store_->Has(key) && store_->row(key).stamp.verdict != VSAPI_VERDICT_NONE;
  }
  // The outcome of an infected item makes this one.
  static void MakeNewByOutcome(test::MemoryStore& store, const std::string& key) {
    store.after_apply = [&store, key] {
      if (!store.Has(key)) store.Put(key, "harmless rest");
    };
  }
  void Move(const std::string& from, const std::string& to, const std::string& content) {
    store_->Remove(from);
    store_->Put(to, content);
  }
};

TEST_F(ChangingStore, HasWhatAnOutcomeMadeNewScanned) {
  StartIdle();
  MakeNewByOutcome(*store_, "rest");
  EXPECT_EQ(Open("bad", "INFECTED:Worm.A").answer, VSAPI_ANSWER_DENY_INFECTED);
  EXPECT_TRUE(Eventually([&] { return IsStamped("rest"); }));
}

TEST_F(ChangingStore, HasWhatAPassMadeNewBehindItsCursorScannedByTheNext) {
  StartIdle();
  store_ = std::make_shared<test::MemoryStore>();
  store_->Put("bad", "INFECTED:Worm.A");
  MakeNewByOutcome(*store_, "a rest");
  Attach(store_);
  EXPECT_TRUE(Eventually([&] {
    if (store_->open_contents() == 0) clock_.Advance(1s);
    return IsStamped("a rest");
  }));
}

TEST_F(ChangingStore, HasWhatMovedWhileItWasScannedForAClientScannedWhereItIs) {
  StartIdle();
  auto client = OpenLater("item", "GATE harmless");
  gate_.AwaitEntered(1);
  Move("item", "moved", "GATE harmless");
  gate_.LetAll();
  Get(client);
  EXPECT_TRUE(Eventually([&] { return IsStamped("moved"); }));
}

TEST_F(ChangingStore, HasWhatAnotherContentTookThePlaceOfScannedWhereItIs) {
  StartIdle();
  auto client = OpenLater("item", "GATE harmless");
  gate_.AwaitEntered(1);
  Move("item", "moved", "GATE harmless");
  store_->Put("item", "a notice");
  gate_.LetAll();
  Get(client);
  EXPECT_TRUE(Eventually([&] { return IsStamped("moved") && IsStamped("item"); }));
}

TEST_F(ChangingStore, HasWhatMovedBeforeItWasReadScannedWhereItIs) {
  StartIdle();
  store_->open_gate.Close();
  auto client = OpenLater("item", "harmless");
  store_->open_gate.AwaitArrived(1);
  Move("item", "moved", "harmless");
  store_->open_gate.Open();
  EXPECT_EQ(Get(client).reason, VSAPI_REASON_GONE);
  EXPECT_TRUE(Eventually([&] { return IsStamped("moved"); }));
}

TEST_F(ChangingStore, IsGoneOverEverMoreSeldomWhereItTakesNothing) {
  StartIdle();
  const auto store = std::make_shared<WalkedStore>(clock_);
  store->Put("item", "harmless");
  store->outcome_result = VSAPI_E_CHANGED;
  Attach(store);
  ASSERT_TRUE(Eventually([&] {
    if (store->open_contents() == 0) clock_.Advance(100ms);
    return store->walks_begun().size() >= 4;
  }));
  const auto begun = store->walks_begun();
  EXPECT_GE(begun[1] - begun[0], 1s);
  EXPECT_GE(begun[2] - begun[1], 2s);
  EXPECT_GE(begun[3] - begun[2], 4s);
}

}  // namespace
}  // namespace vsapi::engine
