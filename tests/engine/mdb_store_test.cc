// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/mdb, its store: what is read of it, and that it is let go of once,
// last.
#include "engine/mdb_fixture.h"

namespace vsapi::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// ---- Reading ------------------------------------------------------------------------------------

TEST_F(MdbTest, ReadsContentFromMemoryOrByTheStore) {
  for (const bool in_memory : {true, false}) {
    store_.in_memory = in_memory;
    std::optional<Mdb::Content> content;
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
  std::optional<Mdb::Content> content;
  ASSERT_EQ(mdb_->OpenContent(ItemOf(1, 10), content), VSAPI_OK);
  vsapi_value value = {};
  EXPECT_EQ(content->Property(VSAPI_PROPERTY_MDB, 0, &value), VSAPI_OK);
  EXPECT_EQ(std::string(value.text, value.text_size), mdb_->name());
  EXPECT_EQ(content->Property(VSAPI_PROPERTY_MDB, 1, &value), VSAPI_E_ABSENT);
  EXPECT_EQ(content->Property(VSAPI_PROPERTY_SENDER, 0, &value), VSAPI_E_ABSENT);
}

TEST_F(MdbTest, PassesOnWhatTheStoreSaysAndCountsWhatALaterPassMayFind) {
  int woken = 0;
  mdb_->set_on_reason([&] { ++woken; });
  const std::vector<std::pair<int32_t, uint64_t>> failures_after = {
      {VSAPI_E_GONE, 0}, {VSAPI_E_CHANGED, 0}, {VSAPI_E_BUSY, 1}, {VSAPI_E_DAMAGED, 2}, {4711, 3}};
  for (const auto& [said, failures] : failures_after) {
    store_.open_status = said;
    std::optional<Mdb::Content> content;
    EXPECT_EQ(mdb_->OpenContent(ItemOf(1, 10), content), said);
    EXPECT_FALSE(content);
    EXPECT_EQ(mdb_->failures(), failures);
  }
  EXPECT_EQ(mdb_->changes(), 2u);  // where it was, the item is no more
  EXPECT_EQ(woken, 5);
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
  std::optional<Mdb::Content> content;
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
  std::optional<Mdb::Content> content;
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

TEST(MdbTable, NumbersFromOneHoweverManyThereAre) {
  test::ManualClock clock;
  EventLog events(clock, nullptr);
  Counters counters;
  std::array<ScriptedStore, 20> stores;  // more than the first list has room for
  std::vector<Mdb*> added;
  MdbTable table;
  EXPECT_EQ(table.Find(1), nullptr);
  for (ScriptedStore& store : stores) {
    auto mdb = std::make_unique<Mdb>("a", ScriptedStore::kTable, &store, events, counters, clock);
    added.push_back(mdb.get());
    EXPECT_EQ(table.Add(std::move(mdb)), added.size());
  }
  for (uint32_t number = 1; number <= added.size(); ++number)
    EXPECT_EQ(table.Find(number), added[number - 1]);
  EXPECT_EQ(table.Find(0), nullptr);
  EXPECT_EQ(table.Find(static_cast<uint32_t>(added.size()) + 1), nullptr);
  EXPECT_THAT(table.all(), ElementsAreArray(added));
}

TEST_F(MdbTest, TellsVendorsByWhichProtocolIsAskedUnlessTheStoreDoes) {
  store_.property_status = VSAPI_E_ABSENT;
  std::optional<Mdb::Content> content;
  ASSERT_EQ(mdb_->OpenContent(ItemOf(1, 10), content, "imap"), VSAPI_OK);
  vsapi_value value = {};
  ASSERT_EQ(content->Property(VSAPI_PROPERTY_CLIENT_PROTOCOL, 0, &value), VSAPI_OK);
  EXPECT_STREQ(value.text, "imap");
  EXPECT_EQ(content->Property(VSAPI_PROPERTY_CLIENT_PROTOCOL, 1, &value), VSAPI_E_ABSENT);
  store_.property_status = VSAPI_OK;
  ASSERT_EQ(content->Property(VSAPI_PROPERTY_CLIENT_PROTOCOL, 0, &value), VSAPI_OK);
  EXPECT_EQ(value.type, VSAPI_TYPE_INTEGER);
}

}  // namespace
}  // namespace vsapi::engine
