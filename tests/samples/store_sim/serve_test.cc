// SPDX-License-Identifier: Apache-2.0
//
// A store whose host keeps running: what the commands do by it, and what it stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "running_host.h"
#include "support/gate.h"
#include "support/samples.h"

namespace store_sim {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::vsapi::test::Base64;
using ::vsapi::test::Eventually;

class ServeTest : public HostTest {
 protected:
  // No pass is under way any more, and none has anything to scan.
  bool IsAllCurrent() {
    EXPECT_EQ(Run("status s --json"), 0) << err_;
    const auto status = nlohmann::json::parse(out_);
    const auto& mdb = status["mdbs"][0];
    return status["catching_up"] == 0 && mdb["items"] == mdb["current"];
  }
};

TEST_F(ServeTest, ImportsAndOpensByTheRunningHost) {
  Make({});
  Serve();
  folder_.Write("new/1.eml", Text("fine", "hello"));
  folder_.Write("new/2.eml", Text("large", "OVERLIMIT"));
  ASSERT_EQ(Run("import s new"), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("messages: 2 stored"));
  EXPECT_THAT(err_, HasSubstr("contents: 2 new, "));
  EXPECT_EQ(Run("open s 1 --save saved"), kAllowed) << err_;
  EXPECT_EQ(out_, "mdb1/1  allowed\n");
  EXPECT_EQ(ReadAll(folder_ / "saved"), Text("fine", "hello"));
  EXPECT_EQ(Run("open s 2"), kInfected);
  EXPECT_EQ(Run("open s --all"), kInfected);
  EXPECT_THAT(out_, HasSubstr("messages        2: 1 allowed, 1 infected"));
  EXPECT_EQ(Run("open s --all"), kInfected);
  EXPECT_EQ(Run("open s 3"), kFailed);
  EXPECT_THAT(err_, HasSubstr("there is no such message"));
}

// A forwarded mail with a bad attachment, taken apart on two levels; with a footer it is unclean,
// and a part as a whole too.
std::string Forwarded(const std::string& footer) {
  const std::string inner =
      "Subject: inner\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=in\n\n"
      "--in\n\ninner text\n"
      "--in\nContent-Type: application/x; name=x.bin\nContent-Transfer-Encoding: base64\n\n" +
      Base64("INFECTED:Worm.A") + "--in--\n";
  return "From: a@example.org\nSubject: Fwd: inner\nMIME-Version: 1.0\n"
         "Content-Type: multipart/mixed; boundary=out\n\n"
         "--out\n\nsee below\n"
         "--out\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" +
         Base64(inner) + "--out--\n" + footer;
}

// What stands around a part that was replaced, or has moved with it, nobody offers.
TEST_F(ServeTest, ScansInTheBackgroundWhatAnOutcomeWritesNewIntoAMessage) {
  for (const std::string action : {"notice", "quarantine", "delete-part"}) {
    for (const std::string footer : {"", "a list's footer\n"}) {
      SCOPED_TRACE(action + " " + footer);
      Make({Text("1", "was there before")});
      ASSERT_EQ(Run("settings s set ProactiveScanning 0"), 0) << err_;
      ASSERT_EQ(Run("settings s set BackgroundScanning 1"), 0) << err_;
      ASSERT_EQ(Run("settings s set InfectedAction " + action), 0) << err_;
      Serve();
      ASSERT_TRUE(Eventually([&] { return IsAllCurrent(); })) << out_;
      folder_.Write("new/1.eml", Forwarded(footer));
      ASSERT_EQ(Run("import s new"), 0) << err_;
      EXPECT_EQ(Run("open s 2"), kInfected) << err_;
      EXPECT_TRUE(Eventually([&] { return IsAllCurrent(); })) << out_;
      host_.reset();
      fs::remove_all(folder_ / "s");
    }
  }
}

TEST_F(ServeTest, LetsOthersReadTheStore) {
  Make({Text("seen", "hello")});
  Serve();
  EXPECT_EQ(Run("open s 1"), kAllowed);
  EXPECT_EQ(Run("list s"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("seen"));
  EXPECT_EQ(Run("show s 1"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("clean by"));
}

TEST_F(ServeTest, TellsTheExitStatusOfAnImportWithProblems) {
  Make({});
  Serve();
  folder_.Write("new/1.bin", std::string("\x7f\0\1", 3));
  EXPECT_EQ(Run("import s new"), kFailed);
  EXPECT_THAT(err_, HasSubstr("1.bin: is no mail; leave it out"));
}

TEST_F(ServeTest, RefusesWhatIsTheHostsToDecide) {
  Make({Text("1", "hello")});
  Serve();
  for (const char* option : {"--vendor x.so", "--parameters x"}) {
    EXPECT_EQ(Run("open s 1 " + std::string(option)), kFailed) << option;
    EXPECT_THAT(err_, HasSubstr("a host of this store is running"));
  }
}

TEST_F(ServeTest, IsToldWhoAsks) {
  Make({Text("1", "INFECTED:Evil")});
  Serve();
  ASSERT_EQ(Run("open s 1 --client owa --user bob"), kInfected) << err_;
  nlohmann::json events;
  ASSERT_TRUE(Eventually([&] {
    events = Ask({{"command", "events"}, {"id", 1020}})["done"]["events"];
    return !events.empty();
  }));
  EXPECT_THAT(events[0]["fields"]["asked_by"].get<std::string>(), StartsWith("owa bob 2"));
  EXPECT_TRUE(
      Ask({{"command", "open"}, {"messages", {"1"}}, {"client", "pigeon"}}).contains("error"));
}

TEST_F(ServeTest, WarnsItsClientsWhereScanningIsOff) {
  Make({Text("1", "hello")});
  ASSERT_EQ(Run("settings s set Enabled 0"), 0) << err_;
  Serve();
  EXPECT_EQ(Run("open s 1"), kAllowed);
  EXPECT_THAT(err_, HasSubstr("warning: scanning is switched off"));
}

TEST_F(ServeTest, IsAskedByItsOwnerOnly) {
  Make({});
  Serve();
  EXPECT_EQ(fs::status(socket()).permissions(), fs::perms(0600));
}

TEST_F(ServeTest, EndsCleanlyOnSignals) {
  Make({});
  for (const int number : {SIGTERM, SIGINT}) {
    Serve();
    RawClient idle(socket());
    EXPECT_EQ(host_->Stop(number), 0) << host_->Errors();
    EXPECT_FALSE(fs::exists(socket()));
    EXPECT_EQ(idle.Read(), nullptr);
  }
  EXPECT_EQ(Run("status s"), kFailed);
  EXPECT_THAT(err_,
              HasSubstr("no host of this store is running; start one by `store_sim serve s`"));
}

TEST_F(ServeTest, EndsWhileAVendorScansForAClient) {
  Make({Text("1", "HANG")});
  Serve("hang");
  RawClient client(socket());
  client.Write("{\"command\":\"open\",\"messages\":[\"1\"]}\n");
  RawClient other(socket());
  while (other.Ask({{"command", "status"}})["done"]["scanning"] == 0) {
  }
  EXPECT_EQ(host_->Stop(), 0) << host_->Errors();
}

TEST_F(ServeTest, TakesTheSocketOfADeadHost) {
  Make({Text("1", "hello")});
  Serve();
  host_->Stop(SIGKILL);
  ASSERT_TRUE(fs::is_socket(socket()));
  EXPECT_EQ(Run("open s 1" + Vendor("good")), kAllowed) << err_;
  Serve();
  EXPECT_EQ(Run("open s 1"), kAllowed) << err_;
}

TEST_F(ServeTest, LeavesAStoreAloneThatHasAHost) {
  Make({});
  Serve();
  RunningHost second(folder_, {});
  EXPECT_EQ(second.ready(), "");
  EXPECT_EQ(second.Wait(), kFailed);
  EXPECT_THAT(second.Errors(), HasSubstr("is writing this store"));
  EXPECT_EQ(Run("status s"), 0) << err_;
}

TEST_F(ServeTest, AnswersNonsenseAndGoesOn) {
  Make({});
  Serve();
  RawClient client(socket());
  for (const char* nonsense :
       {"nonsense", "", "[1]", "{}", "{\"command\":7}", "{\"command\":\"fly\"}",
        "{\"command\":", "{\"command\":\"open\",\"messages\":7}", "{\"command\":\"open\"}",
        "\xff\xfe", "{\"command\":\"open\",\"all\":true,\"timeout_s\":1e300}",
        "{\"command\":\"import\",\"paths\":[],\"largest_mib\":99999999999}",
        "{\"command\":\"events\",\"wait_ms\":-1,\"after\":\"x\"}"}) {
    client.Write(std::string(nonsense) + "\n");
    EXPECT_TRUE(client.Read().contains("error")) << nonsense;
  }
  EXPECT_TRUE(client.Ask({{"command", "status"}}).contains("done"));
}

TEST_F(ServeTest, HangsUpOnARequestWithoutEnd) {
  Make({});
  Serve();
  RawClient client(socket());
  client.Write(std::string(size_t{1} << 20, 'x'));  // and no line has ended
  EXPECT_THAT(client.Read()["error"], HasSubstr("longer than 1048576 bytes"));
  EXPECT_EQ(client.Read(), nullptr);
  EXPECT_TRUE(Ask({{"command", "status"}}).contains("done"));
}

TEST_F(ServeTest, TellsTheOneClientTooManySo) {
  Make({});
  Serve();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 32; ++i) {
    clients.push_back(std::make_unique<RawClient>(socket()));
    ASSERT_TRUE(clients.back()->Ask({{"command", "counters"}}).contains("done"));
  }
  RawClient last(socket());
  EXPECT_THAT(last.Read()["error"], HasSubstr("too many clients"));
}

TEST_F(ServeTest, ServesClientsAtTheSameTime) {
  std::vector<std::string> raws;
  for (int i = 0; i < 40; ++i) raws.push_back(Text(std::to_string(i), "body " + std::to_string(i)));
  Make(raws);
  Serve();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<RawClient>(socket()));
    clients.back()->Write("{\"command\":\"open\",\"all\":true,\"quiet\":true}\n");
  }
  for (const auto& client : clients) EXPECT_EQ(client->Read()["done"]["exit_status"], kAllowed);
}

}  // namespace
}  // namespace store_sim
