// SPDX-License-Identifier: Apache-2.0
//
// ScanningThreads takes force while scans run: the pool grows with a generation that has a session
// for each thread, and shrinks when threads have finished what they are at. Without it the pool has
// 2n+1 threads for the n processors that the process may use.
#include <sys/resource.h>

#include "support/engine_test.h"
#include "support/own_affinity.h"

namespace vsapi::test {
namespace {

class PoolSize : public EngineTest {
 protected:
  void Set(uint32_t threads) {
    settings_file_ = folder_.Write(
        "virusscan.reg",
        "Windows Registry Editor Version 5.00\n\n"
        "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\VirusScan]\n"
        "\"ScanningThreads\"=dword:" +
            Hexadecimal(threads) + "\n");
  }
  static std::string Hexadecimal(uint32_t number) {
    char text[9];
    std::snprintf(text, sizeof text, "%08x", number);
    return text;
  }
  // As many scans at once as the pool has threads, all inside the vendor.
  void ExpectThatAllThreadsScan(uint32_t threads) {
    EXPECT_EQ(engine_->Status().threads, threads);
    auto clients = HoldAllThreads();
    gate_.Let(threads);
    for (auto& client : clients)
      EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
    for (uint32_t i = 0; i < threads; ++i) store_->Remove("held" + std::to_string(i));
  }

  TemporaryFolder folder_;
};

TEST_F(PoolSize, FollowsItsSettingWhileTheEngineRuns) {
  Set(0);
  Start();
  const uint32_t threads = engine_->Status().threads;
  for (const uint32_t next : {threads + 3, threads - 1, threads + 1}) {
    Set(next);
    ASSERT_TRUE(engine_->Reload());
    EXPECT_EQ(engine_->Status().threads, next);
    EXPECT_EQ(engine_->Status().threads_high, next / 2);
    const Item item = store_->Put("item", "harmless " + std::to_string(next));
    EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  }
}

TEST_F(PoolSize, GivesEachNewThreadASessionOfItsOwn) {
  Set(0);
  Start();
  const uint32_t more = engine_->Status().threads + 3;
  Set(more);
  ASSERT_TRUE(engine_->Reload());
  ExpectThatAllThreadsScan(more);
}

TEST_F(PoolSize, LosesNoScanThatIsAtTheVendorWhenItShrinks) {
  Set(0);
  Start();
  auto clients = HoldAllThreads();
  Set(engine_->Status().threads - 2);
  ASSERT_TRUE(engine_->Reload());
  gate_.LetAll();
  for (auto& client : clients)
    EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

TEST_F(PoolSize, IsTwoNPlusOneForTheProcessorsThatMayBeUsed) {
  Start();
  const Status status = engine_->Status();
  EXPECT_EQ(status.threads, 2 * status.processors + 1);
  EXPECT_NE(status.threads_by, VSAPI_THREADS_BY_SETTING);
  EXPECT_EQ(status.nice_low, std::min(getpriority(PRIO_PROCESS, 0) + 10, 19));
}

TEST_F(PoolSize, SaysThatTheSettingDecides) {
  Start("good", {{"ScanningThreads", "2"}});
  EXPECT_EQ(engine_->Status().threads_by, VSAPI_THREADS_BY_SETTING);
}

TEST_F(PoolSize, SaysThatASettingOutOfRangeDecidesNothing) {
  Start("good", {{"ScanningThreads", "100000"}});
  EXPECT_NE(engine_->Status().threads_by, VSAPI_THREADS_BY_SETTING);
}

TEST_F(PoolSize, OnOneProcessorIsThreeAndServesBothLanes) {
  const OnOneProcessor one;
  Start("good", {{"ProactiveScanning", "1"}});
  EXPECT_EQ(engine_->Status().processors, 1u);
  EXPECT_EQ(engine_->Status().threads_by, VSAPI_THREADS_BY_AFFINITY);
  EXPECT_EQ(engine_->Status().threads_high, 1u);
  ExpectThatAllThreadsScan(3);
  engine_->Submitted(store_->Put("new", "INFECTED:Worm.A"));
  EXPECT_TRUE(
      Eventually([&] { return store_->row("new").stamp.verdict == VSAPI_VERDICT_INFECTED; }));
}

TEST_F(PoolSize, OfOneThreadOnOneProcessorServesBothLanes) {
  const OnOneProcessor one;
  Start("good", {{"ProactiveScanning", "1"}, {"ScanningThreads", "1"}});
  EXPECT_EQ(engine_->Status().threads, 1u);
  EXPECT_EQ(engine_->Status().threads_high, 0u);
  EXPECT_EQ(engine_->Status().nice_low, getpriority(PRIO_PROCESS, 0));
  engine_->Submitted(store_->Put("new", "INFECTED:Worm.A"));
  EXPECT_THAT(Open(store_->Put("item", "harmless")),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_TRUE(
      Eventually([&] { return store_->row("new").stamp.verdict == VSAPI_VERDICT_INFECTED; }));
}

TEST_F(PoolSize, StaysWhenTheNewVendorIsRefused) {
  Set(0);
  Start();
  const uint32_t threads = engine_->Status().threads;
  settings_file_ = folder_.Write("virusscan.reg", "nonsense");
  EXPECT_FALSE(engine_->Reload());
  EXPECT_EQ(engine_->Status().threads, threads);
}

}  // namespace
}  // namespace vsapi::test
