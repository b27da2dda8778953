// SPDX-License-Identifier: Apache-2.0
//
// store_sim deliver, move, mailboxes, quarantine and check, and who is given what unscanned, by the
// program itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "open_fixture.h"
#include "support/samples.h"

namespace store_sim {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class PathsTest : public OpenTest {
 protected:
  // A store of a private and a public MDB, scanned by the vendor that does nothing wrong.
  void MakeStore() {
    ASSERT_EQ(Run("init s --mdb mdb1 --mdb mdb2 --public news"), 0) << err_;
    ASSERT_EQ(Run("settings s set Library '" VSAPI_TEST_VENDORS_DIR "/good.so'"), 0) << err_;
  }
  void Deliver(const std::string& text, const std::string& where) {
    folder_.Write("m.eml", text);
    ASSERT_EQ(Run("deliver s m.eml " + where), 0) << err_;
  }
};

TEST_F(PathsTest, ADeliveryIsStoredOnceForAllAndQueuedForScanning) {
  MakeStore();
  Deliver(Text("1", "hello"), "--mdb mdb1 --mailbox alice --mailbox bob");
  EXPECT_THAT(err_, HasSubstr("1 new, 1 queued for scanning"));
  ASSERT_EQ(Run("list s --mdb mdb1"), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("alice: Inbox +1"), HasSubstr("mdb1: 1 messages")));
  ASSERT_EQ(Run("list s --mailbox bob --folder Inbox"), 0);
  EXPECT_THAT(out_, HasSubstr("mdb1/1"));
  ASSERT_EQ(Run("list s --mailbox carol"), 0);
  EXPECT_THAT(out_, Not(HasSubstr("mdb1/1")));
  ASSERT_EQ(Run("mailboxes s"), 0);
  EXPECT_THAT(out_, ContainsRegex("mdb1 +bob +Inbox +1 +-"));
  EXPECT_THAT(out_, ContainsRegex("mdb1 +bob +Sent Items +0 +-"));
}

TEST_F(PathsTest, APostGoesIntoAPublicFolder) {
  MakeStore();
  Deliver(Text("1", "hello"), "--mdb news --folder Clubs/Chess");
  ASSERT_EQ(Run("mailboxes s --mdb news"), 0);
  EXPECT_THAT(out_, ContainsRegex("news \\(public\\) +Public Folders +Clubs/Chess +1"));
  folder_.Write("n.eml", Text("2", "hello"));
  EXPECT_EQ(Run("deliver s n.eml --mdb news --mailbox alice"), kFailed);
  EXPECT_THAT(err_, HasSubstr("a public MDB, which has no mailboxes"));
}

TEST_F(PathsTest, AMaildirBecomesATreeOfFolders) {
  folder_.Write("Maildir/cur/1", Text("1", "a"));
  folder_.Write("Maildir/new/2", Text("2", "b"));
  folder_.Write("Maildir/.Sent.Old/cur/3", Text("3", "c"));
  folder_.Write("Maildir/.Sent.Old/new/.keep", "");
  ASSERT_EQ(Run("init s"), 0);
  ASSERT_EQ(Run("import s Maildir --mailbox me --no-scan"), 0) << err_;
  ASSERT_EQ(Run("mailboxes s"), 0);
  EXPECT_THAT(out_, ContainsRegex("me +Inbox +2"));
  EXPECT_THAT(out_, ContainsRegex("me +Sent Items/Old +1"));
}

TEST_F(PathsTest, AnInfectedAttachmentIsReplacedAndTheRestIsGivenOut) {
  MakeStore();
  const std::string raw = vsapi::test::MimeWithAttachment("a.doc", "INFECTED:Evil");
  folder_.Write("m.eml", raw);
  ASSERT_EQ(Run("import s m.eml --mdb mdb1 --no-scan"), 0) << err_;
  EXPECT_EQ(Run("open s mdb1/1"), kInfected);
  EXPECT_EQ(Run("open s mdb1/1 --save saved"), kAllowed) << out_ << err_;
  EXPECT_THAT(ReadAll(folder_ / "saved"), HasSubstr("a.doc.virusinfo.txt"));
  ASSERT_EQ(Run("show s mdb1/1"), 0);
  EXPECT_THAT(out_, HasSubstr("part 2 (a.doc) replaced by a notice: infected Evil by GoodVendor"));
  ASSERT_EQ(Run("list s --mdb mdb1"), 0);
  EXPECT_THAT(out_, HasSubstr("replaced by a notice: infected Evil"));
  EXPECT_EQ(Run("check s"), 0) << out_;
}

