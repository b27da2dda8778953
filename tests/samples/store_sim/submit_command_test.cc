// SPDX-License-Identifier: Apache-2.0
//
// `store_sim submit` and `store_sim queue` as a user runs them, with a host and without one.
#include <gmock/gmock.h>

#include "running_host.h"
#include "support/gate.h"

namespace store_sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SubmitCommand : public HostTest {
 protected:
  void MakeStore(const std::string& vendor) {
    Make({});
    SetTransport();
    ASSERT_EQ(Run("settings s set Library '" VSAPI_TEST_VENDORS_DIR "/" + vendor + ".so'"), 0);
  }
  void SetTransport() { ASSERT_EQ(Run("settings s set 'TransportAVAPI\\Enabled' 1"), 0) << err_; }
  int Submit(const std::string& raw, const std::string& arguments = "--to bob@example.org") {
    folder_.Write("mail.eml", raw);
    return Run("submit s mail.eml --from alice@example.org " + arguments);
  }
  bool QueueIsEmpty() {
    EXPECT_EQ(Run("queue s list"), 0) << err_;
    return std::count(out_.begin(), out_.end(), '\n') <= 1;
  }
};

TEST_F(SubmitCommand, DeliversWithoutAHost) {
  MakeStore("good");
  EXPECT_EQ(Submit(Text("hi", "hello")), kAllowed) << err_;
  EXPECT_EQ(out_, "transport/1  delivered to bob@example.org\n");
  EXPECT_EQ(Run("open s 1 --save saved"), kAllowed) << err_;
  EXPECT_EQ(ReadAll(folder_ / "saved"), Text("hi", "hello"));
  EXPECT_TRUE(QueueIsEmpty());
}

TEST_F(SubmitCommand, SaysWhatIsInfected) {
  MakeStore("good");
  EXPECT_EQ(Submit(Text("bad", "INFECTED:Evil")), kInfected);
  EXPECT_THAT(out_, HasSubstr("rejected: infected Evil in part 1"));
  EXPECT_TRUE(QueueIsEmpty());
}

TEST_F(SubmitCommand, KeepsWhatIsDeferredUntilItIsRetried) {
  MakeStore("lie");
  EXPECT_EQ(Submit(Text("later", "LIE")), kInProgress);
  EXPECT_THAT(out_, HasSubstr("it stays in the queue and is tried again at "));
  ASSERT_EQ(Run("queue s list"), 0);
  EXPECT_THAT(out_, HasSubstr("deferred"));
  EXPECT_THAT(out_, HasSubstr("alice@example.org"));
  Serve("good");
  ASSERT_EQ(Run("queue s retry 1"), 0) << err_;
  EXPECT_TRUE(vsapi::test::Eventually([&] { return QueueIsEmpty(); }));
  EXPECT_EQ(Run("open s 1"), kAllowed);
}

TEST_F(SubmitCommand, ChecksTheQueueToo) {
  MakeStore("lie");
  EXPECT_EQ(Submit(Text("later", "LIE")), kInProgress);
  EXPECT_EQ(Run("check s"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("transport.db: 1 messages, sound"));
}

TEST_F(SubmitCommand, RemovesFromTheQueue) {
  MakeStore("lie");
  EXPECT_EQ(Submit(Text("later", "LIE")), kInProgress);
  EXPECT_EQ(Run("queue s remove 7"), kFailed);
  EXPECT_THAT(err_, HasSubstr("there is no message 7 in the queue"));
  EXPECT_EQ(Run("queue s remove 1"), 0) << err_;
  EXPECT_TRUE(QueueIsEmpty());
}

TEST_F(SubmitCommand, IsDoneByTheRunningHost) {
  MakeStore("good");
  Serve("good");
  EXPECT_EQ(Submit(Text("hi", "hello"), "--to bob --to carol"), kAllowed) << err_;
  EXPECT_EQ(out_, "transport/1  delivered to bob, carol\n");
  EXPECT_EQ(Submit(Text("bad", "INFECTED:Evil")), kInfected);
  EXPECT_EQ(Run("events s --id 1051"), 0);
  EXPECT_THAT(out_, HasSubstr("reject, infected Evil"));
}

// What a host was at when it was killed is there when the next one runs.
TEST_F(SubmitCommand, LosesNothingWhenTheHostIsKilled) {
  MakeStore("hang");
  Serve("hang");
  folder_.Write("mail.eml", Text("hangs", "HANG"));
  RawClient client(socket());
  client.Write(nlohmann::json{{"command", "submit"},
                              {"file", (folder_ / "mail.eml").string()},
                              {"to", {"bob"}}}
                   .dump() +
               "\n");
  RawClient other(socket());
  while (other.Ask({{"command", "status"}})["done"]["scanning"] == 0) {
  }
  host_->Stop(SIGKILL);
  ASSERT_EQ(Run("queue s list"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("hangs"));
  Serve("good");
  EXPECT_TRUE(vsapi::test::Eventually([&] { return QueueIsEmpty(); }));
  EXPECT_EQ(Run("open s 1 --save saved"), kAllowed) << err_;
  EXPECT_EQ(ReadAll(folder_ / "saved"), Text("hangs", "HANG"));
}

TEST_F(SubmitCommand, EndsCleanlyWhileAMessageIsAtTheVendor) {
  MakeStore("hang");
  Serve("hang");
  folder_.Write("mail.eml", Text("hangs", "HANG"));
  RawClient client(socket());
  client.Write(nlohmann::json{{"command", "submit"},
                              {"file", (folder_ / "mail.eml").string()},
                              {"to", {"bob"}}}
                   .dump() +
               "\n");
  RawClient other(socket());
  while (other.Ask({{"command", "status"}})["done"]["scanning"] == 0) {
  }
  EXPECT_EQ(host_->Stop(), 0) << host_->Errors();
  ASSERT_EQ(Run("queue s list"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("hangs"));
  EXPECT_THAT(out_, HasSubstr(" 0 "));  // no try of it
}

TEST_F(SubmitCommand, RefusesWhatIsWrong) {
  MakeStore("good");
  EXPECT_EQ(Submit(Text("x", "y"), ""), kUsage);
  EXPECT_EQ(Submit(Text("x", "y"), "--to @example.org"), kFailed);
  EXPECT_THAT(err_, HasSubstr("names no mailbox"));
  EXPECT_EQ(Submit(Text("x", "y"), "--to bob --mdb none"), kFailed);
  EXPECT_EQ(Run("queue s"), kUsage);
  EXPECT_TRUE(QueueIsEmpty());
}

// KB263949: in Profile 1.0 the client asks again each OpenRetryDelay until it has it.
TEST_F(SubmitCommand, In10AClientGetsItByAskingAgain) {
  Make({Text("1", "SLOW"),
        "Subject: 2\nMIME-Version: 1.0\nContent-Type: application/zip\n\nSLOW\n"});
  for (const char* setting : {"Profile 1.0", "OpenRetryDelay 10"})
    ASSERT_EQ(Run("settings s set " + std::string(setting)), 0) << err_;
  EXPECT_EQ(OpenBy("slow", "2 --verbose"), kAllowed) << err_;
  EXPECT_EQ(out_.substr(0, out_.find('\n')), "mdb1/2  allowed");
}

}  // namespace
}  // namespace store_sim
