// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/generations: a new vendor, new definitions or new settings are built
// beside what runs, and take over only when they work.
#include <sys/resource.h>
#include <sys/stat.h>

#include "support/engine_test.h"

namespace vsapi::test {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Generations : public EngineTest {
 protected:
  // The settings file with these lines under VSAPI's key.
  void WriteSettings(const std::string& lines) {
    settings_file_ = folder_.Write(
        "virusscan.reg",
        "Windows Registry Editor Version 5.00\n\n"
        "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\VirusScan]\n" +
            lines);
  }
  void WriteSettingsFor(const std::string& vendor, const std::string& parameters = "",
                        const std::string& more = "") {
    WriteSettings("\"Enabled\"=dword:1\n\"Library\"=\"" + VendorPath(vendor) +
                  "\"\n\"Parameters\"=\"" + gate_.parameters() + ";" + parameters + "\"\n" + more);
  }
  void StartFromFile() {
    StartWith({.settings_file = settings_file_, .state_folder = folder_.path()});
  }
  // The NewerVendor with definitions of that one line.
  void WriteDefinitions(const std::string& line) {
    definitions_ = folder_.Write("definitions", line + "\n");
  }
  void StartNewer() { Start("newer", {}, "definitions=" + definitions_); }

  // Instances that were destroyed.
  uint64_t Ended() {
    for (const VendorTimes& times : engine_->VendorTimes())
      if (std::string(times.call) == "destroy") return times.calls;
    return 0;
  }

