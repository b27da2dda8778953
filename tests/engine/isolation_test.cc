// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/sandbox with the scanner over it: the same vendor DLLs in worker
// processes. Whatever one does to its process, the host lives, the item is judged or failed, and
// others see nothing of it.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <sstream>

#include "support/engine_test.h"
#include "support/processes.h"

namespace vsapi::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

enum : uint32_t { kContractBroken = 1030, kPoisoned = 1064, kWorkerFault = 1065, kLost = 1066 };

class Isolation : public EngineTest {
 protected:
  void StartIsolated(const std::string& vendor, Settings settings = {},
                     const std::string& parameters = "") {
    settings.insert(settings.begin(), {"Isolation", "process"});
    Start(vendor, settings, parameters);
  }
  Decision OpenText(const std::string& content) {
    return Open(store_->Put("item " + std::to_string(++items_), content));
  }
  void ExpectThatOthersAreServed() {
    EXPECT_THAT(OpenText("harmless " + std::to_string(items_)),
                Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  }
  // Brings down its process three times, then is failed, and poison.
  void ExpectAFault(const std::string& content, const std::string& how) {
    EXPECT_THAT(OpenText(content), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
    events_->Await(kPoisoned);
    events_->Await(kWorkerFault, 3);
    EXPECT_THAT(events_->field(kWorkerFault, "how"), HasSubstr(how));
    ExpectThatOthersAreServed();
  }

 private:
  int items_ = 0;
};

TEST_F(Isolation, JudgesAsTheHostWould) {
  StartIsolated("good");
  EXPECT_THAT(OpenText("harmless"), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  const Decision infected = OpenText("INFECTED:Worm.A");
  EXPECT_EQ(infected.answer, VSAPI_ANSWER_DENY_INFECTED);
  EXPECT_STREQ(infected.finding, "Worm.A");
  EXPECT_EQ(OpenText("ENCRYPTED").verdict, VSAPI_VERDICT_ENCRYPTED);
  EXPECT_EQ(OpenText("").answer, VSAPI_ANSWER_ALLOW);
  EXPECT_EQ(ProcessesNamed("vsapi-zygote").size(), 1u);
}

// Also after a reload, which is done at a low priority beside what serves.
TEST_F(Isolation, SchedulesAWorkerAsTheThreadThatItWorksFor) {
  const int full = getpriority(PRIO_PROCESS, 0);
  const auto nices = [] {
    std::vector<int> found;
    for (const pid_t worker : ProcessesNamed("vsapi-work-"))
      found.push_back(getpriority(PRIO_PROCESS, static_cast<id_t>(worker)));
    return found;
  };
  StartIsolated("good", {{"ProactiveScanning", "1"}});
  EXPECT_TRUE(engine_->Reload());
  ExpectThatOthersAreServed();
  EXPECT_THAT(nices(), AllOf(Not(IsEmpty()), Each(full)));
  engine_->Submitted(store_->Put("new", "harmless and new"));
  EXPECT_TRUE(Eventually([&] { return scans() == 2; }));
  EXPECT_THAT(nices(), Contains(std::min(full + 10, 19)));
}

TEST_F(Isolation, ReadsContentThatIsNotInMemory) {
  StartIsolated("good");
  store_->in_memory = false;
  EXPECT_EQ(OpenText("a longer text that is read in pieces INFECTED:Worm.B").answer,
            VSAPI_ANSWER_DENY_INFECTED);
  store_->reads_fail = true;
  EXPECT_THAT(OpenText("can't be read"),
              Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_READ_FAILED));
}

TEST_F(Isolation, TakesLargeContentAndReplacements) {
  StartIsolated("good");
  const std::string large(5 << 20, 'x');
  EXPECT_EQ(OpenText(large + "INFECTED:Worm.C").answer, VSAPI_ANSWER_DENY_INFECTED);
  Open(store_->Put("cleaned", large + "CLEANED" + large));
  EXPECT_EQ(store_->row("cleaned").content, large + large);
  ExpectThatOthersAreServed();
}

TEST_F(Isolation, AsksTheStoreForProperties) {
  StartIsolated("good");
  const Decision decision = Open(store_->Put("item", "harmless", "blocked.exe"));
  EXPECT_EQ(decision.answer, VSAPI_ANSWER_DENY_INFECTED);
  EXPECT_STREQ(decision.finding, "Name.Test");
}

TEST_F(Isolation, TellsWhatTheVendorSays) {
  StartIsolated("talks");
  OpenText("TALK");
  events_->Await(1014);
}

TEST_F(Isolation, BlamesTheVendorForWhatItBreaks) {
  StartIsolated("lie");
  EXPECT_EQ(OpenText("LIE").answer, VSAPI_ANSWER_UNAVAILABLE);
  events_->Await(kContractBroken);
}

TEST_F(Isolation, RefusesAVendorThatCannotStart) {
  StartIsolated("start_fails");
  events_->Await(kVendorRefused);
  EXPECT_THAT(events_->text(kVendorRefused), HasSubstr("could not be started"));
}

TEST_F(Isolation, RefusesToBeginWithoutItsProgram) {
  StartIsolated("good", {{"WorkerProgram", "/nowhere/vsapi_worker"}});
  events_->Await(kVendorRefused);
  EXPECT_THAT(events_->text(kVendorRefused), HasSubstr("/nowhere/vsapi_worker"));
  EXPECT_THAT(OpenText("harmless"), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_NO_VENDOR));
}

// ---- Faults -------------------------------------------------------------------------------------

TEST_F(Isolation, SurvivesAnAbort) {
  StartIsolated("crash");
  ExpectAFault("CRASH", "died of signal 6 (Aborted)");
  EXPECT_EQ(events_->field(kWorkerFault, "vendor"), "CrashVendor");
  EXPECT_EQ(events_->field(kWorkerFault, "step"), "in the vendor's scan");
  EXPECT_THAT(events_->field(kWorkerFault, "backtrace"), HasSubstr("Misjudge"));
  EXPECT_THAT(events_->field(kWorkerFault, "backtrace"), HasSubstr("crash.cc:"));
}

TEST_F(Isolation, IsRememberedForTheStatus) {
  StartIsolated("crash");
  OpenText("CRASH");
  const auto faults = engine_->Faults();
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0].vendor, "CrashVendor");
  EXPECT_THAT(faults[0].how, HasSubstr("signal 6"));
  EXPECT_EQ(faults[0].step, "in the vendor's scan");
  EXPECT_THAT(faults[0].backtrace, HasSubstr("Misjudge"));
  EXPECT_EQ(faults[0].mdb, "mailbox store");
  EXPECT_TRUE(SameDigest(faults[0].digest, DigestOf("CRASH")));
}

