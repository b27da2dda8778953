// SPDX-License-Identifier: Apache-2.0
//
// The specification of `store_sim simulate`, as a user runs it: what it tells, what it survives,
// and that it notices what must never happen.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <set>

#include "program.h"
#include "store.h"
#include "support/gate.h"

extern char** environ;

namespace store_sim {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::Gt;
using ::testing::HasSubstr;

enum { kExposed = 40, kLost = 41 };

// A fifth of the mail is infected; of each kind of action some in a second.
constexpr char kProfile[] = R"(
[store]
mailboxes = 6
messages = 30
[clients]
clients = 4
[clock]
seconds = 1.2
speed = 7200
settle_seconds = 60
[each day]
deliver = 40
open = 60
preview = 20
synchronise = 10
forward = 20
move = 20
[at 09:00]
mail_to_all = 1
[mail]
infected_percent = 20
)";

class SimulateTest : public ProgramTest {
 protected:
  SimulateTest() {
    folder_.Write("p.ini", kProfile);
    EXPECT_EQ(Run("init s --mdb mdb1 --mdb mdb2"), 0) << err_;
  }

  std::string Arguments(const std::string& more) const {
    return "simulate s --profile p.ini --vendor '" VSAPI_CLAMAV_DLL "' " + more;
  }
  int Simulate(const std::string& more = "") { return Run(Arguments(more)); }

