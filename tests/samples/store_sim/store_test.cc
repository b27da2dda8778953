// SPDX-License-Identifier: Apache-2.0
#include "store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "error.h"
#include "importer.h"
#include "temp_folder.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Placement kInbox{"alice", "Inbox"};

std::string Text(const std::string& subject, const std::string& body = "hello\n") {
  return "From: a@example.org\nTo: b@example.com\nSubject: " + subject + "\n\n" + body;
}

std::string WithAttachment(const std::string& subject) {
  return "From: a@example.org\nSubject: " + subject +
         "\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" + subject +
         "\n--b\nContent-Type: application/x\nContent-Disposition: attachment; filename=x.bin\n"
         "Content-Transfer-Encoding: base64\n\nAAECA/8=\n--b--\n";
}

const std::string kAttached("\0\1\2\3\xff", 5);

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() { Store::Init(dir(), {"mdb1"}); }

  std::filesystem::path dir() const { return folder_ / "store"; }

  static ImportCount Import(Mdb& mdb, const std::vector<std::string>& raws,
                            const Placement& placement = kInbox) {
    Importer importer(mdb);
    for (const std::string& raw : raws) importer.Add(Prepare(raw, placement, 7));
    importer.Flush();
    return importer.count();
  }

  // What an attempt to open the store is answered with.
  std::string OpenError(Access access = Access::kRead) const {
    try {
      Store store(dir(), access);
      store.mdb("").List(0, 10);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  TempFolder folder_;
};

// Runs `work` in a process of its own. It exits with 17 if the disk was full, 18 for another Error.
template <typename Work>
int StatusOfChild(Work work) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      work();
    } catch (const Error& error) {
      _exit(std::string(error.what()).find("no room left") != std::string::npos ? 17 : 18);
    }
    _exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

TEST_F(StoreTest, GivesBackMessagesByteForByte) {
  Store store(dir(), Access::kWrite);
  const std::vector<std::string> raws = {Text("1"), WithAttachment("2"),
                                         std::string("Subject: \0\n\n\xff\0\r", 14), "x"};
  Import(store.mdb(""), raws);
  for (size_t i = 0; i < raws.size(); ++i) {
    EXPECT_EQ(store.mdb("").ReadRaw(static_cast<int64_t>(i) + 1), raws[i]);
  }
  EXPECT_EQ(store.mdb("").ReadRaw(99), std::nullopt);
}

TEST_F(StoreTest, StoresTheSameMessageOnceAndPlacesItTwice) {
  Store store(dir(), Access::kWrite);
  Mdb& mdb = store.mdb("");
  const ImportCount first = Import(mdb, {Text("1"), Text("1"), Text("2")});
  EXPECT_EQ(first.stored, 2u);
  EXPECT_EQ(first.known, 1u);
  const ImportCount second = Import(mdb, {Text("1")}, {"bob", "Inbox/Old"});
  EXPECT_EQ(second.stored, 0u);
  EXPECT_EQ(second.known, 1u);
  EXPECT_EQ(mdb.Totals().messages, 2u);
  const auto message = mdb.Find(1);
  ASSERT_TRUE(message);
  ASSERT_EQ(message->placements.size(), 2u);
  EXPECT_EQ(message->placements[1].mailbox, "bob");
  EXPECT_EQ(message->placements[1].folder, "Inbox/Old");
}

TEST_F(StoreTest, KeepsDetailsAndParts) {
  Store store(dir(), Access::kWrite);
  Import(store.mdb(""), {WithAttachment("s")});
  const auto message = store.mdb("").Find(1);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->details.sender, "a@example.org");
  EXPECT_EQ(message->details.subject, "s");
  EXPECT_EQ(message->received_ns, 7);
  EXPECT_EQ(message->unclean_reason, "");
  ASSERT_EQ(message->parts.size(), 2u);
  EXPECT_EQ(message->parts[1].path, "2");
  EXPECT_EQ(message->parts[1].name, "x.bin");
  EXPECT_EQ(message->parts[1].kind, PartKind::kAttachment);
  EXPECT_EQ(message->parts[1].content, Sha256(kAttached));
  EXPECT_EQ(message->parts[1].size, kAttached.size());
}

TEST_F(StoreTest, KeepsOneContentForTheSameAttachmentOfManyMessages) {
  Store store(dir(), Access::kWrite);
  Mdb& mdb = store.mdb("");
  Import(mdb, {WithAttachment("1"), WithAttachment("2"), WithAttachment("3")});
  EXPECT_EQ(mdb.Totals().contents, 4u);
  EXPECT_EQ(mdb.ReadContent(Sha256(kAttached)), kAttached);
  EXPECT_EQ(mdb.ReadContent(Sha256("nowhere")), std::nullopt);
}