TEST_F(Isolation, GivesPoisonOneTryAloneNextTime) {
  StartIsolated("crash");
  ExpectAFault("CRASH", "died");
  EXPECT_THAT(OpenText("CRASH"), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
  events_->Await(kWorkerFault, 4);
  OpenText("harmless");
  EXPECT_EQ(events_->count(kWorkerFault), 4);
}

TEST_F(Isolation, SurvivesMisuseOfMemory) {
  StartIsolated("misdeeds");
  ExpectAFault("SEGFAULT", "died of signal 11");
}
TEST_F(Isolation, SurvivesAnEndlessRecursion) {
  StartIsolated("misdeeds");
  ExpectAFault("RECURSE", "died of signal 11");
  EXPECT_THAT(events_->field(kWorkerFault, "backtrace"), HasSubstr("Recurse"));
}
TEST_F(Isolation, SurvivesAnExit) {
  StartIsolated("exits");
  ExpectAFault("EXIT", "ended with exit code 0");
}
TEST_F(Isolation, SurvivesADeadlySignal) {
  StartIsolated("misdeeds");
  ExpectAFault("SIGKILL", "died of signal 9");
}
TEST_F(Isolation, TakesGarbageForAFault) {
  StartIsolated("misdeeds");
  ExpectAFault("GARBAGE", "answered what is no answer");
}

TEST_F(Isolation, LimitsMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's allocator ends the process where malloc has nothing to give";
#endif
  StartIsolated("misdeeds", {{"WorkerMemory", "64"}});
  ExpectAFault("HOARD", "ran out of its memory");
}

TEST_F(Isolation, LimitsSharedMemoryToo) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's allocator ends the process where there is no room for addresses";
#endif
  StartIsolated("misdeeds", {{"WorkerMemory", "64"}});
  ExpectAFault("SHARED HOARD", "ran out of its memory");
}

