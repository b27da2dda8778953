// SPDX-License-Identifier: Apache-2.0
#include "mail_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "temp_folder.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MailReaderTest : public ::testing::Test {
 protected:
  void Read(const std::filesystem::path& path, MailReaderOptions options = {}) {
    const OnProblem on_problem = [this](const Origin& origin, const std::string& text) {
      problems_.push_back(Name(origin) + ": " + text);
    };
    const OnMessage on_message = [this](std::string_view raw, const Origin& origin) {
      messages_.emplace_back(raw);
      origins_.push_back(Name(origin));
    };
    for (const MailFile& file : FindMailFiles({path}, on_problem)) {
      ReadMail(file, options, on_message, on_problem);
    }
  }

  std::string Name(const Origin& origin) const {
    const std::string index = origin.index ? "#" + std::to_string(origin.index) : "";
    return origin.path.lexically_relative(folder_.path()).string() + index;
  }

  TempFolder folder_;
  std::vector<std::string> messages_;
  std::vector<std::string> origins_;
  std::vector<std::string> problems_;
};

TEST_F(MailReaderTest, ReadsAnEmlByteForByte) {
  const std::string raw("Subject: x\r\n\r\nbody\0\xff\n\r", 22);
  Read(folder_.Write("a.eml", raw));
  EXPECT_THAT(messages_, ElementsAre(raw));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(MailReaderTest, SplitsAnMboxAndLeavesQuotedLinesAlone) {
  Read(folder_.Write("box",
                     "From a@b Thu Jan  1 00:00:10 1970\nSubject: 1\n\n>From here\n>>From there\n\n"
                     "From c@d Thu Jan  1 00:00:11 1970\nSubject: 2\n\nFrom the body\n\n"
                     "From nobody, a line of the text\n\n"
                     "From e@f Thu Jan  1 00:00:12 1970\nSubject: 3\n\nno blank line at the end"));
  EXPECT_THAT(messages_,
              ElementsAre("Subject: 1\n\n>From here\n>>From there\n",
                          "Subject: 2\n\nFrom the body\n\nFrom nobody, a line of the text\n",
                          "Subject: 3\n\nno blank line at the end"));
  EXPECT_THAT(origins_, ElementsAre("box#1", "box#2", "box#3"));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(MailReaderTest, TakesFromLinesWithoutDateIfTheFirstHasNone) {
  Read(folder_.Write("box",
                     "From a\r\nSubject: 1\r\n\r\nx\r\n\r\nFrom b\r\nSubject: 2\r\n\r\ny\r\n"));
  EXPECT_THAT(messages_, ElementsAre("Subject: 1\r\n\r\nx\r\n", "Subject: 2\r\n\r\ny\r\n"));
}

TEST_F(MailReaderTest, KeepsLinesLongerThanItReadsAtOnce) {
  const std::string body =
      "Subject: x\n\n" + std::string(1'000'000, 'a') + "\nFrom " + std::string(600'000, 'b') + "\n";
  Read(folder_.Write("box", "From a Thu Jan  1 00:00:10 1970\n" + body + "\n"));
  ASSERT_EQ(messages_.size(), 1u);
  EXPECT_TRUE(messages_[0] == body);
}

TEST_F(MailReaderTest, PassesOverOneLargeMessageOfAnMbox) {
  const std::string from = "From a Thu Jan  1 00:00:10 1970\n";
  Read(folder_.Write("box", from + "Subject: 1\n\nx\n\n" + from + "Subject: 2\n\n" +
                                std::string(3 << 20, 'x') + "\n\n" + from + "Subject: 3\n\nx\n"),
       {1 << 20});
  EXPECT_THAT(origins_, ElementsAre("box#1", "box#3"));
  EXPECT_THAT(problems_, ElementsAre(HasSubstr("box#2: too large (3 MiB, the limit is 1 MiB)")));
}

TEST_F(MailReaderTest, TakesAMessageOfExactlyTheLimit) {
  const std::string body = "Subject: 1\n\n" + std::string((1 << 20) - 13, 'x') + "\n";
  Read(folder_.Write("box", "From a Thu Jan  1 00:00:10 1970\n" + body + "\n"), {1 << 20});
  Read(folder_.Write("a.eml", body), {1 << 20});
  EXPECT_THAT(origins_, ElementsAre("box#1", "a.eml"));
  EXPECT_TRUE(messages_.at(0) == messages_.at(1));
}

TEST_F(MailReaderTest, ReadsCurAndNewOfAMaildirButNeverTmp) {
  folder_.Write("m/cur/2:2,S", "Subject: 2\n\n");
  folder_.Write("m/new/1", "Subject: 1\n\n");
  folder_.Write("m/tmp/0", "Subject: 0\n\n");
  folder_.Write("m/dovecot.index", std::string("\0\1\2", 3));
  folder_.Write("m/.Sent/cur/3:2,S", "Subject: 3\n\n");
  folder_.Write("m/.Sent/new/.keep", "");
  Read(folder_.path());
  EXPECT_THAT(origins_, ElementsAre("m/cur/2:2,S", "m/new/1", "m/.Sent/cur/3:2,S"));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(MailReaderTest, WalksFoldersInOrderAndSkipsHiddenFiles) {
  folder_.Write("b/2.eml", "Subject: 2\n\n");
  folder_.Write("a/1.eml", "Subject: 1\n\n");
  folder_.Write("c.mbox", "From x\nSubject: 3\n\n");
  folder_.Write(".hidden", "no mail");
  Read(folder_.path());
  EXPECT_THAT(origins_, ElementsAre("a/1.eml", "b/2.eml", "c.mbox#1"));
}

TEST_F(MailReaderTest, EndsInALoopOfSymbolicLinks) {
  folder_.Write("a/1.eml", "Subject: 1\n\n");
  std::filesystem::create_directory_symlink("..", folder_ / "a/up");
  std::filesystem::create_symlink("self", folder_ / "a/self");
  Read(folder_.path());
  EXPECT_THAT(origins_, ElementsAre("a/1.eml"));
  EXPECT_THAT(problems_, ElementsAre(HasSubstr("a/self: Too many levels of symbolic links")));
}

TEST_F(MailReaderTest, ReportsAThreeGigabyteMaildirFileWithoutReadingIt) {
  folder_.Write("m/new/1", "Subject: small\n\n");
  std::filesystem::resize_file(folder_.Write("m/cur/big", "Subject: big\n\n"), 3ull << 30);
  Read(folder_.path());
  EXPECT_THAT(origins_, ElementsAre("m/new/1"));
  EXPECT_THAT(problems_,
              ElementsAre(HasSubstr(
                  "m/cur/big: too large for any store (3072 MiB, the limit is 900 MiB)")));
}

TEST_F(MailReaderTest, ReportsWhatIsNoMailAndGoesOn) {
  folder_.Write("1.bin", std::string("\x7f"
                                     "ELF\0\1\2:",
                                     8));
  folder_.Write("2.txt", "just a text\n");
  folder_.Write("3.eml", "");
  folder_.Write("4.eml", "Subject: 4\n\n");
  mkfifo((folder_ / "5").c_str(), 0600);
  Read(folder_.path());
  Read(folder_ / "missing");
  EXPECT_THAT(origins_, ElementsAre("4.eml"));
  EXPECT_THAT(
      problems_,
      ElementsAre("5: neither a file nor a folder; leave it out", "1.bin: is no mail; leave it out",
                  "2.txt: is no mail; leave it out", "3.eml: is empty; nothing to store",
                  HasSubstr("missing: No such file or directory; check")));
}

// Root may read everything, so there the rights can't stop anybody.
TEST_F(MailReaderTest, ReportsWhatItMayNotReadAndGoesOn) {
  if (geteuid() == 0 && seteuid(65534) != 0) GTEST_SKIP() << "root that can't become nobody";
  const TempFolder own;
  own.Write("closed/1.eml", "Subject: 1\n\n");
  const auto secret = own.Write("2.eml", "Subject: 2\n\n");
  own.Write("3.eml", "Subject: 3\n\n");
  chmod((own / "closed").c_str(), 0);
  chmod(secret.c_str(), 0);
  Read(own.path());
  chmod((own / "closed").c_str(), 0700);
  EXPECT_EQ(messages_.size(), 1u);
  EXPECT_THAT(problems_, ElementsAre(HasSubstr("closed: Permission denied; check the rights"),
                                     HasSubstr("2.eml: can't be read: Permission denied")));
  EXPECT_EQ(seteuid(getuid()), 0);
}

}  // namespace
}  // namespace store_sim
