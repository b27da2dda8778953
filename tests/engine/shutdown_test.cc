// SPDX-License-Identifier: Apache-2.0
//
// The specification of the end: of an MDB (detach) and of the engine (shutdown). Everybody who
// waits is answered, what is decided is written, and a vendor that hangs takes nothing with it.
#include "support/engine_test.h"

namespace vsapi::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Shutdown : public EngineTest {
 protected:
  std::future<bool> ShutdownLater(milliseconds deadline) {
    return std::async(std::launch::async, [this, deadline] { return engine_->Shutdown(deadline); });
  }
};

TEST_F(Shutdown, AnswersWhoIsQueuedAndWaitsForWhatIsAtTheVendor) {
  Start();
  auto at_vendor = HoldAllThreads();
  auto queued = OpenLater(store_->Put("queued", "harmless"));
  auto ended = ShutdownLater(kPatience);
  EXPECT_THAT(Get(queued), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN));
  for (auto& client : at_vendor)
    EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN));
  EXPECT_NE(ended.wait_for(seconds(0)), std::future_status::ready);
  gate_.LetAll();
  EXPECT_TRUE(ended.get());
  EXPECT_EQ(store_->row("queued").stamp.verdict, VSAPI_VERDICT_NONE);
}

TEST_F(Shutdown, AnswersThreadsThatWait) {
  Start();
  const Item item = store_->Put("item", "GATE");
  auto waits = std::async(std::launch::async, [&] { return Open(item); });
  gate_.AwaitEntered(1);
  auto ended = ShutdownLater(kPatience);
  EXPECT_THAT(waits.get(), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN));
  gate_.LetAll();
  EXPECT_TRUE(ended.get());
}

TEST_F(Shutdown, LeavesQueuedLowWorkUnscannedInTheStore) {
  Start("good", {{"ProactiveScanning", "1"}});
  HoldLowThreads();
  EXPECT_EQ(engine_->Submitted(store_->Put("queued", "INFECTED:Worm.A")), VSAPI_SUBMITTED_QUEUED);
  auto ended = ShutdownLater(kPatience);
  ASSERT_TRUE(Eventually([&] { return engine_->Status().queued_low == 0; }));
  gate_.LetAll();
  EXPECT_TRUE(ended.get());
  EXPECT_EQ(store_->row("queued").stamp.verdict, VSAPI_VERDICT_NONE);
}

TEST_F(Shutdown, WritesWhatIsDecided) {
  Start();
  store_->apply_gate.Close();
  EXPECT_EQ(Open(store_->Put("item", "harmless")).answer, VSAPI_ANSWER_ALLOW);
  auto ended = ShutdownLater(kPatience);
  store_->apply_gate.AwaitArrived(1);
  store_->apply_gate.Open();
  EXPECT_TRUE(ended.get());
  EXPECT_EQ(store_->row("item").stamp.verdict, VSAPI_VERDICT_CLEAN);
}

TEST_F(Shutdown, CancelsWhatIsAtTheVendor) {
  Start("hang");
  auto client = OpenLater(store_->Put("item", "HANG"));
  ASSERT_TRUE(Eventually([&] { return engine_->Status().scanning == 1; }));
  EXPECT_TRUE(engine_->Shutdown(kPatience));
  EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN));
  EXPECT_EQ(store_->row("item").attempt.count, 0u);  // being cancelled is no attempt
}

TEST_F(Shutdown, LeavesAVendorBehindThatHeedsNoCancellation) {
  Start();
  auto client = OpenLater(store_->Put("item", "GATE"));
  gate_.AwaitEntered(1);
  EXPECT_FALSE(engine_->Shutdown(milliseconds(20)));
  EXPECT_FALSE(engine_->Shutdown(milliseconds(20)));
  EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN));
  EXPECT_EQ(events_->count(kThreadsAbandoned), 1);
  engine_.reset();
  gate_.LetAll();  // it returns after all, into an engine that nobody holds any more
  EXPECT_TRUE(Eventually([&] { return store_->open_contents() == 0; }));
}

TEST_F(Shutdown, LeavesAStoreBehindThatDoesNotComeBack) {
  Start();
  store_->apply_gate.Close();
  EXPECT_EQ(Open(store_->Put("item", "harmless")).answer, VSAPI_ANSWER_ALLOW);
  store_->apply_gate.AwaitArrived(1);
  EXPECT_FALSE(engine_->Shutdown(milliseconds(20)));
  EXPECT_EQ(events_->count(kThreadsAbandoned), 1);
  engine_.reset();
  store_->apply_gate.Open();  // it comes back after all
  EXPECT_TRUE(Eventually([&] { return store_->applies() == 1; }));
}

