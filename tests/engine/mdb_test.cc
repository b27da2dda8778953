// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/mdb: stamps count before they are written, outcomes are written in
// order and told once, and the store is let go of once, last.
#include "mdb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "support/gate.h"
#include "support/items.h"
#include "support/manual_clock.h"
#include "support/recorded_events.h"

namespace vsapi::engine {
namespace {

using test::DigestOf;
using test::ItemOf;
using test::KeyOf;
using test::Steps;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A store whose answers the test scripts, and which aborts when it is called after its release.
struct ScriptedStore {
  std::atomic<int> released = 0, closed = 0;
  std::string bytes = "content";
  bool in_memory = true;
  int32_t open_status = VSAPI_OK;
  int32_t property_status = VSAPI_OK;
  int32_t apply_status = VSAPI_OK;
  std::map<uint32_t, int32_t> results;  // by key; else VSAPI_OK
  vsapi_stamp stamp = {};
  Steps inside_apply, go_on;  // the n-th apply waits for n steps of go_on
  Mutex mutex;
  std::vector<uint32_t> applied;
  std::vector<vsapi_outcome> outcomes;
  std::vector<std::string> findings;

  static ScriptedStore& Of(void* self) {
    auto& store = *static_cast<ScriptedStore*>(self);
    if (store.released > 0) std::abort();
    return store;
  }
  static int32_t Open(void* self, const vsapi_item*, vsapi_content* content) {
    ScriptedStore& store = Of(self);
    content->size = store.bytes.size();
    if (store.in_memory) content->data = store.bytes.data();
    return store.open_status;
  }
  static int32_t Read(void* self, vsapi_content*, uint64_t offset, void* buffer, size_t size,
                      size_t* got) {
    *got = Of(self).bytes.copy(static_cast<char*>(buffer), size, offset);
    return VSAPI_OK;
  }
  static int32_t Property(void* self, vsapi_content*, uint32_t id, uint32_t, vsapi_value* value) {
    Of(self);
    value->type = VSAPI_TYPE_INTEGER;
    value->integer = id;
    return Of(self).property_status;
  }
  static void Close(void* self, vsapi_content*) { ++Of(self).closed; }
  static int32_t ReadStamp(void* self, const vsapi_item*, vsapi_stamp* stamp) {
    *stamp = Of(self).stamp;
    return VSAPI_OK;
  }
  static int32_t Apply(void* self, vsapi_outcome* outcomes, size_t count) {
    ScriptedStore& store = Of(self);
    store.inside_apply.Add();
    store.go_on.Await(store.inside_apply.made());
    const MutexLock lock(store.mutex);
    for (size_t i = 0; i < count; ++i) {
      const uint32_t key = KeyOf(*outcomes[i].item);
      store.applied.push_back(key);
      store.outcomes.push_back(outcomes[i]);
      for (size_t j = 0; j < outcomes[i].finding_count; ++j)
        store.findings.emplace_back(outcomes[i].findings[j].name);
      outcomes[i].result = store.results.contains(key) ? store.results[key] : VSAPI_OK;
    }
    return store.apply_status;
  }
  static void Release(void* self) { ++static_cast<ScriptedStore*>(self)->released; }

  static constexpr vsapi_store_table kTable = {
      sizeof(vsapi_store_table), Open, Read, Property, Close, ReadStamp, Apply, Release};
};

class MdbTest : public ::testing::Test {
 protected:
  ~MdbTest() override { LetApply(); }

