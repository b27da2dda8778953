// SPDX-License-Identifier: Apache-2.0
//
// What users get wrong and what happens to their files: each gets one clear line on stderr that
// says what is wrong and what to do, and nothing that was stored is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "open_fixture.h"

namespace store_sim {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

size_t Lines(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

class BadInputTest : public OpenTest {
 protected:
  void MakeTwoMdbs() {
    folder_.Write("mail/1", Text("1", "hello"));
    ASSERT_EQ(Run("init s --mdb private --mdb public"), 0) << err_;
    ASSERT_EQ(Run("import s mail --mdb public --no-scan"), 0) << err_;
  }

  void ReplaceInSettings(const std::string& from, const std::string& to) {
    std::string settings = ReadAll(folder_ / "s/virusscan.reg");
    settings.replace(settings.find(from), from.size(), to);
    folder_.Write("s/virusscan.reg", settings);
  }
};

TEST_F(BadInputTest, NamesAnMdbThatWasLost) {
  MakeTwoMdbs();
  fs::rename(folder_ / "s/public.db", folder_ / "public.db");
  for (const char* command :
       {"list s", "show s private/1", "import s mail --mdb private", "open s --all"}) {
    EXPECT_EQ(Run(command), kFailed) << command;
    EXPECT_THAT(err_, StartsWith("store_sim: s/public.db: is missing")) << command;
    EXPECT_THAT(err_, HasSubstr("restore it from a backup, or take its name out of mdbs.list"));
    EXPECT_EQ(Lines(err_), 1u);
  }
  folder_.Write("s/mdbs.list", "private\n");
  EXPECT_EQ(Run("list s"), 0) << err_;
  fs::rename(folder_ / "public.db", folder_ / "s/public.db");
  EXPECT_EQ(Run("list s"), kFailed);
  EXPECT_THAT(err_, HasSubstr("s/public.db: is not in mdbs.list"));
  folder_.Write("s/mdbs.list", "private\npublic\n");
  EXPECT_EQ(Run("list s"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("public: 1 messages"));
}

TEST_F(BadInputTest, MissesTheListOfMdbsItself) {
  MakeTwoMdbs();
  fs::remove(folder_ / "s/mdbs.list");
  EXPECT_EQ(Run("list s"), kFailed);
  EXPECT_THAT(err_, HasSubstr("s/mdbs.list: is missing"));
  EXPECT_EQ(Run("init s"), kFailed);
  EXPECT_THAT(err_, HasSubstr("holds a store already"));
}

TEST_F(BadInputTest, TellsWhatIsWrongWithAnMdb) {
  MakeTwoMdbs();
  const std::string whole = ReadAll(folder_ / "s/public.db");
  const std::pair<std::string, std::string> damages[] = {
      {"", "s/public.db: is empty, its messages are lost; restore it from a backup"},
      {"no database at all", "s/public.db: not a database; "},
      {whole.substr(0, 5'000), "s/public.db: the database is damaged; restore it from a backup"}};
  for (const auto& [bytes, text] : damages) {
    folder_.Write("s/public.db", bytes);
    EXPECT_EQ(Run("list s"), kFailed) << text;
    EXPECT_THAT(err_, HasSubstr(text));
    EXPECT_EQ(Lines(err_), 1u);
  }
}

TEST_F(BadInputTest, SavesNoMessageOverTheStoresOwnFiles) {
  Make({Text("1", "hello")});
  const std::string before = ReadAll(folder_ / "s/mdb1.db");
  fs::create_symlink("s", folder_ / "link");
  for (const char* file : {"s/mdb1.db", "s/virusscan.reg", "./s/../s/new.eml", "link/new.eml"}) {
    EXPECT_EQ(OpenBy("good", std::string("1 --save ") + file), kFailed) << file;
    EXPECT_THAT(err_, HasSubstr("is in the folder of the store; save to another folder"));
  }
  EXPECT_TRUE(ReadAll(folder_ / "s/mdb1.db") == before);
  EXPECT_FALSE(fs::exists(folder_ / "s/new.eml"));
  EXPECT_EQ(OpenBy("good", "1 --save s.eml"), kAllowed) << err_;
}

TEST_F(BadInputTest, WarnsWhereScanningIsOff) {
  Make({Text("1", "INFECTED:A.B")});
  ReplaceInSettings("\"Enabled\"=dword:00000001", "\"Enabled\"=dword:00000000");
  const std::string warning =
      "warning: scanning is switched off: every message is given out "
      "unscanned; set \"Enabled\"=dword:00000001 in s/virusscan.reg\n";
  for (const char* command : {"open s 1", "open s --all --quiet", "import s mail"}) {
    EXPECT_EQ(Run(command), 0);
    EXPECT_THAT(err_, HasSubstr(warning)) << command;
  }
  EXPECT_EQ(Run("import s mail --no-scan"), 0);
  EXPECT_THAT(err_, Not(HasSubstr("warning")));
}

TEST_F(BadInputTest, PrintsProblemsEvenIfQuiet) {
  Make({Text("1", "INFECTED:A.B"), Text("2", "fine")});
  EXPECT_EQ(OpenBy("good", "--all --quiet"), kInfected);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "mdb1/1  infected A.B in part 1\n");
  EXPECT_EQ(OpenBy("good", "2 --quiet"), kAllowed);
  EXPECT_EQ(out_ + err_, "");
  EXPECT_EQ(Run("open s 2 --quiet --vendor nowhere.so"), kUnavailable);
  EXPECT_THAT(err_, HasSubstr("error 1011: cannot open "));
  EXPECT_EQ(Run("open s 2 --quiet --verbose"), kUsage);
}

TEST_F(BadInputTest, NamesTheWrongWord) {
  EXPECT_EQ(Run("nonsense"), kUsage);
  EXPECT_THAT(err_, StartsWith("nonsense: there is no such command\n"));
  EXPECT_EQ(Run(""), kUsage);
  EXPECT_THAT(err_, StartsWith("A command is required\n"));
  EXPECT_EQ(Run("list s --limit -1"), kUsage);
  EXPECT_THAT(err_, HasSubstr("--limit: '-1' is no count of messages"));
  EXPECT_EQ(Run("--version"), 0);
  EXPECT_THAT(out_, StartsWith("store_sim 0."));
}

TEST_F(BadInputTest, EndsQuietlyWhenItsReaderHasSeenEnough) {
  std::vector<std::string> raws;
  for (int i = 0; i < 1'500; ++i) raws.push_back(Text(std::to_string(i), "hello"));
  Make(raws);
  EXPECT_EQ(Run("list s | head -n 1", "trap '' PIPE;"), 0);
  EXPECT_EQ(Lines(out_), 1u);
  EXPECT_EQ(err_, "");
}

TEST_F(BadInputTest, FailsWhereItCannotWriteWhatItSays) {
  Make({Text("1", "hello")});
  EXPECT_EQ(Run("list s >/dev/full 2>err.txt #"), kFailed);
  EXPECT_THAT(ReadAll(folder_ / "err.txt"), HasSubstr("could not be written; check the disk"));
}

TEST_F(BadInputTest, NamesMailThatItMayNotRead) {
  folder_.Write("mail/1", Text("1", "hello"));
  folder_.Write("mail/2", Text("2", "secret"));
  folder_.Write("mail/in/3", Text("3", "secret"));
  fs::permissions(folder_ / "mail/2", fs::perms::none);
  fs::permissions(folder_ / "mail/in", fs::perms::none);
  fs::permissions(folder_.path(), fs::perms(0777));
  const std::string as_other =
      geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : "";
  ASSERT_EQ(Run("init s", as_other), 0) << err_;
  EXPECT_EQ(Run("import s mail --no-scan", as_other), kFailed);
  EXPECT_EQ(err_,
            "mail/in: Permission denied; check the rights of the folder\n"
            "mail/2: can't be read: Permission denied; check its rights and the disk\n"
            "messages: 1 stored (0 malformed), 0 known already, 2 not taken\n");
  fs::permissions(folder_ / "mail/in", fs::perms::owner_all);
}

TEST_F(BadInputTest, LeavesNothingBehindWhereNoStoreCanBeMade) {
  EXPECT_EQ(Run("init s", "trap '' XFSZ; ulimit -f 8;"), kFailed);
  EXPECT_THAT(
      err_, StartsWith("store_sim: no store was made: s/mdb1.db: no room left on the disk; free "));
  EXPECT_EQ(Lines(err_), 1u);
  EXPECT_EQ(Run("init s"), 0) << err_;
  EXPECT_EQ(Run("init /proc/s"), kFailed);
  EXPECT_THAT(err_, HasSubstr("choose another folder"));
}

}  // namespace
}  // namespace store_sim
