// SPDX-License-Identifier: Apache-2.0
//
// Poison in a host that scans itself: what it was scanning when it died is judged by a worker
// process that is made for that.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/engine_test.h"

namespace vsapi::test {
namespace {

using ::testing::HasSubstr;

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
  ~PoisonInProcess() override {
    engine_.reset();
    close(go_);
  }

  void StartOn(const Settings& more) {
    Options options;
    options.state_folder = folder_.path();
    options.settings = {{"Enabled", "1"}, {"Library", VendorPath("good")}};
    options.settings.insert(options.settings.end(), more.begin(), more.end());
    StartWith(options);
  }

  // A worker program that does nothing before LetWorkerStart.
  std::string SlowWorker() {
    const std::string pipe = folder_.path() + "/go";
    EXPECT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    go_ = open(pipe.c_str(), O_RDWR | O_CLOEXEC);
    const std::string program = folder_.Write(
        "worker", "#!/bin/sh\nread line <'" + pipe + "'\nexec '" VSAPI_WORKER_PROGRAM "' \"$@\"\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return program;
  }
  void LetWorkerStart() const { ASSERT_EQ(write(go_, "go\n", 3), 3); }

  const TemporaryFolder folder_;
  int go_ = -1;
};

// Who asks before it has loaded has to ask again.
TEST_F(PoisonInProcess, IsJudgedByAWorkerAlone) {
  StartOn({{"WorkerProgram", SlowWorker()}});
  events_->Await(kPoisoned);
  const Item item = store_->Put("item", kContent);
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
  LetWorkerStart();
  EXPECT_TRUE(Eventually([&] { return Open(item).answer == VSAPI_ANSWER_DENY_INFECTED; }));
}

TEST_F(PoisonInProcess, IsScannedInTheBackgroundWhenAWorkerHasLoaded) {
  StartOn({{"WorkerProgram", SlowWorker()}, {"BackgroundScanning", "1"}});
  auto store = std::make_shared<MemoryStore>();
  store->Put("item", kContent);
  store->set_mdb(engine_->Attach("public store", store));
  events_->AwaitPasses(2);  // with that of the fixture's own store
  EXPECT_THAT(events_->text(kScanFailed), HasSubstr("there is no worker process for it"));
  EXPECT_EQ(store->row("item").stamp.verdict, VSAPI_VERDICT_NONE);
  EXPECT_EQ(store->row("item").attempt.count, 0u);
  LetWorkerStart();
  EXPECT_TRUE(
      Eventually([&] { return store->row("item").stamp.verdict == VSAPI_VERDICT_INFECTED; }));
}

}  // namespace
}  // namespace vsapi::test