TEST_F(Isolation, EndsAWorkerThatHangs) {
  StartIsolated("misdeeds", {{"VendorTimeout", "1"}});
  EXPECT_THAT(OpenText("SPIN"), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
  events_->Await(kPoisoned);
  EXPECT_EQ(events_->field(kWorkerFault, "how"), "hangs");
  EXPECT_EQ(events_->count(kWorkerFault), 1);  // another one would be a hang as long
  ExpectThatOthersAreServed();
}

// The tries after a late crash have too little time for another one.
TEST_F(Isolation, TakesForPoisonWhatCrashedOnceAndWasNeverJudged) {
  StartIsolated("misdeeds", {{"VendorTimeout", "10"}});
  EXPECT_THAT(OpenText("LATE CRASH"), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
  events_->Await(kPoisoned);
  EXPECT_EQ(events_->count(kWorkerFault), 1);
}

TEST_F(Isolation, EndsAWorkerThatIsStopped) {
  StartIsolated("misdeeds", {{"VendorTimeout", "1"}});
  EXPECT_THAT(OpenText("SIGSTOP"), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
  events_->Await(kWorkerFault);
  EXPECT_EQ(events_->field(kWorkerFault, "how"), "hangs");
  ExpectThatOthersAreServed();
}

TEST_F(Isolation, LetsAVendorStopWhenItsBudgetIsUsedUp) {
  StartIsolated("hang", {{"VendorTimeout", "1"}});
  EXPECT_THAT(OpenText("HANG"), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
  EXPECT_EQ(events_->count(kWorkerFault), 0);
  EXPECT_EQ(events_->count(kPoisoned), 0);
}

TEST_F(Isolation, ReplacesAWorkerThatLosesMemoryOrDescriptors) {
  StartIsolated("leak", {{"WorkerMemory", "64"}, {"ScanningThreads", "2"}});
  for (int i = 0; i < 300; ++i)
    ASSERT_EQ(OpenText("LEAK " + std::to_string(i)).answer, VSAPI_ANSWER_ALLOW) << i;
  engine_.reset();
  StartIsolated("leaks_descriptor", {{"ScanningThreads", "2"}});
  for (int i = 0; i < 600; ++i)
    ASSERT_EQ(OpenText("DESCRIPTOR " + std::to_string(i)).answer, VSAPI_ANSWER_ALLOW) << i;
  EXPECT_EQ(events_->count(kWorkerFault), 0);
}

TEST_F(Isolation, LetsOthersScanWhileOneCrashesAgainAndAgain) {
  StartIsolated("crash");
  std::vector<std::future<Decision>> crashing, others;
  for (int i = 0; i < 100; ++i) {
    const std::string number = std::to_string(i);
    if (i % 10 == 0) crashing.push_back(OpenLater(store_->Put("c" + number, "CRASH " + number)));
    others.push_back(OpenLater(store_->Put("o" + number, "INFECTED:Worm." + number)));
  }
  for (auto& each : crashing)
    EXPECT_THAT(Get(each), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
  for (auto& each : others) EXPECT_EQ(Get(each).answer, VSAPI_ANSWER_DENY_INFECTED);
}

// One in a hundred crashes, one in two hundred hangs.
TEST_F(Isolation, JudgesAllOthersRightlyInAStormOfFaults) {
  constexpr int kItems = 1000;
  StartIsolated("misdeeds", {{"VendorTimeout", "1"}});
  std::vector<std::future<Decision>> decisions;
  for (int i = 0; i < kItems; ++i) {
    const std::string number = std::to_string(i);
    const char* const does = i % 100 == 0    ? "SEGFAULT "
                             : i % 200 == 50 ? "SPIN "
                             : i % 2 == 0    ? "INFECTED:Worm."
                                             : "harmless ";
    decisions.push_back(OpenLater(store_->Put(number, does + number)));
  }
  for (int i = 0; i < kItems; ++i) {
    const Decision decision = Get(decisions[static_cast<size_t>(i)]);
    const std::string finding = decision.finding;
    if (i % 100 == 0 || i % 200 == 50)
      EXPECT_THAT(decision, Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED)) << i;
    else if (i % 2 == 0)
      EXPECT_EQ(finding, "Worm." + std::to_string(i));
    else
      EXPECT_EQ(decision.answer, VSAPI_ANSWER_ALLOW) << i;
  }
  events_->Await(kPoisoned, 15);
  EXPECT_EQ(events_->count(kPoisoned), 15);
}

TEST_F(Isolation, LoadsAnewWhenAllItsProcessesAreKilled) {
  StartIsolated("good");
  ExpectThatOthersAreServed();
  const auto zygotes = ProcessesNamed("vsapi-zygote");
  ASSERT_EQ(zygotes.size(), 1u);
  kill(zygotes[0], SIGKILL);
  // Its workers follow it soon, and serve until then.
  EXPECT_TRUE(Eventually([&] {
    OpenText("harmless");
    return events_->count(kLost) > 0;
  }));
  EXPECT_TRUE(Eventually([&] { return OpenText("harmless").answer == VSAPI_ANSWER_ALLOW; }));
  EXPECT_EQ(events_->count(kPoisoned), 0);
}

TEST_F(Isolation, BlamesNoContentForWhoKillsTheZygote) {
  StartIsolated("misdeeds");
  auto client = OpenLater(store_->Put("item", "SIGSTOP"));
  EXPECT_TRUE(Eventually([] {
    const auto workers = ProcessesNamed("vsapi-work-");
    return std::any_of(workers.begin(), workers.end(),
                       [](pid_t worker) { return StatOf(worker).state == 'T'; });
  }));
  kill(ProcessesNamed("vsapi-zygote").at(0), SIGKILL);
  EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
  events_->Await(kLost);
  EXPECT_EQ(events_->count(kWorkerFault), 0);
  EXPECT_EQ(events_->count(kPoisoned), 0);
}

TEST_F(Isolation, LeavesNoProcessAndNoFileBehind) {
  StartIsolated("good");
  ExpectThatOthersAreServed();
  const auto zygotes = ProcessesNamed("vsapi-zygote");
  const auto workers = ProcessesNamed("vsapi-work-");
  ASSERT_FALSE(workers.empty());
  const auto folders = [&] {
    size_t count = 0;
    const std::string name = "vsapi-worker-" + std::to_string(zygotes[0]) + "-";
    for (const auto& place :
         {std::filesystem::path("/dev/shm"), std::filesystem::temp_directory_path()})
      for (const auto& entry : std::filesystem::directory_iterator(place))
        count += entry.path().filename().string().starts_with(name) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(folders(), 1u);
  engine_.reset();
  EXPECT_EQ(folders(), 0u);
  for (const pid_t worker : workers) EXPECT_NE(kill(worker, 0), 0);
}

TEST_F(Isolation, SweepsWhatItsWorkersLeftAndNothingOfOthers) {
  if (geteuid() != 0) GTEST_SKIP() << "not root";
  constexpr uid_t kNobody = 65534, kSomebody = 4711;
  const TemporaryFolder place;
  std::filesystem::permissions(place.path(), std::filesystem::perms::all);
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  waitpid(gone, nullptr, 0);
  const std::string name = place.path() + "/vsapi-worker-" + std::to_string(gone);
  const auto leave = [&](const std::string& path, uid_t owner) {
    std::filesystem::create_directory(path);
    EXPECT_EQ(chown(path.c_str(), owner, owner), 0);
  };
  leave(name + "-worker", kNobody);
  leave(name + "-others", kSomebody);
  setenv("TMPDIR", place.path().c_str(), 1);
  StartIsolated("good");
  ExpectThatOthersAreServed();
  engine_.reset();
  unsetenv("TMPDIR");
  EXPECT_FALSE(std::filesystem::exists(name + "-worker"));
  EXPECT_TRUE(std::filesystem::exists(name + "-others"));
}

// ---- What a worker may not do -------------------------------------------------------------------

TEST_F(Isolation, KeepsWorkersFromTheNetworkAndFromFilesThatAreNotTheirs) {
  const TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  StartIsolated("misdeeds", {}, "folder=" + folder.path());
  for (const char* forbidden :
       {"SOCKET", "OUTSIDE", "PROGRAM", "FORK", "THREAD", "SIGNALPARENT", "MEMFD", "SEAL"}) {
    const Decision decision = OpenText(forbidden);
    EXPECT_STREQ(decision.finding, "Refused.Test") << forbidden;
  }
  EXPECT_STREQ(OpenText("TEMPFILE").finding, "Done.Test");
  EXPECT_EQ(events_->count(kWorkerFault), 0);
}

TEST_F(Isolation, LimitsTheFilesOfAllWorkersTogetherWhereTheHostMayMount) {
  if (geteuid() != 0) GTEST_SKIP() << "not root";
  StartIsolated("misdeeds", {{"WorkerMemory", "64"}});
  EXPECT_STREQ(OpenText("FILLDISK").finding, "Refused.Test");
  ExpectThatOthersAreServed();
}

TEST_F(Isolation, LeavesCoreFilesWhereItIsAskedFor) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer makes none";
#endif
  std::string pattern;
  std::getline(std::ifstream("/proc/sys/kernel/core_pattern"), pattern);
  if (!pattern.starts_with("core")) GTEST_SKIP() << "the system takes them: " << pattern;
  const TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  StartIsolated("misdeeds", {{"WorkerCores", folder.path()}});
  ExpectAFault("SEGFAULT", "died of signal 11");
  size_t cores = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    cores += entry.path().filename().string().starts_with("vsapi_worker.") ? 1 : 0;
  EXPECT_EQ(cores, 3u);
}

TEST_F(Isolation, RunsWorkersAsAnotherUserWhereTheHostIsRoot) {
  if (geteuid() != 0) GTEST_SKIP() << "not root";
  StartIsolated("good");
  ExpectThatOthersAreServed();
  for (const char* name : {"vsapi-zygote", "vsapi-work-"})
    for (const pid_t pid : ProcessesNamed(name)) {
      struct stat found = {};
      ASSERT_EQ(stat(("/proc/" + std::to_string(pid)).c_str(), &found), 0);
      EXPECT_NE(found.st_uid, 0u) << name;
    }
}

TEST_F(Isolation, NamesWhatWorkersMayNotReadAndSaysWhatToDo) {
  if (geteuid() != 0) GTEST_SKIP() << "not root";
  const TemporaryFolder folder;
  namespace fs = std::filesystem;
  fs::permissions(folder.path(), fs::perms::all);
  const fs::path closed = fs::path(folder.path()) / "closed";
  fs::create_directories(closed / "definitions");
  fs::permissions(closed, fs::perms::owner_all);
  StartIsolated("start_fails", {}, "definitions=" + (closed / "definitions").string());
  const std::string told = "run as nobody, who may not read " + closed.string() + ": let that user";
  events_->Await(kVendorRefused);
  EXPECT_THAT(events_->text(kVendorRefused), HasSubstr(told));
  EXPECT_THAT(std::string(engine_->Status().problem), HasSubstr(told));
}

}  // namespace
}  // namespace vsapi::test