TEST_F(Shutdown, LeavesAnEventSinkBehindThatDoesNotComeBack) {
  static Gate* gate = new Gate;  // outlives the thread that hangs
  gate->Close();
  Options options;
  options.on_event = [](const Event&) { gate->Pass(); };
  engine_ = std::make_unique<Engine>(options);
  EXPECT_FALSE(engine_->Shutdown(milliseconds(20)));
  engine_.reset();
  gate->Open();
}

TEST_F(Shutdown, MayBeCalledTwice) {
  Start();
  EXPECT_TRUE(engine_->Shutdown(kPatience));
  EXPECT_TRUE(engine_->Shutdown(kPatience));
}

TEST_F(Shutdown, TakesAnyDeadline) {
  Start();
  EXPECT_EQ(vsapi_engine_shutdown(engine_->get(), UINT64_MAX), VSAPI_OK);
}

TEST_F(Shutdown, AnswersEveryCallThatComesAfterIt) {
  Start();
  const Item item = store_->Put("item", "harmless");
  engine_->Shutdown(kPatience);
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN));
  auto later = OpenLater(item);
  EXPECT_THAT(Get(later), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN));
  EXPECT_FALSE(engine_->Reload());
  engine_->Submitted(item);
  engine_->Flush(store_->mdb());
  engine_->Detach(store_->mdb());
  EXPECT_EQ(store_->opens(), 0);
}

TEST_F(Shutdown, KeepsItsStatusReadable) {
  Start();
  const uint32_t threads = engine_->Status().threads;
  auto ended = ShutdownLater(kPatience);
  while (ended.wait_for(seconds(0)) != std::future_status::ready)
    EXPECT_EQ(engine_->Status().threads, threads);
  EXPECT_TRUE(ended.get());
}

TEST_F(Shutdown, EndsAReloadThatIsUnderWay) {
  Start();
  std::atomic<bool> stop = false;
  auto reloads = std::async(std::launch::async, [&] {
    while (!stop) engine_->Reload();
  });
  EXPECT_TRUE(engine_->Shutdown(kPatience));
  stop = true;
  EXPECT_EQ(reloads.wait_for(kPatience), std::future_status::ready);
}

TEST_F(Shutdown, LetsGoOfTheStores) {
  Start();
  const std::weak_ptr<MemoryStore> store = store_;
  Open(store_->Put("item", "harmless"));
  store_.reset();
  engine_->Shutdown(kPatience);
  EXPECT_TRUE(store.expired());
}

class Detach : public EngineTest {};

TEST_F(Detach, WritesWhatIsDecidedAndLetsGoOfTheStore) {
  Start();
  const std::weak_ptr<MemoryStore> held = store_;
  EXPECT_EQ(Open(store_->Put("item", "harmless")).answer, VSAPI_ANSWER_ALLOW);
  engine_->Detach(store_->mdb());
  EXPECT_EQ(store_->row("item").stamp.verdict, VSAPI_VERDICT_CLEAN);
  store_.reset();
  EXPECT_TRUE(held.expired());
}

TEST_F(Detach, AnswersGoneForWhatIsAtTheVendorAndDropsItsResult) {
  Start();
  auto client = OpenLater(store_->Put("item", "GATE INFECTED:Worm.A"));
  gate_.AwaitEntered(1);
  engine_->Detach(store_->mdb());
  gate_.LetAll();
  EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_GONE));
  EXPECT_EQ(store_->applies(), 0);
}

TEST_F(Detach, KeepsTheStoreUntilItsLastScanHasReturned) {
  Start();
  const std::weak_ptr<MemoryStore> held = store_;
  auto client = OpenLater(store_->Put("item", "GATE"));
  gate_.AwaitEntered(1);
  engine_->Detach(store_->mdb());
  store_.reset();
  EXPECT_FALSE(held.expired());
  gate_.LetAll();
  Get(client);
  EXPECT_TRUE(Eventually([&] { return held.expired(); }));
}

TEST_F(Detach, AnswersGoneToWhoComesLater) {
  Start();
  const Item item = store_->Put("item", "harmless");
  engine_->Detach(store_->mdb());
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_GONE));
  EXPECT_EQ(store_->calls(), 0);
}

TEST_F(Detach, LeavesOtherMdbsAlone) {
  Start();
  const auto other = Attach("public store");
  engine_->Detach(store_->mdb());
  EXPECT_EQ(Open(other->Put("item", "harmless")).answer, VSAPI_ANSWER_ALLOW);
}

TEST_F(Detach, MayBeCalledTwiceAndByTwoThreadsAtOnce) {
  Start();
  auto other = std::async(std::launch::async, [&] { engine_->Detach(store_->mdb()); });
  engine_->Detach(store_->mdb());
  other.get();
  engine_->Detach(store_->mdb());
}

}  // namespace
}  // namespace vsapi::test
