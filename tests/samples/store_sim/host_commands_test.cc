// SPDX-License-Identifier: Apache-2.0
//
// store_sim status, counters, events, reload and top, as a user asks a running host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/resource.h>

#include <algorithm>

#include "running_host.h"
#include "support/gate.h"

namespace store_sim {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kKey[] = "SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\VirusScan";

class HostCommandsTest : public HostTest {
 protected:
  json RunJson(const std::string& command) {
    EXPECT_EQ(Run(command), 0) << err_;
    return json::parse(out_);
  }
};

TEST_F(HostCommandsTest, StatusTellsOfVendorQueueAndCoverage) {
  Make({Text("1", "one"), Text("2", "two"), Text("3", "two")});
  Serve();
  ASSERT_EQ(Run("open s 2"), kAllowed);
  const json status = RunJson("status s --json");
  EXPECT_EQ(status["enabled"], true);
  EXPECT_EQ(status["vendor"]["name"], "GoodVendor");
  EXPECT_EQ(status["queued_high"], 0);
  EXPECT_EQ(status["waiters"], 0);
  EXPECT_GT(status["threads"], status["threads_high"]);
  EXPECT_GE(status["processors"], 1);
  EXPECT_THAT(status["threads_by"], ::testing::AnyOf("affinity", "cgroup"));
  EXPECT_EQ(status["nice_low"], std::min(getpriority(PRIO_PROCESS, 0) + 10, 19));
  EXPECT_TRUE(status["may_raise_priority"].is_boolean());
  ASSERT_EQ(status["mdbs"].size(), 1u);
  EXPECT_EQ(status["mdbs"][0]["name"], "mdb1");
  EXPECT_EQ(status["mdbs"][0]["items"], 3);
  EXPECT_EQ(status["mdbs"][0]["current"], 2);
  EXPECT_TRUE(status["mdbs"][0]["per_second"].is_number());
  ASSERT_EQ(Run("status s"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("vendor         GoodVendor, version "));
  EXPECT_THAT(out_, HasSubstr(" for the high lane alone; "));
  EXPECT_THAT(out_, HasSubstr("low lane       nice "));
  EXPECT_THAT(out_, HasSubstr("mdb1      3        2    66.6 %"));
}

TEST_F(HostCommandsTest, StatusTellsHowLongTheVendorTakesForControlCalls) {
  Make({});
  Serve();
  ASSERT_EQ(Run("reload s"), 0) << err_;
  const json calls = RunJson("status s --json")["vendor_calls"];
  const auto start = std::find_if(calls.begin(), calls.end(),
                                  [](const json& call) { return call["call"] == "start"; });
  ASSERT_NE(start, calls.end()) << calls;
  EXPECT_EQ((*start)["calls"], 2);
  EXPECT_GT((*start)["last_ns"], 0);
  EXPECT_GE((*start)["longest_ns"], (*start)["last_ns"]);
  EXPECT_EQ((*start)["running_ns"], 0);
  ASSERT_EQ(Run("status s"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\nVENDOR CALL"));
  EXPECT_THAT(out_, HasSubstr("\nself-test "));
}

TEST_F(HostCommandsTest, StatusTellsHowTheVendorBroughtDownItsProcess) {
  Make({Text("1", "CRASH")});
  ASSERT_EQ(Run("settings s set Isolation process"), 0) << err_;
  Serve("crash");
  Run("open s 1");
  const json faults = RunJson("status s --json")["faults"];
  ASSERT_FALSE(faults.empty());
  EXPECT_EQ(faults[0]["vendor"], "CrashVendor");
  EXPECT_EQ(faults[0]["mdb"], "mdb1");
  EXPECT_EQ(faults[0]["step"], "in the vendor's scan");
  ASSERT_EQ(Run("status s"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr(": CrashVendor died of signal 6 (Aborted), in the vendor's scan"));
  EXPECT_THAT(out_, HasSubstr("\n  by "));
}

TEST_F(HostCommandsTest, ScansInTheBackgroundWhatNobodyAsksFor) {
  Make({Text("1", "one"), Text("2", "two"), Text("3", "three")});
  ASSERT_EQ(Run("settings s set BackgroundScanning 1"), 0) << err_;
  Serve();
  EXPECT_TRUE(vsapi::test::Eventually([&] {
    const json mdb = RunJson("status s --json")["mdbs"][0];
    return mdb["items"] == 3 && mdb["current"] == 3 && mdb["seconds_left"] == 0;
  }));
}

TEST_F(HostCommandsTest, ScansInTheBackgroundWhatTheProactiveListHadNoRoomFor) {
  Make({});
  ASSERT_EQ(Run("settings s set BackgroundScanning 1"), 0) << err_;
  ASSERT_EQ(Run("settings s set ProactiveLimit 1"), 0) << err_;
  constexpr int kMessages = 300;
  for (int i = 0; i < kMessages; ++i) {
    const std::string number = std::to_string(i);
    folder_.Write("mail/" + number, Text(number, number));
  }
  Serve();
  ASSERT_EQ(Run("import s mail"), 0) << err_;
  EXPECT_TRUE(vsapi::test::Eventually(
      [&] { return RunJson("status s --json")["mdbs"][0]["current"] == kMessages; }));
  EXPECT_GT(RunJson("counters s --json")["Proactive Left Unscanned"], 0);
}

TEST_F(HostCommandsTest, DeliversMovesAndReleasesForOthers) {
  Make({});
  ASSERT_EQ(Run("settings s set InfectedAction quarantine"), 0) << err_;
  folder_.Write("m.eml", Text("1", "INFECTED:Evil"));
  Serve();
  ASSERT_EQ(Run("deliver s m.eml --mailbox alice --mailbox bob"), 0) << err_;
  ASSERT_EQ(Run("open s 1 --as backup"), kAllowed) << err_;
  EXPECT_EQ(RunJson("counters s --json")["Released Unscanned Exempt"], 1);
  EXPECT_THAT(Run("open s 1"), AnyOf(kInfected, kAllowed));  // by then it may be a notice
  ASSERT_EQ(Run("quarantine s release 2"), 0) << err_;
  ASSERT_EQ(Run("move s 1 --mailbox bob --to-folder Kept"), 0) << err_;
  ASSERT_EQ(Run("list s --mailbox bob --folder Kept"), 0);
  EXPECT_THAT(out_, HasSubstr("released from quarantine"));
}

TEST_F(HostCommandsTest, SavesRepliesAndForwardsForOthers) {
  Make({Text("1", "one")});
  folder_.Write("edited", "two");
  Serve();
  ASSERT_EQ(Run("replace s 1 1 edited"), 0) << err_;
  EXPECT_EQ(out_, "mdb1/1  saved\n");
  ASSERT_EQ(Run("forward s 1 --to bob"), 0) << err_;
  ASSERT_EQ(Run("reply s 1"), 0) << err_;
  EXPECT_EQ(out_, "1  replied to a\n");
  EXPECT_EQ(Run("open s --all --mailbox bob"), kAllowed) << out_;
  ASSERT_EQ(Run("open s 1 --save saved"), kAllowed) << err_;
  EXPECT_THAT(ReadAll(folder_ / "saved"), HasSubstr("dHdv"));  // "two" in base64
}

// Parameters have changed, so all is to be looked at again.
TEST_F(HostCommandsTest, StatusTellsWhatBackgroundScanningHasToGoOverAgain) {
  Make({Text("1", "one")});
  ASSERT_EQ(Run("settings s set BackgroundScanning 0"), 0) << err_;
  Serve();
  ASSERT_EQ(Run("open s 1"), kAllowed);
  EXPECT_EQ(RunJson("status s --json")["mdbs"][0]["current"], 1);
  ASSERT_EQ(Run("settings s set Parameters another=1"), 0) << err_;
  EXPECT_TRUE(vsapi::test::Eventually(
      [&] { return RunJson("status s --json")["mdbs"][0]["current"] == 0; }));
  ASSERT_EQ(Run("open s 1"), kAllowed);
  EXPECT_EQ(RunJson("counters s --json")["Virus Scan Files Scanned"], 1);  // it is given out
  ASSERT_EQ(Run("settings s set BackgroundScanning 1"), 0) << err_;
  EXPECT_TRUE(vsapi::test::Eventually(
      [&] { return RunJson("status s --json")["mdbs"][0]["current"] == 1; }));
  ASSERT_EQ(Run("status s"), 0);
  EXPECT_THAT(out_, HasSubstr("background     going over "));
}

TEST_F(HostCommandsTest, StatusTellsThatThereIsNoVendor) {
  Make({});
  Serve("no_such_vendor");
  EXPECT_EQ(RunJson("status s --json")["vendor"], nullptr);
  ASSERT_EQ(Run("status s"), 0);
  EXPECT_THAT(out_, HasSubstr("vendor         none: nothing can be scanned"));
}

TEST_F(HostCommandsTest, CountersCountByVSAPIsNames) {
  Make({Text("1", "one"), Text("2", "two")});
  Serve();
  ASSERT_EQ(Run("open s --all"), kAllowed);
  EXPECT_EQ(RunJson("counters s --json")["Virus Scan Files Scanned"], 2);
  ASSERT_EQ(Run("counters s"), 0);
  EXPECT_THAT(out_, StartsWith("COUNTER "));
  EXPECT_LT(out_.find("Virus Scan Bytes Scanned"), out_.find("Files Infected"));
}

TEST_F(HostCommandsTest, CountersTellHowLongItTook) {
  Make({Text("1", "one"), Text("2", "two")});
  Serve();
  ASSERT_EQ(Run("open s --all"), kAllowed);
  const json latencies = RunJson("counters s --json")["latencies"];
  ASSERT_EQ(latencies.size(), 3u);
  for (const json& each : latencies) {
    EXPECT_EQ(each["access"], "on-demand");
    EXPECT_EQ(each["count"], 2);
    EXPECT_GE(each["p99_ns"], each["p50_ns"]);
  }
  ASSERT_EQ(Run("counters s"), 0);
  EXPECT_THAT(out_, ContainsRegex("\nTotal Wait +on-demand +2 +[0-9.]+ ms"));
}

TEST_F(HostCommandsTest, CountersCountMessagesApartFromTheirParts) {
  Make({"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n"});
  Serve();
  ASSERT_EQ(Run("open s 1"), kAllowed);
  const json counters = RunJson("counters s --json");
  EXPECT_EQ(counters["Virus Scan Messages Processed"], 1);
  EXPECT_EQ(counters["Virus Scan Files Scanned"], 2);
}

TEST_F(HostCommandsTest, TraceTellsEachStepOfAMessage) {
  Make({Text("1", "one"), Text("2", "INFECTED:Evil")});
  Serve();
  const json trace = RunJson("trace s 1 --json");
  EXPECT_EQ(trace["answer"], "allowed");
  const json& part = trace["parts"].at(0);
  int64_t before = 0;
  for (const char* step : {"queued_ns", "taken_ns", "opened_ns", "called_ns", "returned_ns"}) {
    EXPECT_GE(part["steps"][step], before) << step;
    before = part["steps"][step];
  }
  EXPECT_GE(part["steps"]["released_ns"], before);
  EXPECT_GE(part["steps"]["durable_ns"], before);
  ASSERT_EQ(Run("trace s 2"), kInfected) << err_;
  EXPECT_THAT(out_, StartsWith("mdb1/2  infected Evil in part 1\npart 1, "));
  EXPECT_THAT(out_, ContainsRegex("  outcome durable\n +[0-9.]+ ms  released\n +queue "));
}

TEST_F(HostCommandsTest, TraceNeedsNoHost) {
  Make({Text("1", "one")});
  ASSERT_EQ(Run("trace s 1" + Vendor("good")), kAllowed) << err_;
  EXPECT_THAT(out_, HasSubstr("  vendor called\n"));
  ASSERT_EQ(Run("trace s 1" + Vendor("good")), kAllowed) << err_;
  EXPECT_THAT(out_, HasSubstr("allow (stamp is current)"));
  EXPECT_THAT(out_, Not(HasSubstr("vendor called")));
  EXPECT_EQ(Run("trace s 2" + Vendor("good")), kFailed);
  EXPECT_THAT(err_, HasSubstr("there is no such message"));
}

TEST_F(HostCommandsTest, TraceIsRefusedAVendorBesideTheHosts) {
  Make({Text("1", "one")});
  Serve();
  EXPECT_EQ(Run("trace s 1" + Vendor("good")), kFailed);
  EXPECT_THAT(err_, HasSubstr("a host of this store is running"));
}

TEST_F(HostCommandsTest, EventsAreFoundByNumberAndTime) {
  Make({Text("1", "INFECTED:Evil")});
  Serve();
  ASSERT_EQ(Run("open s 1"), kInfected);
  while (Ask({{"command", "events"}, {"id", 1020}})["done"]["events"].empty()) {
  }
  ASSERT_EQ(Run("events s --id 1020"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("warning 1020  "));
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 1);
  EXPECT_EQ(RunJson("events s --id 1020 --since 1h --json")["severity"], "warning");
  ASSERT_EQ(Run("events s --since 2999-01-01"), 0);
  EXPECT_EQ(out_, "");
  ASSERT_EQ(Run("events s"), 0);
  EXPECT_THAT(out_, HasSubstr(" 1000  "));
  EXPECT_EQ(Run("events s --since yesterday"), kFailed);
  EXPECT_THAT(err_, HasSubstr("is no time"));
}

// A host's event wakes who waits for it: without that this would wait for ten seconds, and find
// nothing in the first answer.
TEST_F(HostCommandsTest, EventsCanBeWaitedFor) {
  Make({Text("1", "INFECTED:Evil")});
  Serve();
  RawClient follower(socket());
  const json before = follower.Ask({{"command", "events"}})["done"];
  follower.Write(json{{"command", "events"}, {"after", before["next"]}, {"wait_ms", 10000}}.dump() +
                 "\n");
  ASSERT_EQ(Run("open s 1"), kInfected);
  EXPECT_FALSE(follower.Read()["done"]["events"].empty());
}

TEST_F(HostCommandsTest, ReloadMakesANewGenerationOrSaysThatThereIsNone) {
  Make({});
  Serve();
  const uint64_t generation = RunJson("status s --json")["vendor"]["generation"];
  ASSERT_EQ(Run("reload s"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("a new generation serves: GoodVendor"));
  EXPECT_GT(RunJson("status s --json")["vendor"]["generation"], generation);
  folder_.Write("s/virusscan.reg", "nonsense");
  EXPECT_EQ(Run("reload s"), kFailed);
  EXPECT_THAT(err_, HasSubstr("there is no new generation; `store_sim events s` says why"));
}

TEST_F(HostCommandsTest, TopPrintsOnceWhereThereIsNoTerminal) {
  Make({Text("1", "one")});
  Serve();
  ASSERT_EQ(Run("open s 1"), kAllowed);
  ASSERT_EQ(Run("top s"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("items scanned"));
  EXPECT_THAT(out_, HasSubstr("100.0 %"));
  EXPECT_THAT(out_, Not(HasSubstr("\x1b")));
  const json look = RunJson("top s --json");
  EXPECT_EQ(look["status"]["vendor"]["name"], "GoodVendor");
  EXPECT_EQ(look["counters"]["Virus Scan Files Scanned"], 1);
  EXPECT_FALSE(look["events"].empty());
}

TEST_F(HostCommandsTest, AnalyzeEndsByTheWorstFinding) {
  Make({});
  Serve();
  const std::string good = ReadAll(folder_ / "s/virusscan.reg");
  folder_.Write("s/virusscan.reg",
                good + "\n[HKEY_LOCAL_MACHINE\\" + kKey + "]\n\"Library\"=\"/no/such.so\"\n");
  EXPECT_EQ(Run("analyze s"), 21);
  EXPECT_THAT(out_, HasSubstr("error  library-wrong: the vendor can't be loaded\n    /no/such.so "
                              "can't be read\n    name a vendor DLL by Library\n"));
  EXPECT_EQ(Run("analyze s --json"), 21);
  EXPECT_EQ(json::parse(out_)[0]["source"], "9.3");
}

// The file is there and is a DLL: only the host knows that it can't be used.
TEST_F(HostCommandsTest, AnalyzeTellsThatTheVendorOfTheNextStartIsRefused) {
  Make({});
  const auto dll = folder_ / "vendor.so";
  std::filesystem::copy_file(VSAPI_TEST_VENDORS_DIR "/good.so", dll);
  ASSERT_EQ(Run("settings s set Library " + dll.string()), 0) << err_;
  host_.emplace(folder_, std::vector<std::string>{});
  ASSERT_EQ(Run("analyze s"), 0) << out_;
  std::filesystem::copy_file(VSAPI_TEST_VENDORS_DIR "/wrong_major.so", dll,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(Run("reload s"), kFailed);
  EXPECT_EQ(Run("analyze s"), 21);
  EXPECT_THAT(out_, HasSubstr("error  vendor-refused: "));
  EXPECT_THAT(out_, HasSubstr("vendor contract"));
  std::filesystem::copy_file(VSAPI_TEST_VENDORS_DIR "/good.so", dll,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(Run("reload s"), 0) << err_;
  EXPECT_EQ(Run("analyze s"), 0) << out_;
}

// What `store_sim top` writes on a terminal of 80 columns and 24 rows, from its first frame on
// until `end` (a key or a signal) ends it.
class TopOnATerminal {
 public:
  explicit TopOnATerminal(const std::string& store) {
    winsize size{24, 80, 0, 0};
    process_ = forkpty(&terminal_, nullptr, nullptr, &size);
    if (process_ == 0) {
      execl(STORE_SIM_PROGRAM, "store_sim", "top", store.c_str(), nullptr);
      _exit(127);
    }
    ReadUntil("\x1b[J");
  }
  ~TopOnATerminal() { close(terminal_); }

  void Key(char key) const { ASSERT_EQ(write(terminal_, &key, 1), 1); }
  void Signal(int number) const { kill(process_, number); }

  int Wait() {
    ReadUntil("\x1b[?1049l");
    int status = 0;
    waitpid(process_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  const std::string& text() const { return text_; }

 private:
  void ReadUntil(const std::string& end) {
    for (char c = 0; !text_.ends_with(end) && read(terminal_, &c, 1) == 1;) text_ += c;
  }

  pid_t process_ = 0;
  int terminal_ = -1;
  std::string text_;
};

TEST_F(HostCommandsTest, TopRestoresTheTerminalHoweverItEnds) {
  Make({});
  Serve();
  const std::string store = folder_ / "s";
  const std::vector<std::function<void(TopOnATerminal&)>> ends{
      [](TopOnATerminal& top) { top.Key('q'); }, [](TopOnATerminal& top) { top.Key('\3'); },
      [](TopOnATerminal& top) { top.Signal(SIGTERM); },
      [](TopOnATerminal& top) { top.Signal(SIGHUP); }};
  for (const auto& end : ends) {
    TopOnATerminal top(store);
    EXPECT_THAT(top.text(), StartsWith("\x1b[?1049h\x1b[?25l\x1b[H"));
    end(top);
    EXPECT_EQ(top.Wait(), 0);
    EXPECT_TRUE(top.text().ends_with("\x1b[?25h\x1b[?1049l"));
  }
}

TEST_F(HostCommandsTest, TopEndsWithItsHost) {
  Make({});
  Serve();
  TopOnATerminal top(folder_ / "s");
  host_->Stop();
  EXPECT_EQ(top.Wait(), kFailed);
}

}  // namespace
}  // namespace store_sim