  TemporaryFolder folder_;
  std::string definitions_;
};

TEST_F(Generations, TakesAnotherVendorThatTheSettingsFileNames) {
  WriteSettingsFor("good");
  StartFromFile();
  EXPECT_STREQ(engine_->Status().vendor, "GoodVendor");
  WriteSettingsFor("serial");
  EXPECT_TRUE(engine_->Reload());
  EXPECT_STREQ(engine_->Status().vendor, "SerialVendor");
  EXPECT_STREQ(Open(store_->Put("item", "SERIAL")).finding, "Serial.Alone");
}

TEST_F(Generations, TakesALibraryThatWasOverwritten) {
  const std::string library = folder_.path() + "/vendor.so";
  std::filesystem::copy(VendorPath("good"), library);
  WriteSettings("\"Enabled\"=dword:1\n\"Library\"=\"" + library + "\"\n");
  StartFromFile();
  EXPECT_STREQ(engine_->Status().vendor, "GoodVendor");
  std::filesystem::copy(VendorPath("serial"), library,
                        std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(engine_->Reload());
  EXPECT_STREQ(engine_->Status().vendor, "SerialVendor");
}

TEST_F(Generations, JudgesByNewerDefinitions) {
  WriteDefinitions("1 monday");
  StartNewer();
  const Item item = store_->Put("item", "a new worm: Conficker");
  EXPECT_EQ(Open(item).answer, VSAPI_ANSWER_ALLOW);
  engine_->Flush(store_->mdb());

  WriteDefinitions("2 tuesday Conficker");
  EXPECT_TRUE(engine_->Reload());
  EXPECT_EQ(engine_->Status().version, 2u);
  EXPECT_EQ(engine_->Status().signatures, 1u);
  EXPECT_THAT(Open(store_->ItemOf("item")),
              Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
}

TEST_F(Generations, ReleasesAWithdrawnFalsePositive) {
  WriteDefinitions("1 monday invoice");
  StartNewer();
  EXPECT_EQ(Open(store_->Put("item", "the invoice")).answer, VSAPI_ANSWER_DENY_INFECTED);
  WriteDefinitions("1 tuesday");
  EXPECT_TRUE(engine_->Reload());
  EXPECT_THAT(Open(store_->ItemOf("item")), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  engine_->Flush(store_->mdb());
  EXPECT_EQ(store_->row("item").stamp.verdict, VSAPI_VERDICT_CLEAN);
}

TEST_F(Generations, KeepTheOldOneIfTheNewOneFails) {
  WriteDefinitions("1 monday Worm");
  StartNewer();
  const uint64_t before = engine_->Status().generation;
  WriteDefinitions("");
  EXPECT_FALSE(engine_->Reload());
  events_->Await(kVendorRefused);
  EXPECT_THAT(events_->text(kVendorRefused), HasSubstr("serves on"));
  EXPECT_EQ(engine_->Status().generation, before);
  EXPECT_THAT(engine_->Status().problem, HasSubstr("could not be started"));
  EXPECT_EQ(Open(store_->Put("item", "Worm")).answer, VSAPI_ANSWER_DENY_INFECTED);
  WriteDefinitions("2 tuesday Worm");
  EXPECT_TRUE(engine_->Reload());
  EXPECT_STREQ(engine_->Status().problem, "");
}

TEST_F(Generations, DisturbNoScanThatIsUnderWay) {
  WriteDefinitions("1 monday");
  StartNewer();
  const uint64_t old = engine_->Status().generation;
  auto under_way = OpenLater(store_->Put("under way", "GATE Worm"));
  gate_.AwaitEntered(1);
  WriteDefinitions("2 tuesday Worm");
  EXPECT_TRUE(engine_->Reload());

  auto newcomer = OpenLater(store_->Put("newcomer", "GATE Worm"));  // joins no scan of the old
  gate_.AwaitEntered(2);
  EXPECT_EQ(events_->count(kVendorRetired), 0);
  gate_.LetAll();
  EXPECT_EQ(Get(under_way).answer, VSAPI_ANSWER_ALLOW);
  EXPECT_EQ(Get(newcomer).answer, VSAPI_ANSWER_DENY_INFECTED);
  events_->Await(kVendorRetired);
  engine_->Flush(store_->mdb());
  EXPECT_EQ(store_->row("under way").stamp.generation, old);
  EXPECT_EQ(Open(store_->ItemOf("under way")).answer, VSAPI_ANSWER_DENY_INFECTED);
}

TEST_F(Generations, ServeEverybodyThroughAHundredReloads) {
  constexpr int kReloads = 100, kClients = 4;
  Start();
  const uint64_t first = engine_->Status().generation;
  std::atomic<bool> stop = false;
  std::atomic<int> opened = 0, wrong = 0, judged_again = 0;
  std::vector<std::future<void>> clients;
  for (int client = 0; client < kClients; ++client)
    clients.push_back(std::async(std::launch::async, [&, client] {
      for (int i = 0; !stop; ++i, ++opened) {
        const bool bad = i % 3 == 0;
        const std::string key = std::to_string(client) + "/" + std::to_string(i);
        const Decision decision = Open(store_->Put(key, (bad ? "INFECTED:Worm.A " : "") + key));
        const int32_t expected = bad ? VSAPI_ANSWER_DENY_INFECTED : VSAPI_ANSWER_ALLOW;
        if (decision.answer != expected || decision.reason != VSAPI_REASON_SCANNED) ++wrong;
        // Vendor, version and definitions are the same in every generation.
        if (Open(store_->ItemOf(key)).reason != VSAPI_REASON_STAMP) ++judged_again;
      }
    }));
  for (int reload = 0; reload < kReloads; ++reload) EXPECT_TRUE(engine_->Reload());
  stop = true;
  for (auto& client : clients) client.get();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(judged_again, 0);
  EXPECT_GE(opened, kClients);
  EXPECT_GE(engine_->Status().generation, first + kReloads);
  EXPECT_EQ(scans(), static_cast<uint64_t>(opened));  // none twice under one version
  EXPECT_TRUE(Eventually([&] { return Ended() == kReloads; })) << Ended() << " instances are gone";
  EXPECT_EQ(Count("Scans Failed"), 0u);
  EXPECT_EQ(events_->count(kVendorRefused), 0);
}

int ParentOf(const std::string& process) {
  std::ifstream status("/proc/" + process + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("PPid:")) return std::stoi(line.substr(5));
  return 0;
}

// Of threads with that name, of this process and its children.
std::vector<int> NicesOf(const std::string& thread) {
  namespace fs = std::filesystem;
  std::vector<int> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string process = entry.path().filename();
    if (process != std::to_string(getpid()) && ParentOf(process) != getpid()) continue;
    for (const auto& task : fs::directory_iterator(entry.path() / "task")) {
      std::string name;
      std::getline(std::ifstream(task.path() / "comm"), name);
      if (name == thread)
        found.push_back(
            getpriority(PRIO_PROCESS, static_cast<id_t>(std::stoi(task.path().filename()))));
    }
  }
  return found;
}

TEST_F(Generations, TheFirstOneIsBuiltAtFullPriority) {
  WriteSettingsFor("hangs_at_start");
  auto started = std::async(std::launch::async, [this] { StartFromFile(); });
  gate_.AwaitEntered(1);
  EXPECT_THAT(NicesOf("vsapi-build"), IsEmpty());
  gate_.LetAll();
  started.get();
}

// What the control thread started later would have its low priority: it keeps its own, as does the
// process that workers are forked from. The vendor reads its definitions from a pipe.
TEST_F(Generations, AreBuiltAtALowPriorityBesideOneThatServes) {
  namespace fs = std::filesystem;
  fs::permissions(folder_.path(), fs::perms::others_all, fs::perm_options::add);
  const int full = getpriority(PRIO_PROCESS, 0);
  for (const std::string isolation : {"in-process", "process"}) {
    const std::string how = "\"Isolation\"=\"" + isolation + "\"\n";
    const std::string pipe = folder_.path() + "/pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0644), 0);
    WriteSettingsFor("good", "", how);
    StartFromFile();
    WriteSettingsFor("newer", "definitions=" + pipe, how);
    std::ofstream definitions(pipe);  // waits until the vendor, which is being loaded, reads
    EXPECT_THAT(NicesOf("vsapi-build"), ElementsAre(std::min(full + 10, 19))) << isolation;
    EXPECT_THAT(NicesOf("vsapi-control"), ElementsAre(full)) << isolation;
    EXPECT_THAT(NicesOf("vsapi-zygote"), Each(full)) << isolation;
    WriteDefinitions("1 monday");
    fs::rename(definitions_, pipe);  // who reads it again does not wait
    definitions << "1 monday\n";
    definitions.close();
    EXPECT_TRUE(Eventually([&] { return engine_->Status().vendor == std::string("NewerVendor"); }));
    engine_.reset();
    fs::remove(pipe);
  }
}

TEST_F(Generations, NeverOverwriteALaterStamp) {
  WriteDefinitions("1 monday");
  StartNewer();
  auto old = OpenLater(store_->Put("item", "GATE Worm"));
  gate_.AwaitEntered(1);
  WriteDefinitions("2 tuesday Worm");
  EXPECT_TRUE(engine_->Reload());
  auto fresh = OpenLater(store_->ItemOf("item"));
  gate_.AwaitEntered(2);
  gate_.LetAll();
  Get(old);
  EXPECT_EQ(Get(fresh).answer, VSAPI_ANSWER_DENY_INFECTED);
  engine_->Flush(store_->mdb());
  EXPECT_EQ(store_->row("item").stamp.verdict, VSAPI_VERDICT_INFECTED);
}

TEST_F(Generations, AreNumberedUpwardsOverRestarts) {
  WriteSettingsFor("good");
  uint64_t last = 0;
  for (int restart = 0; restart < 3; ++restart) {
    StartFromFile();
    for (int reload = 0; reload < 2; ++reload) {
      EXPECT_GT(engine_->Status().generation, last);
      last = engine_->Status().generation;
      EXPECT_TRUE(engine_->Reload());
    }
    last = engine_->Status().generation;
    engine_.reset();
  }
}

TEST_F(Generations, RefuseToStartWithAMalformedFile) {
  WriteSettings("\"Enabled\"=dword:yes\n");
  try {
    StartFromFile();
    FAIL() << "it has started";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), VSAPI_E_ARGUMENT);
    EXPECT_THAT(error.what(), HasSubstr("virusscan.reg:4"));
  }
}

TEST_F(Generations, KeepTheLastGoodSettingsWhenTheFileIsMalformed) {
  WriteSettingsFor("good");
  StartFromFile();
  const uint64_t before = engine_->Status().generation;
  WriteSettings("\"Enabled\"=dword:yes\n");
  EXPECT_FALSE(engine_->Reload());
  events_->Await(kSettingsMalformed);
  EXPECT_THAT(events_->text(kSettingsMalformed), HasSubstr("virusscan.reg:4"));
  EXPECT_EQ(engine_->Status().generation, before);
  EXPECT_THAT(engine_->Status().problem, HasSubstr("virusscan.reg:4"));
  EXPECT_EQ(Open(store_->Put("item", "INFECTED:Worm.A")).answer, VSAPI_ANSWER_DENY_INFECTED);
}

TEST_F(Generations, ScanOnWhenEnabledIsMistyped) {
  WriteSettingsFor("good");
  StartFromFile();
  WriteSettings("\"Enabled\"=dword:2\n\"Library\"=\"" + VendorPath("good") + "\"\n");
  EXPECT_FALSE(engine_->Reload());
  EXPECT_THAT(Open(store_->Put("item", "INFECTED:Worm.A")),
              Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
}

TEST_F(Generations, StartWithoutALibraryAndServeWhenThereIsOne) {
  WriteSettings("\"Enabled\"=dword:1\n\"Library\"=\"/nowhere/vendor.so\"\n");
  StartFromFile();
  events_->Await(kNoVendor);
  EXPECT_THAT(events_->text(kVendorRefused), HasSubstr("/nowhere/vendor.so"));
  EXPECT_FALSE(engine_->Status().serving);
  const Item item = store_->Put("item", "harmless");
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_NO_VENDOR));
  WriteSettingsFor("good");
  EXPECT_TRUE(engine_->Reload());
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

TEST_F(Generations, StopServingWhenScanningIsSwitchedOff) {
  WriteSettingsFor("good");
  StartFromFile();
  WriteSettings("\"Enabled\"=dword:0\n");
  EXPECT_TRUE(engine_->Reload());
  EXPECT_THAT(Open(store_->Put("item", "INFECTED:Worm.A")),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_DISABLED));
  events_->Await(kVendorRetired);
}