TEST_F(PathsTest, AMessageIsDeletedByOrderOfTheVendor) {
  MakeStore();
  ASSERT_EQ(Run("settings s set EnableScanDeletion 1"), 0) << err_;
  folder_.Write("m.eml", Text("1", "DELETE"));
  ASSERT_EQ(Run("import s m.eml --mdb mdb1 --no-scan"), 0) << err_;
  EXPECT_EQ(Run("open s mdb1/1"), kInfected) << out_;
  EXPECT_EQ(Run("open s mdb1/1"), kFailed);
  EXPECT_THAT(err_, HasSubstr("there is no such message"));
  ASSERT_EQ(Run("report s"), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("mdb1/1  (deleted)"), HasSubstr("from         a@example.org"),
                          HasSubstr("held by      user: Inbox")));
  EXPECT_EQ(Run("check s"), 0) << out_;
}

TEST_F(PathsTest, AQuarantinedMessageComesBackByteForByte) {
  MakeStore();
  ASSERT_EQ(Run("settings s set InfectedAction quarantine"), 0) << err_;
  const std::string raw = vsapi::test::MimeWithAttachment("a.doc", "INFECTED:Evil");
  folder_.Write("m.eml", raw);
  ASSERT_EQ(Run("import s m.eml --mdb mdb1 --mailbox alice --no-scan"), 0) << err_;
  EXPECT_EQ(Run("open s mdb1/1"), kInfected);
  EXPECT_EQ(Run("open s mdb1/2"), kFailed);
  EXPECT_THAT(err_, HasSubstr("is in quarantine"));
  ASSERT_EQ(Run("quarantine s list"), 0) << err_;
  EXPECT_THAT(out_, ContainsRegex("mdb1/2 +mdb1/1 .*infected Evil +alice: Inbox"));
  ASSERT_EQ(Run("quarantine s rescan"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("mdb1/2  stays: infected Evil"));
  ASSERT_EQ(Run("quarantine s release mdb1/2"), 0) << err_;
  EXPECT_EQ(out_, "mdb1/2  released as mdb1/1\n");
  EXPECT_EQ(Run("open s mdb1/1 --save saved"), kAllowed) << out_;
  EXPECT_EQ(ReadAll(folder_ / "saved"), raw);
  EXPECT_EQ(Run("quarantine s release mdb1/2"), kFailed);
  EXPECT_EQ(Run("check s"), 0) << out_;
}

TEST_F(PathsTest, ARescanReleasesNothingWhereScanningIsOff) {
  MakeStore();
  ASSERT_EQ(Run("settings s set InfectedAction quarantine"), 0) << err_;
  folder_.Write("m.eml", vsapi::test::MimeWithAttachment("a.doc", "INFECTED:Evil"));
  ASSERT_EQ(Run("import s m.eml --mdb mdb1 --no-scan"), 0) << err_;
  ASSERT_EQ(Run("open s mdb1/1"), kInfected);
  ASSERT_EQ(Run("settings s set Enabled 0"), 0) << err_;
  EXPECT_NE(Run("quarantine s rescan"), 0);
  EXPECT_THAT(out_, HasSubstr("mdb1/2  stays"));
  ASSERT_EQ(Run("quarantine s list"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("mdb1/2"));
}

TEST_F(PathsTest, AUsersMoveToAnotherMdbTakesTheStampsAlong) {
  MakeStore();
  Deliver(Text("1", "hello"), "--mdb mdb1 --mailbox alice --mailbox bob");
  ASSERT_EQ(Run("move s mdb1/1"), kFailed);
  EXPECT_THAT(err_, HasSubstr("several mailboxes have it"));
  ASSERT_EQ(Run("move s mdb1/1 --mailbox alice --to mdb2 --to-folder Kept/2026"), 0) << err_;
  ASSERT_EQ(Run("list s"), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("bob: Inbox "), HasSubstr("alice: Kept/2026")));
  ASSERT_EQ(Run("move s mdb1/1 --to mdb2"), 0) << err_;
  EXPECT_EQ(Run("open s --all"), kAllowed);
  EXPECT_THAT(out_, HasSubstr("messages        1: 1 allowed"));
  EXPECT_EQ(Row("vendor calls"), 0) << out_;
  EXPECT_EQ(Run("check s"), 0) << out_;
}

TEST_F(PathsTest, AUserMovesNothingInfectedAndAnAdministratorMovesAll) {
  MakeStore();
  folder_.Write("m.eml", Text("1", "OVERLIMIT"));
  ASSERT_EQ(Run("import s m.eml --mdb mdb1 --mailbox alice --no-scan"), 0) << err_;
  EXPECT_EQ(Run("move s mdb1/1 --to mdb2"), kInfected);
  EXPECT_THAT(out_, HasSubstr("mdb1/1  not moved: over limit"));
  EXPECT_EQ(Run("move s mdb1/1 --to mdb2 --as move"), 0) << out_ << err_;
  EXPECT_EQ(Run("open s mdb2/1"), kInfected);
  EXPECT_EQ(Run("open s --all"), kInfected);
  EXPECT_EQ(Row("vendor calls"), 0) << out_;
}

TEST_F(PathsTest, BackupReplicationAndSystemGetEverythingUnscanned) {
  MakeStore();
  folder_.Write("m.eml", Text("1", "INFECTED:Evil"));
  ASSERT_EQ(Run("import s m.eml --mdb mdb1 --no-scan"), 0) << err_;
  for (const char* who : {"backup", "replication", "system", "move"}) {
    EXPECT_EQ(Run("open s mdb1/1 --save saved --as " + std::string(who)), kAllowed) << err_;
    EXPECT_EQ(ReadAll(folder_ / "saved"), Text("1", "INFECTED:Evil"));
  }
  EXPECT_THAT(out_, HasSubstr("not judged in 1 of 1 parts"));
  EXPECT_EQ(Run("open s mdb1/1 --as nobody"), kUsage);
  EXPECT_EQ(Run("open s mdb1/1"), kInfected);
}

TEST_F(PathsTest, AChangedAttachmentIsSavedAndScannedLikeANewOne) {
  MakeStore();
  const std::string raw = vsapi::test::MimeWithAttachment("a.doc", "harmless");
  folder_.Write("m.eml", raw);
  ASSERT_EQ(Run("deliver s m.eml --mdb mdb1 --mailbox alice --mailbox bob"), 0) << err_;
  folder_.Write("edited", "INFECTED:Evil");
  ASSERT_EQ(Run("replace s mdb1/1 2 edited"), kFailed);
  EXPECT_THAT(err_, HasSubstr("several mailboxes have it"));
  ASSERT_EQ(Run("replace s mdb1/1 2 edited --mailbox bob"), 0) << err_;
  EXPECT_EQ(out_, "mdb1/1  saved as mdb1/2\n");
  EXPECT_THAT(err_, HasSubstr("contents: 1 new, 1 queued for scanning"));
  EXPECT_THAT(Run("open s mdb1/2"), AnyOf(kInfected, kAllowed));  // by then it may be a notice
  ASSERT_EQ(Run("show s mdb1/2"), 0);
  EXPECT_THAT(out_, HasSubstr("part 2 (a.doc) replaced by a notice: infected Evil"));
  EXPECT_EQ(Run("open s mdb1/1 --save saved"), kAllowed) << out_;
  EXPECT_EQ(ReadAll(folder_ / "saved"), raw);
  EXPECT_EQ(Run("replace s mdb1/1 7 edited"), kFailed);
  EXPECT_THAT(err_, HasSubstr("has no part 7"));
  EXPECT_EQ(Run("replace s mdb1/1 0 edited"), kUsage);
  EXPECT_EQ(Run("check s"), 0) << out_;
}

TEST_F(PathsTest, AReplyAndAForwardOpenTheMessageAndWhatIsWrittenIsStoredOnce) {
  MakeStore();
  Deliver(vsapi::test::MimeWithAttachment("a.doc", "harmless"), "--mdb mdb1 --mailbox bob");
  ASSERT_EQ(Run("forward s mdb1/1 --to carol --to dora"), 0) << err_;
  EXPECT_EQ(out_, "mdb1/1  forwarded to carol, dora\n");
  EXPECT_THAT(err_, HasSubstr("contents: 0 new"));  // what it brings is there
  ASSERT_EQ(Run("reply s mdb1/1 --text thanks"), 0) << err_;
  EXPECT_EQ(out_, "mdb1/1  replied to alice\n");
  ASSERT_EQ(Run("mailboxes s --mdb mdb1"), 0);
  EXPECT_THAT(out_, AllOf(ContainsRegex("bob +Sent Items +2"), ContainsRegex("alice +Inbox +1"),
                          ContainsRegex("carol +Inbox +1"), ContainsRegex("dora +Inbox +1")));
  ASSERT_EQ(Run("list s --mdb mdb1"), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("Fwd: a sample"), HasSubstr("mdb1: 3 messages")));
  EXPECT_EQ(Run("check s"), 0) << out_;
  Deliver(Text("2", "OVERLIMIT"), "--mdb mdb1 --mailbox erin");
  EXPECT_EQ(Run("forward s mdb1/4 --to carol"), kInfected);
  EXPECT_THAT(out_, HasSubstr("mdb1/4  not opened: over limit"));
}

