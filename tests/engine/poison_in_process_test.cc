// SPDX-License-Identifier: Apache-2.0
//
// Poison in a host that scans itself: what it was scanning when it died is judged by a worker
// process that is made for that.
#include <sys/stat.h>
#include <sys/wait.h>

#include "support/engine_test.h"

namespace vsapi::test {
namespace {

constexpr char kContent[] = "GATE INFECTED:Worm.D";

class PoisonInProcess : public EngineTest {
 protected:
  enum : uint32_t { kPoisoned = 1064 };

  PoisonInProcess() {
    const pid_t child = fork();
    if (child == 0) {  // dies while the vendor has it
      StartOn({{"Parameters", gate_.parameters()}});
      auto client = OpenLater(store_->Put("item", kContent));
      gate_.AwaitScan();
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }

  void StartOn(const Settings& more) {
    Options options;
    options.state_folder = folder_.path();
    options.settings = {{"Enabled", "1"}, {"Library", VendorPath("good")}};
    options.settings.insert(options.settings.end(), more.begin(), more.end());
    StartWith(options);
  }

  // A worker program that does nothing before something is written into the pipe "go".
  std::string SlowWorker() const {
    const std::string go = folder_.path() + "/go";
    mkfifo(go.c_str(), 0600);
    const std::string program = folder_.Write(
        "worker", "#!/bin/sh\nread line <'" + go + "'\nexec '" VSAPI_WORKER_PROGRAM "' \"$@\"\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return program;
  }
  void LetWorkerStart() const { folder_.Write("go", "now\n"); }

  const TemporaryFolder folder_;
};

TEST_F(PoisonInProcess, IsJudgedByAWorker) {
  StartOn({});
  events_->Await(kPoisoned);
  EXPECT_TRUE(Eventually(
      [&] { return Open(store_->Put("item", kContent)).answer == VSAPI_ANSWER_DENY_INFECTED; }));
}

// Who asks before has to ask again, and nothing is held against the content.
TEST_F(PoisonInProcess, IsScannedInTheBackgroundWhenAWorkerHasLoaded) {
  StartOn({{"WorkerProgram", SlowWorker()}, {"BackgroundScanning", "1"}});
  auto store = std::make_shared<MemoryStore>();
  store->Put("item", kContent);
  store->set_mdb(engine_->Attach("public store", store));
  events_->AwaitPasses(2);  // with that of the fixture's own store
  EXPECT_THAT(events_->text(kScanFailed),
              ::testing::HasSubstr("there is no worker process for it"));
  EXPECT_EQ(store->row("item").stamp.verdict, VSAPI_VERDICT_NONE);
  EXPECT_EQ(store->row("item").attempt.count, 0u);
  LetWorkerStart();
  EXPECT_TRUE(
      Eventually([&] { return store->row("item").stamp.verdict == VSAPI_VERDICT_INFECTED; }));
}

}  // namespace
}  // namespace vsapi::test