// The definitions are a named pipe: the vendor loads as long as the test likes.
TEST_F(Generations, ReleaseNothingWhileTheFirstVendorLoads) {
  definitions_ = folder_.path() + "/definitions";
  ASSERT_EQ(mkfifo(definitions_.c_str(), 0600), 0);
  WriteSettings("\"Enabled\"=dword:0\n");
  StartFromFile();
  const Item item = store_->Put("item", "INFECTED:Worm.A");
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_DISABLED));
  WriteSettingsFor("newer", "definitions=" + definitions_);
  std::ofstream loading(definitions_);  // until the vendor opens it too
  EXPECT_TRUE(engine_->Status().enabled);
  EXPECT_FALSE(engine_->Status().serving);
  auto client = OpenLater(item);
  EXPECT_FALSE(IsReady(client));
  // A file takes the pipe's place, for whoever looks for newer ones.
  std::filesystem::rename(folder_.Write("another", "1 monday\n"), definitions_);
  loading << "1 monday\n";
  loading.close();
  EXPECT_THAT(Get(client), Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
}

// Each change comes by the file alone. What is infected goes out only while scanning is off.
TEST_F(Generations, SwitchScanningOffAndOnWhileClientsOpenMail) {
  constexpr int kTimes = 10, kClients = 4;
  WriteSettingsFor("good");
  StartFromFile();
  std::atomic<bool> stop = false;
  std::atomic<int> opened = 0, wrong = 0;
  std::vector<std::future<void>> clients;
  for (int client = 0; client < kClients; ++client)
    clients.push_back(std::async(std::launch::async, [&, client] {
      for (int i = 0; !stop; ++i, ++opened) {
        const std::string key = std::to_string(client) + "/" + std::to_string(i);
        const Decision decision = Open(store_->Put(key, "INFECTED:Worm.A " + key));
        const bool is_off = decision.reason == VSAPI_REASON_DISABLED;
        const bool is_starting = decision.reason == VSAPI_REASON_NO_VENDOR;
        const bool is_found = decision.reason == VSAPI_REASON_SCANNED &&
                              decision.answer == VSAPI_ANSWER_DENY_INFECTED;
        if (!is_off && !is_starting && !is_found) ++wrong;
      }
    }));
  for (int time = 1; time <= kTimes; ++time) {
    WriteSettings("\"Enabled\"=dword:0\n");
    events_->Await(kSettingsChanged, 2 * time - 1);
    WriteSettingsFor("good");
    events_->Await(kSettingsChanged, 2 * time);
    events_->Await(kVendorLoaded, 1 + time);
  }
  stop = true;
  for (auto& client : clients) client.get();
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(opened, kClients);
  EXPECT_THAT(Open(store_->Put("last", "INFECTED:Worm.A")),
              Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
}

struct RefusedCase {
  const char* vendor;
  const char* because;
};
void PrintTo(const RefusedCase& row, std::ostream* out) { *out << row.vendor; }

class GenerationsRefuse : public Generations, public ::testing::WithParamInterface<RefusedCase> {};

TEST_P(GenerationsRefuse, AndSayWhy) {
  Start(GetParam().vendor);
  events_->Await(kVendorRefused);
  EXPECT_THAT(events_->text(kVendorRefused), HasSubstr(GetParam().because));
  EXPECT_EQ(Open(store_->Put("item", "harmless")).answer, VSAPI_ANSWER_UNAVAILABLE);
}

INSTANTIATE_TEST_SUITE_P(TestVendors, GenerationsRefuse,
                         ::testing::Values(RefusedCase{"no_entry", "no vendor DLL"},
                                           RefusedCase{"wrong_major", "contract"},
                                           RefusedCase{"wrong_minor", "contract"},
                                           RefusedCase{"half_table", "has no scan function"},
                                           RefusedCase{"create_fails", "could not be created"},
                                           RefusedCase{"start_fails", "could not be started"},
                                           RefusedCase{"session_fails", "session 3"},
                                           RefusedCase{"self_test_fails", "self-test"},
                                           RefusedCase{"cries_wolf", "self-test"}));

TEST_F(Generations, SayWhichSettingOfTheHostIsWrong) {
  for (const Settings& settings : {Settings{{"NoSuchThing", "1"}}, Settings{{"ScanTimeout", "0"}},
                                   Settings{{"ScanTimeout", "soon"}}})
    try {
      Start("good", settings);
      FAIL() << settings[0].first;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(settings[0].first));
    }
}

TEST_F(Generations, SayWhenScanningThreadsIsOutOfRange) {
  Start("good", {{"ScanningThreads", "100000"}});
  events_->Await(kSettingWrong);
  EXPECT_LT(engine_->Status().threads, 100000u);
}

}  // namespace
}  // namespace vsapi::test
