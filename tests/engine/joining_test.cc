// SPDX-License-Identifier: Apache-2.0
//
// One request per content: whoever asks for a content that is in flight joins, in whichever item
// and MDB it stands. Design §5, rule 4.
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <optional>

#include "support/engine_test.h"

namespace vsapi::test {
namespace {

class Joining : public EngineTest {
 protected:
  // Starts an engine that may not raise priorities. What a thread gives up, those that it starts
  // have not; this one keeps what it may.
  void StartUnprivileged() {
    ASSERT_EQ(getrlimit(RLIMIT_NICE, &nice_before_.emplace()), 0);
    const rlimit none{0, nice_before_->rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NICE, &none), 0);
    std::thread([this] {
      GiveUpNice();
      Start("good", {{"ProactiveScanning", "1"}});
    }).join();
  }
  ~Joining() override {
    if (nice_before_) setrlimit(RLIMIT_NICE, &*nice_before_);
  }
  static void GiveUpNice() {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
    ASSERT_EQ(syscall(SYS_capget, &header, sets), 0);
    sets[0].effective &= ~(1u << CAP_SYS_NICE);
    ASSERT_EQ(syscall(SYS_capset, &header, sets), 0);
  }
  // Runs `each` on `threads` threads at once.
  static void OnThreads(int threads, const std::function<void(int)>& each) {
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) running.emplace_back(each, i);
    for (std::thread& thread : running) thread.join();
  }

 private:
  std::optional<rlimit> nice_before_;
};

TEST_F(Joining, MakesOneVendorCallForAThousandOpensOfOneContentAtOnce) {
  constexpr int kThreads = 20, kOpens = 50;
  Start();
  std::vector<std::vector<std::future<Decision>>> clients(kThreads);
  OnThreads(kThreads, [&](int thread) {
    for (int i = 0; i < kOpens; ++i)
      clients[thread].push_back(
          OpenLater(store_->Put(std::to_string(thread * kOpens + i), "GATE INFECTED:Worm.A")));
  });
  gate_.AwaitEntered(1);
  gate_.LetAll();
  for (auto& of_thread : clients)
    for (auto& client : of_thread)
      EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  EXPECT_EQ(gate_.entered(), 1u);
  EXPECT_EQ(store_->applied().size(), size_t{kThreads * kOpens});
  EXPECT_EQ(Count("Joins"), uint64_t{kThreads * kOpens - 1});
}

TEST_F(Joining, MakesOneVendorCallForAThousandOpensOfOneItemThatComeAndGo) {
  constexpr int kThreads = 50, kOpens = 20;
  Start("good", {{"MaxWaiters", "1000"}});
  const Item item = store_->Put("item", "GATE");
  gate_.LetAll();
  std::atomic<int> allowed = 0;
  OnThreads(kThreads, [&](int) {
    for (int i = 0; i < kOpens; ++i) allowed += Open(item).answer == VSAPI_ANSWER_ALLOW;
  });
  EXPECT_EQ(allowed, kThreads * kOpens);
  EXPECT_EQ(gate_.entered(), 1u);
}