TEST_F(StoreTest, KeepsAnUncleanMessageAsPartZeroToo) {
  Store store(dir(), Access::kWrite);
  const std::string with_nul = std::string("X: \0\n", 5) + Text("1");
  EXPECT_EQ(Import(store.mdb(""), {with_nul}).unclean, 1u);
  const auto message = store.mdb("").Find(1);
  ASSERT_TRUE(message);
  EXPECT_THAT(message->unclean_reason, HasSubstr("NUL"));
  EXPECT_EQ(message->parts.at(0).path, "0");
  EXPECT_EQ(store.mdb("").ReadContent(message->parts.at(0).content), with_nul);
}

TEST_F(StoreTest, ListsInPages) {
  Store store(dir(), Access::kWrite);
  Import(store.mdb(""), {Text("1"), Text("2"), Text("3")});
  const auto first = store.mdb("").List(0, 2);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[1].subject, "2");
  const auto rest = store.mdb("").List(first[1].number, 2);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].subject, "3");
}

TEST_F(StoreTest, KeepsStampsWithAllTheirBits) {
  Store store(dir(), Access::kWrite);
  Mdb& mdb = store.mdb("");
  Import(mdb, {WithAttachment("1")});
  const Digest content = Sha256(kAttached);
  const Stamp stamp{"vendor", UINT64_MAX, Sha256("definitions"), 3, 4, "Found", -5};
  const MarkChange change{content, {stamp, std::nullopt}};
  EXPECT_THAT(mdb.ApplyMarks({&change, 1}, Durability::kDurable),
              ElementsAre(MarkOutcome::kApplied));
  EXPECT_EQ(mdb.ReadMark(content)->stamp, stamp);
  EXPECT_EQ(mdb.Find(1)->parts[1].mark.stamp, stamp);
}

TEST_F(StoreTest, EndsTheAttemptsOfAContentByItsStamp) {
  Store store(dir(), Access::kWrite);
  Mdb& mdb = store.mdb("");
  Import(mdb, {WithAttachment("1")});
  const Digest content = Sha256(kAttached);
  const Attempt attempt{2, 99, Sha256("definitions")};
  const MarkChange failed{content, {std::nullopt, attempt}};
  mdb.ApplyMarks({&failed, 1}, Durability::kGrouped);
  EXPECT_EQ(mdb.ReadMark(content)->attempt, attempt);
  EXPECT_EQ(mdb.ReadMark(content)->stamp, std::nullopt);
  const MarkChange judged{content, {Stamp{"v", 1, {}, 1, 1, "", 1}, std::nullopt}};
  mdb.ApplyMarks({&judged, 1}, Durability::kGrouped);
  EXPECT_EQ(mdb.ReadMark(content)->attempt, std::nullopt);
}

TEST_F(StoreTest, NeverOverwritesAStampOfALaterGeneration) {
  Store store(dir(), Access::kWrite);
  Mdb& mdb = store.mdb("");
  Import(mdb, {WithAttachment("1")});
  const Digest content = Sha256(kAttached);
  const std::vector<MarkChange> changes = {
      {content, {Stamp{"v", 2, {}, 9, 4, "late", 1}, std::nullopt}},
      {content, {Stamp{"v", 1, {}, 8, 1, "", 1}, std::nullopt}},
      {Sha256("gone"), {Stamp{"v", 1, {}, 8, 1, "", 1}, std::nullopt}}};
  EXPECT_THAT(mdb.ApplyMarks(changes, Durability::kDurable),
              ElementsAre(MarkOutcome::kApplied, MarkOutcome::kOutrun, MarkOutcome::kGone));
  EXPECT_EQ(mdb.ReadMark(content)->stamp->finding, "late");
}

TEST_F(StoreTest, IsReadByManyThreadsWhileOneWrites) {
  Store store(dir(), Access::kWrite);
  Mdb& mdb = store.mdb("");
  Import(mdb, {WithAttachment("0")});
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&mdb] {
      for (int round = 0; round < 50; ++round) {
        EXPECT_EQ(mdb.ReadContent(Sha256(kAttached)), kAttached);
        EXPECT_TRUE(mdb.ReadMark(Sha256(kAttached)));
        EXPECT_GE(mdb.List(0, 100).size(), 1u);
      }
    });
  }
  const MarkChange change{Sha256(kAttached), {Stamp{"v", 1, {}, 1, 1, "", 1}, std::nullopt}};
  for (int i = 1; i <= 20; ++i) {
    Import(mdb, {WithAttachment(std::to_string(i))});
    mdb.ApplyMarks({&change, 1}, Durability::kGrouped);
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(mdb.Totals().messages, 21u);
}

TEST_F(StoreTest, LosesOnlyTheUnfinishedBatchWhenKilled) {
  const int status = StatusOfChild([this] {
    Store store(dir(), Access::kWrite);
    Importer importer(store.mdb(""));
    for (int i = 0; i < 300; ++i) importer.Add(Prepare(Text(std::to_string(i)), kInbox, 0));
    raise(SIGKILL);
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  Store store(dir(), Access::kWrite);
  EXPECT_EQ(store.mdb("").Totals().messages, Importer::kBatchMessages);
}

// The limit on the size of a file stands for a full disk: the same call of the system fails.
TEST_F(StoreTest, KeepsWhatItHadWhenTheDiskIsFull) {
  {
    Store store(dir(), Access::kWrite);
    Import(store.mdb(""), {Text("before")});
  }
  const int status = StatusOfChild([this] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 20, 1 << 20};
    setrlimit(RLIMIT_FSIZE, &limit);
    Store store(dir(), Access::kWrite);
    Import(store.mdb(""), {Text("after", std::string(4 << 20, 'x'))});
  });
  EXPECT_EQ(WEXITSTATUS(status), 17);
  Store store(dir(), Access::kWrite);
  EXPECT_EQ(store.mdb("").Totals().messages, 1u);
  EXPECT_EQ(store.mdb("").ReadRaw(1), Text("before"));
  EXPECT_EQ(Import(store.mdb(""), {Text("again")}).stored, 1u);
}