  void LetApply() { store_.go_on.Add(1'000'000); }
  OutcomeDraft Draft(uint32_t content, uint32_t key, uint64_t generation = 1) {
    OutcomeDraft draft;
    draft.item = ItemOf(content, key);
    draft.stamp.verdict = VSAPI_VERDICT_CLEAN;
    draft.stamp.generation = generation;
    return draft;
  }
  OutcomeDraft Durable(uint32_t content, uint32_t key) {
    OutcomeDraft draft = Draft(content, key);
    draft.action = VSAPI_ACTION_QUARANTINE;
    draft.stamp.verdict = VSAPI_VERDICT_INFECTED;
    draft.done = [this, key](int32_t result) {
      const MutexLock lock(store_.mutex);
      done_.emplace_back(key, result);
    };
    return draft;
  }
  vsapi_stamp StampOf(uint32_t content) {
    vsapi_stamp stamp = {};
    EXPECT_EQ(mdb_->ReadStamp(ItemOf(content, 1), stamp), VSAPI_OK);
    return stamp;
  }

  test::ManualClock clock_;
  test::RecordedEvents recorded_;
  EventLog events_{clock_, recorded_.sink()};
  Counters counters_;
  ScriptedStore store_;
  std::vector<std::pair<uint32_t, int32_t>> done_;
  std::shared_ptr<Mdb> mdb_ =
      std::make_shared<Mdb>("first", ScriptedStore::kTable, &store_, events_, counters_);
};

// ---- Stamps on their way ------------------------------------------------------------------------

TEST_F(MdbTest, ShowsACleanStampBeforeItIsWritten) {
  mdb_->Write(Draft(1, 10));
  store_.inside_apply.Await();
  EXPECT_EQ(StampOf(1).verdict, VSAPI_VERDICT_CLEAN);
  EXPECT_EQ(StampOf(2).verdict, VSAPI_VERDICT_NONE);
}

TEST_F(MdbTest, AsksTheStoreAgainOnceTheStampIsWritten) {
  LetApply();
  mdb_->Write(Draft(1, 10));
  mdb_->Flush();
  store_.stamp.verdict = VSAPI_VERDICT_SUSPICIOUS;
  EXPECT_EQ(StampOf(1).verdict, VSAPI_VERDICT_SUSPICIOUS);
}

TEST_F(MdbTest, KeepsShowingAStampThatIsStillOnItsWayToAnotherItem) {
  mdb_->Write(Draft(1, 10));
  store_.inside_apply.Await(1);
  mdb_->Write(Draft(1, 11));  // the same content, in the next group
  store_.go_on.Add(1);
  store_.inside_apply.Await(2);
  EXPECT_EQ(StampOf(1).verdict, VSAPI_VERDICT_CLEAN);
}

TEST_F(MdbTest, ShowsNoStampThatDeniesBeforeItIsDurable) {
  mdb_->Write(Durable(1, 10));
  store_.inside_apply.Await();
  EXPECT_EQ(StampOf(1).verdict, VSAPI_VERDICT_NONE);
}

TEST_F(MdbTest, ShowsNoStampOfOneItemForAnother) {
  OutcomeDraft draft = Draft(1, 10);
  draft.stamp.scope = VSAPI_SCOPE_ITEM;
  mdb_->Write(std::move(draft));
  store_.inside_apply.Await();
  EXPECT_EQ(StampOf(1).verdict, VSAPI_VERDICT_NONE);
}

TEST_F(MdbTest, NeverShowsAnEarlierGenerationsStampOverALaterOnes) {
  mdb_->Write(Draft(1, 10, 5));
  mdb_->Write(Draft(1, 11, 4));
  EXPECT_EQ(StampOf(1).generation, 5u);
  mdb_->Write(Draft(1, 12, 6));
  EXPECT_EQ(StampOf(1).generation, 6u);
}

// ---- Writing ------------------------------------------------------------------------------------

TEST_F(MdbTest, WritesInTheOrderTheyCameAndInGroups) {
  mdb_->Write(Draft(1, 10));
  store_.inside_apply.Await();
  for (uint32_t key = 11; key < 16; ++key) mdb_->Write(Draft(key, key));
  LetApply();
  mdb_->Flush();
  EXPECT_THAT(store_.applied, ElementsAre(10, 11, 12, 13, 14, 15));
  EXPECT_EQ(store_.inside_apply.made(), 2u);
}

TEST_F(MdbTest, TellsEachDurableOutcomeItsResultOnce) {
  store_.results = {{11, VSAPI_E_CHANGED}, {12, VSAPI_E_GONE}, {13, VSAPI_E_BUSY}};
  LetApply();
  for (uint32_t key = 10; key < 14; ++key) mdb_->Write(Durable(key, key));
  mdb_->Flush();
  EXPECT_THAT(done_, ElementsAre(std::pair(10u, VSAPI_OK), std::pair(11u, VSAPI_E_CHANGED),
                                 std::pair(12u, VSAPI_E_GONE), std::pair(13u, VSAPI_E_BUSY)));
}

TEST_F(MdbTest, TakesNothingForWrittenWhenTheStoreFailsAsAWhole) {
  store_.apply_status = VSAPI_E_INTERNAL;
  mdb_->Write(Draft(1, 10));
  mdb_->Write(Durable(2, 20));
  LetApply();
  mdb_->Flush();
  EXPECT_THAT(done_, ElementsAre(std::pair(20u, VSAPI_E_INTERNAL)));
  EXPECT_EQ(StampOf(1).verdict, VSAPI_VERDICT_NONE);
  EXPECT_EQ(counters_.Sum(Counter::kOutcomesNotWritten), 2u);
  const auto event = recorded_.Await(EventId::kOutcomeNotWritten);
  EXPECT_THAT(event.text, HasSubstr("\"first\""));
  EXPECT_EQ(event.fields.at("mdb"), "first");
}

TEST_F(MdbTest, ComplainsNotOfContentThatChangedOrWent) {
  store_.results = {{10, VSAPI_E_CHANGED}, {11, VSAPI_E_GONE}};
  LetApply();
  mdb_->Write(Draft(1, 10));
  mdb_->Write(Draft(2, 11));
  mdb_->Flush();
  EXPECT_EQ(counters_.Sum(Counter::kOutcomesNotWritten), 0u);
}

TEST_F(MdbTest, HandsTheStoreTheWholeOutcome) {
  auto report = std::make_shared<ScanReport>();
  report->findings = {{VSAPI_FINDING_THREAT, "Eicar", "a.zip/b"},
                      {VSAPI_FINDING_THREAT, "Other", ""}};
  report->replacement = "new content";
  OutcomeDraft replace = Durable(1, 10), quarantine = Durable(2, 20);
  replace.action = VSAPI_ACTION_REPLACE;
  replace.report = quarantine.report = report;
  quarantine.attempt.count = 3;
  mdb_->Write(std::move(replace));
  mdb_->Write(std::move(quarantine));
  LetApply();
  mdb_->Flush();
  ASSERT_EQ(store_.outcomes.size(), 2u);
  EXPECT_EQ(store_.outcomes[0].action, VSAPI_ACTION_REPLACE);
  EXPECT_EQ(store_.outcomes[0].replacement_size, 11u);
  EXPECT_EQ(store_.outcomes[0].stamp.verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_EQ(store_.outcomes[0].result, VSAPI_E_INTERNAL);  // until the store sets it
  EXPECT_EQ(store_.outcomes[1].replacement, nullptr);
  EXPECT_EQ(store_.outcomes[1].attempt.count, 3u);
  EXPECT_THAT(store_.findings, ElementsAre("Eicar", "Other", "Eicar", "Other"));
}

TEST_F(MdbTest, EndsAFlushThoughOneOutcomeFollowsAnotherForEver) {
  std::atomic<bool> stop = false;
  std::function<void(int32_t)> another = [&](int32_t) {
    if (stop) return;
    OutcomeDraft next = Durable(1, 10);
    next.done = another;
    mdb_->Write(std::move(next));  // queued before the one at hand counts as written
  };
  LetApply();
  another(VSAPI_OK);
  mdb_->Flush();
  stop = true;
  mdb_->Detach();
}

// ---- Reading ------------------------------------------------------------------------------------

TEST_F(MdbTest, ReadsContentFromMemoryOrByTheStore) {
  for (const bool in_memory : {true, false}) {
    store_.in_memory = in_memory;
    std::unique_ptr<ScanContent> content;
    ASSERT_EQ(mdb_->OpenContent(ItemOf(1, 10), content), VSAPI_OK);
    EXPECT_EQ(content->size(), 7u);
    EXPECT_EQ(content->data() != nullptr, in_memory);
    char buffer[16];
    size_t got = 0;
    EXPECT_EQ(content->Read(3, buffer, sizeof buffer, &got), VSAPI_OK);
    EXPECT_EQ(std::string(buffer, got), "tent");
    vsapi_value value = {};
    EXPECT_EQ(content->Property(VSAPI_PROPERTY_SIZE, 0, &value), VSAPI_OK);
    EXPECT_EQ(value.integer, VSAPI_PROPERTY_SIZE);
  }
  EXPECT_EQ(store_.closed, 2);
}

TEST_F(MdbTest, StampsAnotherItemOfAContentThatWasJustDecided) {
  OutcomeDraft first;
  first.item = ItemOf(10, 1);
  first.stamp.verdict = VSAPI_VERDICT_CLEAN;
  mdb_->Write(std::move(first));
  vsapi_stamp stamp = {};
  EXPECT_EQ(mdb_->ReadStamp(ItemOf(10, 2), stamp), VSAPI_OK);
  EXPECT_EQ(mdb_->ReadStamp(ItemOf(10, 2), stamp), VSAPI_OK);  // once is enough
  EXPECT_EQ(stamp.verdict, VSAPI_VERDICT_CLEAN);
  LetApply();
  mdb_->Flush();
  EXPECT_THAT(store_.applied, ElementsAre(1, 2));
}

TEST_F(MdbTest, KnowsItsNameWhereTheStoreDoesNotSay) {
  store_.property_status = VSAPI_E_ABSENT;
  std::unique_ptr<ScanContent> content;
  ASSERT_EQ(mdb_->OpenContent(ItemOf(1, 10), content), VSAPI_OK);
  vsapi_value value = {};
  EXPECT_EQ(content->Property(VSAPI_PROPERTY_MDB, 0, &value), VSAPI_OK);
  EXPECT_EQ(std::string(value.text, value.text_size), mdb_->name());
  EXPECT_EQ(content->Property(VSAPI_PROPERTY_MDB, 1, &value), VSAPI_E_ABSENT);
  EXPECT_EQ(content->Property(VSAPI_PROPERTY_SENDER, 0, &value), VSAPI_E_ABSENT);
}

TEST_F(MdbTest, PassesOnGoneAndChangedAndTakesAllElseForAFailedRead) {
  for (const auto& [said, means] :
       std::map<int32_t, int32_t>{{VSAPI_E_GONE, VSAPI_E_GONE},
                                  {VSAPI_E_CHANGED, VSAPI_E_CHANGED},
                                  {VSAPI_E_BUSY, VSAPI_E_READ_FAILED},
                                  {VSAPI_E_INTERNAL, VSAPI_E_READ_FAILED},
                                  {4711, VSAPI_E_READ_FAILED}}) {
    store_.open_status = said;
    std::unique_ptr<ScanContent> content;
    EXPECT_EQ(mdb_->OpenContent(ItemOf(1, 10), content), means);
    EXPECT_EQ(content, nullptr);
  }
  EXPECT_EQ(store_.closed, 0);
}

// ---- Detaching ----------------------------------------------------------------------------------

TEST_F(MdbTest, WritesWhatIsQueuedBeforeItLetsGo) {
  mdb_->Write(Draft(1, 10));
  mdb_->Write(Durable(2, 20));
  LetApply();
  mdb_->Detach();
  EXPECT_THAT(store_.applied, ElementsAre(10, 20));
  EXPECT_EQ(done_.size(), 1u);
  EXPECT_EQ(store_.released, 1);
}

TEST_F(MdbTest, AnswersGoneAfterwards) {
  LetApply();
  mdb_->Detach();
  std::unique_ptr<ScanContent> content;
  vsapi_stamp stamp = {};
  EXPECT_EQ(mdb_->OpenContent(ItemOf(1, 10), content), VSAPI_E_GONE);
  EXPECT_EQ(mdb_->ReadStamp(ItemOf(1, 10), stamp), VSAPI_E_GONE);
  mdb_->Write(Durable(2, 20));
  mdb_->Write(Draft(3, 30));
  mdb_->Flush();
  EXPECT_THAT(done_, ElementsAre(std::pair(20u, VSAPI_E_GONE)));
  EXPECT_THAT(store_.applied, IsEmpty());
}

TEST_F(MdbTest, LetsGoOfTheStoreOnceHoweverOftenItIsDetached) {
  LetApply();
  std::thread other([this] { mdb_->Detach(); });
  mdb_->Detach();
  other.join();
  mdb_->Detach();
  mdb_.reset();
  EXPECT_EQ(store_.released, 1);
}

TEST_F(MdbTest, LetsGoOfTheStoreOnlyAfterTheLastContentIsClosed) {
  std::unique_ptr<ScanContent> content;
  ASSERT_EQ(mdb_->OpenContent(ItemOf(1, 10), content), VSAPI_OK);
  LetApply();
  mdb_->Detach();
  EXPECT_EQ(store_.released, 0);
  char byte;
  size_t got = 0;
  EXPECT_EQ(content->Read(0, &byte, 1, &got), VSAPI_OK);
  mdb_.reset();
  content.reset();
  EXPECT_EQ(store_.closed, 1);
  EXPECT_EQ(store_.released, 1);
}

TEST_F(MdbTest, DetachesWhenItGoes) {
  LetApply();
  mdb_->Write(Draft(1, 10));
  mdb_.reset();
  EXPECT_THAT(store_.applied, ElementsAre(10));
  EXPECT_EQ(store_.released, 1);
}

TEST_F(MdbTest, WritesAllOfManyThreadsOrAnswersGone) {
  constexpr uint32_t kThreads = 4, kTimes = 300;
  LetApply();
  std::atomic<uint32_t> written = 0, gone = 0;
  std::vector<std::thread> threads;
  for (uint32_t thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      for (uint32_t time = 0; time < kTimes; ++time) {
        OutcomeDraft draft = Durable(time % 5, thread * kTimes + time);
        draft.done = [&](int32_t result) { ++(result == VSAPI_OK ? written : gone); };
        mdb_->Write(std::move(draft));
        mdb_->Write(Draft(time % 5, 0));
        vsapi_stamp stamp;
        mdb_->ReadStamp(ItemOf(time % 5, 0), stamp);
      }
    });
  store_.inside_apply.Await(1);
  mdb_->Detach();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(written + gone, kThreads * kTimes);
  EXPECT_EQ(store_.released, 1);
}

TEST(MdbTable, NumbersFromOne) {
  test::ManualClock clock;
  EventLog events(clock, nullptr);
  Counters counters;
  ScriptedStore stores[2];
  MdbTable table;
  const auto first =
      std::make_shared<Mdb>("a", ScriptedStore::kTable, &stores[0], events, counters);
  const auto second =
      std::make_shared<Mdb>("b", ScriptedStore::kTable, &stores[1], events, counters);
  EXPECT_EQ(table.Add(first), 1u);
  EXPECT_EQ(table.Add(second), 2u);
  EXPECT_EQ(table.Find(1), first);
  EXPECT_EQ(table.Find(2), second);
  EXPECT_EQ(table.Find(0), nullptr);
  EXPECT_EQ(table.Find(3), nullptr);
  EXPECT_THAT(table.all(), ElementsAre(first, second));
}

}  // namespace
}  // namespace vsapi::engine
