// SPDX-License-Identifier: Apache-2.0
//
// A running host whose disk fails under it: it says so, lets nothing out that was not judged,
// leaves unstamped what it can't write, and is whole again when the fault is over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "database.h"
#include "running_host.h"
#include "support/gate.h"

namespace store_sim {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using vsapi::test::Eventually;

class StoreFaultsTest : public HostTest {
 protected:
  // Its disk fails from when Break says so.
  void ServeFromFaultyDisk() {
    setenv("FAULTY_DISK", (folder_ / "fault").c_str(), 1);
    setenv("LD_PRELOAD", FAULTY_DISK_LIBRARY, 1);
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    Serve();
    for (const char* name : {"FAULTY_DISK", "LD_PRELOAD", "ASAN_OPTIONS"}) unsetenv(name);
  }
  void Break(const std::string& call, int error) {
    folder_.Write("fault", call + " " + std::to_string(error));
  }
  void Mend() { folder_.Write("fault", ""); }

  // Clean and infected mail opened with a disk that takes nothing.
  void ExpectDenialsFrom(int error, const std::string& why) {
    Make({Text("1", "hello"), Text("2", "INFECTED:Worm.A"), Text("3", "more")});
    ServeFromFaultyDisk();
    Break("write", error);
    EXPECT_EQ(Run("open s 1"), kAllowed) << err_;
    EXPECT_THAT(err_, HasSubstr("who opened what could not be recorded: "));
    EXPECT_EQ(Run("open s 2 --save saved"), kInfected) << err_;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "saved"));
    EXPECT_EQ(Run("deliver s mail/000001 --mailbox other"), kFailed);
    EXPECT_EQ(Run("events s --id 1032"), 0);
    EXPECT_THAT(out_, HasSubstr("the store \"mdb1\" could not write outcomes (" + why + ")"));
    EXPECT_EQ(Run("show s 2"), 0);
    EXPECT_THAT(out_, Not(HasSubstr(" by GoodVendor")));
    ExpectWholeOnceMended();
  }
  void ExpectWholeOnceMended() {
    Mend();
    EXPECT_EQ(Run("open s 2"), kInfected) << err_;  // from now on a notice stands there
    EXPECT_EQ(Run("open s --all"), kAllowed) << out_;
    EXPECT_EQ(Run("events s --id 1036"), 0);
    EXPECT_THAT(out_, HasSubstr("the store \"mdb1\" writes outcomes again"));
    EXPECT_EQ(host_->Stop(), 0) << host_->Errors();
    EXPECT_EQ(Run("check s"), 0) << out_;
  }
};

TEST_F(StoreFaultsTest, DenyWhatIsFoundWhereTheDiskIsFull) {
  ExpectDenialsFrom(ENOSPC, "no room left on its disk");
}

TEST_F(StoreFaultsTest, DenyWhatIsFoundWhereTheDiskHasGoneReadOnly) {
  ExpectDenialsFrom(EROFS, "it can't be written");
}

TEST_F(StoreFaultsTest, LetNothingOutThatCannotBeRead) {
  Make({Text("1", std::string(400'000, 'x')), Text("2", "hello")});
  ServeFromFaultyDisk();
  Break("read", EIO);
  EXPECT_THAT(Run("open s 1 --save saved"), AnyOf(kUnavailable, kFailed));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "saved"));
  EXPECT_THAT(out_ + err_, AnyOf(HasSubstr("could not be read"), HasSubstr("Input/output error")));
  EXPECT_NE(Run("open s --all"), kAllowed);
  EXPECT_EQ(Run("status s"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("mdb1.db: Input/output error"));
  Mend();
  EXPECT_EQ(Run("open s 1 --save saved"), kAllowed) << out_ << err_;
  EXPECT_EQ(Run("open s --all"), kAllowed);
  EXPECT_EQ(host_->Stop(), 0) << host_->Errors();
  EXPECT_EQ(Run("check s"), 0) << out_;
}

// The first ten seconds of it the host waits.
TEST_F(StoreFaultsTest, GoOnWhileAnotherProcessKeepsTheDatabaseLocked) {
  Make({Text("1", "hello"), Text("2", "INFECTED:Worm.A")});
  Serve();
  {
    Database other(folder_ / "s/mdb1.db", Access::kWrite);
    other.Run("BEGIN IMMEDIATE");
    EXPECT_EQ(Run("open s 2 --save saved"), kInfected) << err_;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "saved"));
    EXPECT_EQ(Run("events s --id 1032"), 0);
    EXPECT_THAT(out_, HasSubstr("the store \"mdb1\" could not write outcomes (busy)"));
    other.Run("ROLLBACK");
  }
  ExpectWholeOnceMended();
}

// What lies in damaged pages stays in, the rest is given out.
TEST_F(StoreFaultsTest, KeepInWhatLiesInDamagedPages) {
  Make(
      {Text("1", "one " + std::string(40'000, 'x')), Text("2", "two " + std::string(40'000, 'y'))});
  std::string database = ReadAll(folder_ / "s/mdb1.db");
  const size_t at = database.find(std::string(3000, 'x'));
  ASSERT_NE(at, std::string::npos);
  database[at + 5000] = '!';
  folder_.Write("s/mdb1.db", database);
  Serve();
  EXPECT_EQ(Run("open s 1 --save saved"), kUnavailable) << out_;
  EXPECT_THAT(out_, HasSubstr("content could not be read"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "saved"));
  EXPECT_EQ(Run("open s 2 --save saved"), kAllowed);
  EXPECT_EQ(Run("events s --id 9874"), 0);
  EXPECT_THAT(out_, HasSubstr("(content could not be read): the store says: damaged"));
  EXPECT_EQ(Run("show s 1"), 0);
  EXPECT_THAT(out_, Not(HasSubstr("clean by")));
}

// What a pass could not write is scanned by another one, which nobody has to ask for.
TEST_F(StoreFaultsTest, AreMadeUpForByTheBackground) {
  Make({Text("1", "hello"), Text("2", "more")});
  ServeFromFaultyDisk();
  Break("write", ENOSPC);
  ASSERT_EQ(Run("settings s set BackgroundScanning 1"), 0) << err_;
  EXPECT_TRUE(Eventually([&] {
    Run("events s --id 1041");
    return out_.find("has met failures") != std::string::npos;
  }));
  Mend();
  EXPECT_EQ(Run("open s --all"), kAllowed);
}

}  // namespace
}  // namespace store_sim