TEST_F(StoreTest, LetsOneProcessWriteAndNamesIt) {
  const Store store(dir(), Access::kWrite);
  EXPECT_THAT(OpenError(Access::kWrite),
              HasSubstr("process " + std::to_string(getpid()) + " is writing this store"));
  EXPECT_EQ(OpenError(Access::kRead), "");
}

TEST_F(StoreTest, RefusesToWriteWhenOpenedForReading) {
  Store store(dir(), Access::kRead);
  EXPECT_THROW(Import(store.mdb(""), {Text("1")}), Error);
}

TEST_F(StoreTest, IsMadeForItsOwnerAlone) {
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(dir()).permissions(), fs::perms::owner_all);
  const fs::path others = folder_ / "others";
  fs::create_directory(others);
  fs::permissions(others, fs::perms(0750));
  Store::Init(others, {"mdb1"});  // whoever made it knows for whom
  EXPECT_EQ(fs::status(others).permissions(), fs::perms(0750));
}

TEST_F(StoreTest, IsNeverOverwritten) {
  EXPECT_THROW(Store::Init(dir(), {"other"}), Error);
  EXPECT_FALSE(std::filesystem::exists(dir() / "other.db"));
  EXPECT_EQ(OpenError(), "");
}

TEST_F(StoreTest, SaysWhatIsNoDatabase) {
  folder_.Write("store/mdb1.db", std::string(5000, 'x'));
  EXPECT_THAT(OpenError(), HasSubstr("mdb1.db: not a database; give the folder of a store"));
}

TEST_F(StoreTest, SaysWhatIsAnotherProgramsDatabase) {
  std::filesystem::remove(dir() / "mdb1.db");
  Database(dir() / "mdb1.db", Access::kWrite, Database::IfMissing::kCreate)
      .Run("CREATE TABLE t (x)");
  EXPECT_THAT(OpenError(), HasSubstr("a database, but none of store_sim"));
}

TEST_F(StoreTest, SaysWhatAnotherVersionWrote) {
  Database(dir() / "mdb1.db", Access::kWrite).Run("PRAGMA user_version = 99");
  EXPECT_THAT(OpenError(), HasSubstr("another version of store_sim (schema 99"));
}

TEST_F(StoreTest, SaysWhatIsDamaged) {
  {
    Store store(dir(), Access::kWrite);
    Import(store.mdb(""), {Text("1"), Text("2")});
  }
  std::string bytes = ReadAll(dir() / "mdb1.db");
  std::fill(bytes.begin() + 16384, bytes.end(), '\x5a');
  folder_.Write("store/mdb1.db", bytes);
  EXPECT_THAT(OpenError(), HasSubstr("the database is damaged; restore it from a backup"));
}

TEST_F(StoreTest, SaysThatAFolderHoldsNoStore) {
  EXPECT_THROW(Store(folder_.path(), Access::kRead), Error);
  EXPECT_THROW(Store(folder_ / "missing", Access::kRead), Error);
}

TEST(StoreInit, RefusesNamesThatAreNoGoodForFiles) {
  const TempFolder folder;
  for (const char* name : {"", ".", "..", "a/b", "-x", "a b", "\xC3\xBC", "a\nb"}) {
    EXPECT_THROW(Store::Init(folder / "s", {name}), Error) << name;
  }
  EXPECT_THROW(Store::Init(folder / "s", {std::string(33, 'a')}), Error);
  EXPECT_THROW(Store::Init(folder / "s", {"a", "a"}), Error);
  EXPECT_NO_THROW(Store::Init(folder / "s", {std::string(32, 'a'), "B-_.9"}));
}

TEST(StoreNames, FindMessagesByMdbAndNumber) {
  const TempFolder folder;
  Store::Init(folder / "one", {"private"});
  Store::Init(folder / "two", {"private", "public"});
  const Store one(folder / "one", Access::kRead);
  const Store two(folder / "two", Access::kRead);
  EXPECT_EQ(one.FindName("7").number, 7);
  EXPECT_EQ(two.FindName("public/7").mdb->name(), "public");
  EXPECT_THROW(two.FindName("7"), Error);
  for (const char* name : {"", "x", "private/", "private/0", "private/-1", "private/1x", "no/1"}) {
    EXPECT_THROW(one.FindName(name), Error) << name;
  }
}

}  // namespace
}  // namespace store_sim