TEST_F(PathsTest, APreviewOpensAllOfAFolder) {
  MakeStore();
  Deliver(Text("1", "one"), "--mdb mdb1 --mailbox bob");
  Deliver(Text("2", "two"), "--mdb mdb1 --mailbox bob");
  Deliver(Text("3", "three"), "--mdb mdb1 --mailbox bob --folder Inbox/Old");
  Deliver(Text("4", "four"), "--mdb mdb1 --mailbox carol");
  ASSERT_EQ(Run("open s --all --mailbox bob --folder Inbox"), kAllowed) << out_;
  EXPECT_THAT(out_, HasSubstr("messages        2: 2 allowed"));
  EXPECT_EQ(Run("open s mdb1/1 --folder Inbox"), kUsage);
}

TEST_F(PathsTest, WhatIsKnownToBeBadIsDealtWithWhenItIsDelivered) {
  MakeStore();
  ASSERT_EQ(Run("settings s set InfectedAction quarantine"), 0) << err_;
  folder_.Write("m.eml", vsapi::test::MimeWithAttachment("a.doc", "INFECTED:Evil"));
  ASSERT_EQ(Run("import s m.eml --mdb mdb1 --mailbox alice --no-scan"), 0) << err_;
  EXPECT_EQ(Run("open s mdb1/1"), kInfected);
  EXPECT_EQ(Run("list s --mdb mdb1"), 0);
  EXPECT_THAT(out_, HasSubstr("mdb1: 1 messages, "));
  EXPECT_THAT(out_, HasSubstr("; 1 in quarantine"));
  Deliver("X-Again: 1\r\n" + vsapi::test::MimeWithAttachment("b.doc", "INFECTED:Evil"),
          "--mdb mdb1 --mailbox bob");
  EXPECT_THAT(err_, HasSubstr("1 brought what is known to be bad, which was dealt with"));
  EXPECT_EQ(Run("open s --all"), kAllowed) << out_;
  ASSERT_EQ(Run("quarantine s list"), 0);
  EXPECT_THAT(out_, ContainsRegex("infected Evil +bob: Inbox"));
  EXPECT_EQ(Run("check s"), 0) << out_;
}