TEST_F(Joining, StampsEqualContentInTwoMdbsAfterOneVendorCall) {
  Start();
  const auto other = Attach("public store");
  auto here = OpenLater(store_->Put("here", "GATE"));
  gate_.AwaitEntered(1);
  auto there = OpenLater(other->Put("there", "GATE"));
  gate_.LetAll();
  EXPECT_THAT(Get(here), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_THAT(Get(there), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  engine_->Flush(store_->mdb());
  engine_->Flush(other->mdb());
  EXPECT_EQ(gate_.entered(), 1u);
  EXPECT_EQ(store_->row("here").stamp.verdict, VSAPI_VERDICT_CLEAN);
  EXPECT_EQ(other->row("there").stamp.verdict, VSAPI_VERDICT_CLEAN);
}

TEST_F(Joining, DeniesInBothMdbsOnlyWhenBothHaveWritten) {
  Start();
  const auto other = Attach("public store");
  other->apply_gate.Close();
  auto here = OpenLater(store_->Put("here", "GATE INFECTED:Worm.A"));
  gate_.AwaitEntered(1);
  auto there = OpenLater(other->Put("there", "GATE INFECTED:Worm.A"));
  gate_.LetAll();
  other->apply_gate.AwaitArrived(1);
  EXPECT_FALSE(IsReady(there));
  other->apply_gate.Open();
  EXPECT_THAT(Get(here), Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  EXPECT_THAT(Get(there), Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  EXPECT_EQ(store_->row("here").stamp.verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_EQ(other->row("there").stamp.verdict, VSAPI_VERDICT_INFECTED);
}

TEST_F(Joining, AppliesToThoseWhoJoinWhileTheOutcomeIsBeingWritten) {
  Start();
  store_->apply_gate.Close();
  auto first = OpenLater(store_->Put("first", "INFECTED:Worm.A"));
  store_->apply_gate.AwaitArrived(1);
  auto late = OpenLater(store_->Put("late", "INFECTED:Worm.A"));
  store_->apply_gate.Open();
  EXPECT_THAT(Get(first), Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  EXPECT_THAT(Get(late), Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  EXPECT_EQ(store_->row("late").stamp.verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_EQ(scans(), 1u);
}

TEST_F(Joining, ReadsAnotherItemIfTheFirstIsGone) {
  Start();
  const auto other = Attach("public store");
  store_->open_gate.Close();
  auto gone = OpenLater(store_->Put("gone", "harmless"));
  store_->open_gate.AwaitArrived(1);
  auto stays = OpenLater(other->Put("stays", "harmless"));
  store_->Remove("gone");
  store_->open_gate.Open();
  EXPECT_THAT(Get(gone), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_GONE));
  EXPECT_THAT(Get(stays), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

TEST_F(Joining, ReadsAnotherItemIfTheFirstCannotBeRead) {
  Start();
  const auto other = Attach("public store");
  store_->open_gate.Close();
  auto unreadable = OpenLater(store_->Put("unreadable", "harmless"));
  store_->open_gate.AwaitArrived(1);
  auto readable = OpenLater(other->Put("readable", "harmless"));
  store_->open_status = VSAPI_E_READ_FAILED;
  store_->open_gate.Open();
  EXPECT_THAT(Get(unreadable), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_READ_FAILED));
  EXPECT_THAT(Get(readable), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

// ---- A client joins a low scan that is at the vendor (design §5, rule 6)
// -------------------------

TEST_F(Joining, GetsASecondScanWhereTheLowThreadCannotBeLifted) {
  StartUnprivileged();
  EXPECT_FALSE(engine_->Status().may_raise);
  engine_->Submitted(store_->Put("new", "GATE"));
  gate_.AwaitEntered(1);
  auto client = OpenLater(store_->Put("opened", "GATE"));
  gate_.AwaitEntered(2);
  EXPECT_EQ(Count("Second Scans"), 1u);
  gate_.Let(1);  // whichever comes first counts, the other one still is at the vendor
  EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  gate_.LetAll();
  engine_->Flush(store_->mdb());
  EXPECT_EQ(store_->row("new").stamp.verdict, VSAPI_VERDICT_CLEAN);
  EXPECT_EQ(store_->row("opened").stamp.verdict, VSAPI_VERDICT_CLEAN);
  EXPECT_EQ(store_->applied().size(), 2u);
  EXPECT_EQ(scans(), 1u);
}

TEST_F(Joining, GetsNoSecondScanWhereTheLowThreadIsLifted) {
  Start("good", {{"ProactiveScanning", "1"}});
  if (!engine_->Status().may_raise) GTEST_SKIP() << "priorities can't be raised here";
  engine_->Submitted(store_->Put("new", "GATE"));
  gate_.AwaitEntered(1);
  auto client = OpenLater(store_->Put("opened", "GATE"));
  ASSERT_TRUE(Eventually([&] { return Count("Joins") == 1; }));
  gate_.LetAll();
  EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_EQ(Count("Second Scans"), 0u);
  EXPECT_EQ(gate_.entered(), 1u);
}

TEST_F(Joining, SharesNoResultThatIsMeantForOneItemAlone) {
  Start();
  auto blocked = OpenLater(store_->Put("one", "GATE", "blocked.exe"));
  gate_.AwaitEntered(1);
  auto plain = OpenLater(store_->Put("two", "GATE", "fine.txt"));
  gate_.LetAll();
  EXPECT_THAT(Get(blocked), Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  EXPECT_THAT(Get(plain), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_EQ(gate_.entered(), 2u);
  engine_->Flush(store_->mdb());
  EXPECT_EQ(store_->row("one").stamp.verdict, VSAPI_VERDICT_BLOCKED);
  EXPECT_EQ(store_->row("two").stamp.verdict, VSAPI_VERDICT_CLEAN);
}

}  // namespace
}  // namespace vsapi::test