  // The program, until it is sent `signal` when the ledger has `text`; its exit status, or less
  // than 0 if the signal ended it.
  int SimulateUntil(const std::string& text, int signal) {
    std::string shell = "cd '" + folder_.path().string() + "' && exec '" STORE_SIM_PROGRAM "' " +
                        Arguments("--seconds 600 --out o") + " >out 2>err";
    std::string sh = "sh", option = "-c";
    char* arguments[] = {sh.data(), option.data(), shell.data(), nullptr};
    pid_t process = 0;
    EXPECT_EQ(posix_spawnp(&process, "sh", nullptr, nullptr, arguments, environ), 0);
    EXPECT_TRUE(vsapi::test::Eventually(
        [&] { return ReadAll(folder_ / "o/ledger.jsonl").find(text) != std::string::npos; }));
    kill(process, signal);
    int status = 0;
    waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  // As it was begun, but to its end.
  void ShortenTo(double seconds) {
    std::string ledger = ReadAll(folder_ / "o/ledger.jsonl");
    json line{{"second", 600.0 - seconds},
              {"queue", {0, 0, 0, 0, 0, 0}},
              {"tally",
               {{"actions", json::object()},
                {"messages", json::array()},
                {"answers", {0, 0, 0, 0, 0}},
                {"bytes", 0}}}};
    folder_.Write("o/ledger.jsonl", ledger.substr(0, ledger.rfind('\n') + 1) + line.dump() + "\n");
  }
  int GoOn() { return Simulate("--seconds 600 --out o --json"); }
};

TEST_F(SimulateTest, LetsNothingBadThroughAndLosesNothing) {
  ASSERT_EQ(Simulate("--json --out o"), 0) << err_ << out_;
  const json results = json::parse(out_);
  EXPECT_EQ(results["exposures"], 0);
  EXPECT_EQ(results["lost"], 0);
  EXPECT_EQ(results["starts"], 1);
  EXPECT_GT(results["stored"], 30);
  EXPECT_GT(results["answers"]["allowed"], 0);
  EXPECT_EQ(results["current"], results["items"]);
  EXPECT_EQ(results["latencies"]["mail_to_all"]["count"], 1);
  for (const char* action : {"deliver", "open", "preview", "synchronise", "forward", "move"})
    EXPECT_GT(results["latencies"][action]["p99_ns"], 0) << action;
  EXPECT_EQ(json::parse(ReadAll(folder_ / "o/results.json")), results);
  ASSERT_EQ(Run("report s"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("came in      simulation"));
  EXPECT_EQ(Run("check s"), 0) << out_;
}

TEST_F(SimulateTest, ShowsWhatItCameTo) {
  ASSERT_EQ(Simulate(), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("ACTION "));
  EXPECT_THAT(out_, HasSubstr("synchronise "));
  EXPECT_THAT(out_, HasSubstr("Queue Wait "));
  EXPECT_THAT(out_, HasSubstr("\nexposures      0\n"));
  EXPECT_THAT(out_, HasSubstr("100.0 %"));
}

TEST_F(SimulateTest, WritesASecondASecondForThePlots) {
  ASSERT_EQ(Simulate("--out o"), 0) << err_;
  const std::string seconds = ReadAll(folder_ / "o/seconds.csv");
  EXPECT_EQ(seconds.substr(0, 19), "second,queued_high,");
  EXPECT_GE(std::count(seconds.begin(), seconds.end(), '\n'), 2);
  EXPECT_THAT(ReadAll(folder_ / "o/plots.gnuplot"), HasSubstr("seconds.csv"));
}

TEST_F(SimulateTest, GoesRoundAndRoundInAClosedLoop) {
  std::string profile = kProfile;
  profile.replace(profile.find("clients = 4"), 11, "clients = 4\nloop = closed\nthink_seconds = 0");
  folder_.Write("p.ini", profile);
  ASSERT_EQ(Simulate("--json"), 0) << err_;
  const json results = json::parse(out_);
  EXPECT_EQ(results["exposures"], 0);
  EXPECT_GT(results["latencies"]["open"]["count"], 0);
  EXPECT_EQ(results["latencies"]["mail_to_all"]["count"], 1);
}

// The last of 50 has waited for all the others.
TEST_F(SimulateTest, AsksAgainInProfile10ForWhatIsBeingScanned) {
  for (const char* setting : {"Profile 1.0", "OpenRetryDelay 1", "BackgroundScanning 0"})
    ASSERT_EQ(Run(std::string("settings s set ") + setting), 0) << err_;
  folder_.Write("p.ini",
                "[store]\nmailboxes = 1\nmessages = 20\n"
                "[clock]\nseconds = 1\nsettle_seconds = 1\n[at 08:00]\nsynchronise = 1\n");
  ASSERT_EQ(Simulate("--json"), 0) << err_;
  const json results = json::parse(out_);
  EXPECT_EQ(results["answers"]["allowed"], 20);
  EXPECT_EQ(results["answers"]["in progress"], 0);
}

TEST_F(SimulateTest, TimesAnActionFromWhenItWasToBegin) {
  folder_.Write("p.ini",
                "[store]\nmailboxes = 2\nmessages = 20\n[clients]\nclients = 1\n"
                "[clock]\nseconds = 1\nbegins = 08:00\n[at 08:00]\nopen = 50\n");
  ASSERT_EQ(Simulate("--json"), 0) << err_;
  const json latencies = json::parse(out_)["latencies"];
  EXPECT_EQ(latencies["open"]["count"], 50);
  EXPECT_GT(latencies["open"]["max_ns"].get<int64_t>(),
            20 * latencies["each message"]["p50_ns"].get<int64_t>());
}

TEST_F(SimulateTest, TellsOfWhatReachedAClientWhereScanningIsOff) {
  ASSERT_EQ(Run("settings s set Enabled 0"), 0) << err_;
  EXPECT_EQ(Simulate("--json"), kExposed) << err_;
  const json results = json::parse(out_);
  EXPECT_GT(results["exposures"], 0);
  EXPECT_THAT(results["exposed"][0]["what"].get<std::string>(), HasSubstr("EICAR"));
  EXPECT_THAT(results["exposed"][0]["user"].get<std::string>(), HasSubstr("user-000"));
}

// It does not look into archives.
TEST_F(SimulateTest, TellsOfWhatTheVendorDidNotSee) {
  EXPECT_EQ(Run("simulate s --profile p.ini --json --vendor '" VSAPI_MINIMAL_VENDOR "'"), kExposed);
  const json results = json::parse(out_);
  for (const json& each : results["exposed"]) EXPECT_EQ(each["what"], "EICAR in a zip");
}

TEST_F(SimulateTest, GoesOnAfterItWasKilled) {
  ASSERT_EQ(SimulateUntil("\"second\"", SIGKILL), -SIGKILL);
  ShortenTo(1);
  ASSERT_EQ(GoOn(), 0) << err_ << out_;
  const json results = json::parse(out_);
  EXPECT_EQ(results["starts"], 2);
  EXPECT_EQ(results["exposures"], 0);
  EXPECT_EQ(results["lost"], 0);
  EXPECT_EQ(results["current"], results["items"]);
  EXPECT_GT(results["latencies"]["deliver"]["count"], 0);
  EXPECT_EQ(Run("check s"), 0) << out_;
  EXPECT_EQ(GoOn(), 1);
  EXPECT_THAT(err_, HasSubstr("this simulation is over; give another folder by --out"));
}

TEST_F(SimulateTest, RemembersAnExposureThatAKilledOneSaw) {
  ASSERT_EQ(Run("settings s set Enabled 0"), 0) << err_;
  ASSERT_EQ(SimulateUntil("\"exposed\"", SIGKILL), -SIGKILL);
  ASSERT_EQ(Run("settings s set Enabled 1"), 0) << err_;
  ShortenTo(1);
  EXPECT_EQ(GoOn(), kExposed) << err_;
}

TEST_F(SimulateTest, MissesAMessageThatIsLost) {
  ASSERT_EQ(SimulateUntil("\"second\"", SIGKILL), -SIGKILL);
  {
    const Store store(folder_ / "s", Access::kWrite);
    Mdb& mdb = store.mdb("mdb1");
    const int64_t number = mdb.Numbers(0, 1).at(0);
    const auto message = mdb.FindWithoutParts(number);
    ASSERT_TRUE(message);
    std::set<std::string> mailboxes;
    for (const Placement& place : message->placements) mailboxes.insert(place.mailbox);
    for (const std::string& each : mailboxes)
      mdb.TakeOut(number, message->digest, each, std::nullopt);
  }
  ShortenTo(1);
  EXPECT_EQ(GoOn(), kLost) << err_;
  EXPECT_THAT(json::parse(out_)["lost"].get<int>(), Gt(0));
}

TEST_F(SimulateTest, EndsBeforeItsTimeOnASignal) {
  EXPECT_EQ(SimulateUntil("\"second\"", SIGINT), 0) << ReadAll(folder_ / "err");
  EXPECT_THAT(ReadAll(folder_ / "out"), HasSubstr("stopped before its time"));
}

TEST_F(SimulateTest, SaysWhatIsWrongWithItsArguments) {
  EXPECT_EQ(Run("simulate s --profile nowhere.ini"), 1);
  EXPECT_THAT(err_, HasSubstr("nowhere.ini: can't be read"));
  folder_.Write("bad.ini", "[store]\nmailbox = 1\n");
  EXPECT_EQ(Run("simulate s --profile bad.ini"), 1);
  EXPECT_THAT(err_, HasSubstr("bad.ini:2: there is no key 'mailbox'"));
  folder_.Write("new.ini", "[at 08:01]\ndefinitions = 1\n");
  EXPECT_EQ(Run("simulate s --profile new.ini"), 1);
  EXPECT_THAT(err_, HasSubstr("say by --definitions"));
  EXPECT_EQ(Run("simulate s"), 2);
}

TEST_F(SimulateTest, NeedsAPrivateMdb) {
  fs::remove_all(folder_ / "s");
  Store::Init(folder_ / "s", {}, {"news"});
  EXPECT_EQ(Simulate(), 1);
  EXPECT_THAT(err_, HasSubstr("the store has no private MDB"));
}

// Nearly all mail sleeps, and two updates make it known one half after the other.
TEST_F(SimulateTest, HoldsBackWhatAnUpdateOfTheDefinitionsMadeKnown) {
  folder_.Write("p.ini", std::string(kProfile) +
                             "sleeping_percent = 70\n[at 08:40]\ndefinitions = 1\n"
                             "[at 09:20]\ndefinitions = 1\n");
  ASSERT_EQ(Simulate("--definitions d --parameters max_files=1000 --json"), 0) << err_ << out_;
  const json results = json::parse(out_);
  EXPECT_EQ(results["exposures"], 0);
  EXPECT_EQ(results["lost"], 0);
  EXPECT_EQ(results["latencies"]["definitions"]["count"], 2);
  EXPECT_EQ(results["current"], results["items"]);
  ASSERT_EQ(Run("report s"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("Simulated.Sleeper-0"));
  EXPECT_THAT(out_, HasSubstr("Simulated.Sleeper-1"));
}

}  // namespace
}  // namespace store_sim