TEST_F(PathsTest, AMoveToAnotherMdbTakesItsRecordAlong) {
  MakeStore();
  folder_.Write("m.eml", vsapi::test::MimeWithAttachment("a.doc", "INFECTED:Evil"));
  ASSERT_EQ(Run("import s m.eml --mdb mdb1 --mailbox alice --no-scan"), 0) << err_;
  ASSERT_EQ(Run("open s mdb1/1"), kInfected);
  ASSERT_EQ(Run("open s mdb1/1 --user alice --client imap"), kAllowed) << out_;
  ASSERT_EQ(Run("move s mdb1/1 --to mdb2"), 0) << err_;
  ASSERT_EQ(Run("report s"), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("mdb2/1\n"), HasSubstr("infected Evil"),
                          HasSubstr("opened by    alice by imap, 1 time"), Not(HasSubstr("mdb1"))));
  ASSERT_EQ(Run("show s mdb2/1"), 0);
  EXPECT_THAT(out_, HasSubstr("part 2 (a.doc) replaced by a notice: infected Evil"));
}

TEST_F(PathsTest, ACheckTellsOfAnEmptyQueueAndNeverCallsItSound) {
  MakeStore();
  EXPECT_EQ(Run("check s"), 0);
  EXPECT_THAT(out_, Not(HasSubstr("transport.db")));
  folder_.Write("s/transport.db", "");
  EXPECT_EQ(Run("check s"), 0);  // as a host leaves it that was killed while it made the queue
  EXPECT_THAT(out_, HasSubstr("transport.db: empty, no queue yet; if there was one, restore it"));
}

TEST_F(PathsTest, ACheckEndsByThirtyWhereAStoreIsDamaged) {
  MakeStore();
  Deliver(Text("1", "hello"), "--mdb mdb1 --mailbox alice");
  EXPECT_EQ(Run("check s"), 0) << out_;
  EXPECT_THAT(out_, HasSubstr("mdb1: 1 messages, 1 contents, sound"));
  std::string bytes = ReadAll(folder_ / "s/mdb1.db");
  for (const char* file : {"s/mdb1.db-wal", "s/mdb1.db"}) {
    bytes = ReadAll(folder_ / file);
    const size_t at = bytes.rfind("hello");
    if (at == std::string::npos) continue;
    bytes[at] = 'j';
    folder_.Write(file, bytes);
  }
  EXPECT_EQ(Run("check s"), 30) << out_;
  EXPECT_THAT(out_, HasSubstr("mdb1: message 1: its bytes are not"));
}

}  // namespace
}  // namespace store_sim
