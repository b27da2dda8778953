// SPDX-License-Identifier: Apache-2.0
//
// One mail cannot crash a host for ever: what the vendor had when the process died is not given to
// it again before it has other definitions.
#include <signal.h>
#include <sys/wait.h>

#include <filesystem>

#include "support/inner_engine.h"
#include "support/processes.h"
#include "support/test_folder.h"

namespace vsapi::test {
namespace {

using engine::EventId;
using ::testing::HasSubstr;

class HostDeathTest : public InnerEngineTest {
 protected:
  HostDeathTest() { state_folder_ = folder_.path(); }

  // A host that dies while the vendor has `content`.
  void DieOf(const std::string& vendor, const std::string& content) {
    const pid_t child = fork();
    if (child == 0) {
      Start(vendor);
      const auto client = OpenLater("item", content);
      gate_.AwaitEntered(1);
      _exit(1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_NE(status, 0);
  }

  const TestFolder folder_;
};

TEST_F(HostDeathTest, LeavesWhatCrashedItUnscannedAndTheRestAlone) {
  DieOf("crash", "CRASH");
  Start("crash");
  EXPECT_THAT(recorded_.Await(EventId::kPoisoned).text,
              HasSubstr("was being scanned when the process died"));
  const Decision decision = Open("item", "CRASH");
  EXPECT_EQ(decision.answer, VSAPI_ANSWER_UNAVAILABLE);
  EXPECT_EQ(decision.reason, VSAPI_REASON_FAILED);
  EXPECT_THAT(recorded_.Await(EventId::kScanFailed).text, HasSubstr("has brought down"));
  EXPECT_EQ(Open("other", "harmless").answer, VSAPI_ANSWER_ALLOW);
}

TEST_F(HostDeathTest, IsRememberedByEachHostAfterIt) {
  DieOf("crash", "CRASH");
  Start("crash");
  ASSERT_TRUE(engine_->Shutdown(std::chrono::seconds(60)));
  Start("crash");
  EXPECT_EQ(Open("item", "CRASH").reason, VSAPI_REASON_FAILED);
}

// The list can't be written: who died of it still stands in the slots, also for the host after
// that.
TEST_F(HostDeathTest, IsRememberedThoughItsListCannotBeWritten) {
  DieOf("crash", "CRASH");
  const std::filesystem::path list = folder_.path() + "/virusscan.poison";
  std::filesystem::create_directory(list);
  Start("crash");
  recorded_.Await(EventId::kStateNotKept);
  EXPECT_EQ(Open("item", "CRASH").reason, VSAPI_REASON_FAILED);
  ASSERT_TRUE(engine_->Shutdown(std::chrono::seconds(60)));
  engine_.reset();
  std::filesystem::remove(list);
  Start("crash");
  EXPECT_EQ(Open("item", "CRASH").reason, VSAPI_REASON_FAILED);
}

TEST_F(HostDeathTest, IsForgottenWhenTheDefinitionsAreOthers) {
  DieOf("good", "GATE harmless");
  gate_.LetAll();
  Start("good", {{"Version", "2"}});
  EXPECT_EQ(Open("item", "GATE harmless").answer, VSAPI_ANSWER_ALLOW);
}

// It is judged by worker processes. Those that are lost are made anew, but not without end.
TEST_F(HostDeathTest, HasWorkersMadeAnewOnceAMinute) {
  const std::string content = "GATE INFECTED:Worm.D";
  DieOf("good", content);
  gate_.LetAll();
  Start("good", {{"Parameters", ""}, {"WorkerProgram", VSAPI_WORKER_PROGRAM}});
  int items = 0;
  const auto answer = [&] { return Open(std::to_string(++items), content).answer; };
  ASSERT_TRUE(Eventually([&] { return answer() == VSAPI_ANSWER_DENY_INFECTED; }));
  for (const pid_t zygote : ProcessesNamed("vsapi-zygote")) kill(zygote, SIGKILL);
  EXPECT_TRUE(Eventually([&] { return answer() == VSAPI_ANSWER_UNAVAILABLE; }));
  recorded_.Await(EventId::kSandboxLost);
  EXPECT_EQ(answer(), VSAPI_ANSWER_UNAVAILABLE);
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_TRUE(Eventually([&] { return answer() == VSAPI_ANSWER_DENY_INFECTED; }));
}

TEST_F(HostDeathTest, TakesNothingFromWhatItHadFinished) {
  const pid_t child = fork();
  if (child == 0) {
    Start("good");
    _exit(Open("item", "harmless").answer == VSAPI_ANSWER_ALLOW ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  Start("good");
  EXPECT_EQ(Open("item", "harmless").answer, VSAPI_ANSWER_ALLOW);
}

}  // namespace
}  // namespace vsapi::test
