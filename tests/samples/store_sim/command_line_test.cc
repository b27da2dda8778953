// SPDX-License-Identifier: Apache-2.0
//
// The program itself, as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.h"

namespace store_sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CommandLineTest : public ProgramTest {};

TEST_F(CommandLineTest, MakesAStoreWithItsSettings) {
  ASSERT_EQ(Run("init s --mdb private --mdb public"), 0) << err_;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "s/private.db"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "s/public.db"));
  const std::string settings = ReadAll(folder_ / "s/virusscan.reg");
  EXPECT_EQ(settings.find("Windows Registry Editor Version 5.00\n"), 0u);
  EXPECT_THAT(settings, HasSubstr("\"ProactiveScanning\"=dword:00000001"));
  EXPECT_THAT(settings, HasSubstr("\"Library\"=\"vsapi_clamav.so\""));
}

TEST_F(CommandLineTest, LeavesAnExistingStoreAlone) {
  ASSERT_EQ(Run("init s"), 0);
  folder_.Write("s/virusscan.reg", "mine");
  EXPECT_EQ(Run("init s"), 1);
  EXPECT_THAT(err_, HasSubstr("holds a store already"));
  EXPECT_EQ(ReadAll(folder_ / "s/virusscan.reg"), "mine");
}

TEST_F(CommandLineTest, ImportsListsAndShows) {
  const std::string raw = "From: a@example.org\r\nSubject: hello\r\n\r\nbody\r\n";
  folder_.Write("mail/1.eml", raw);
  ASSERT_EQ(Run("init s"), 0);
  ASSERT_EQ(Run("import s mail --no-scan"), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("messages: 1 stored (0 malformed), 0 known already, 0 not taken"));
  ASSERT_EQ(Run("import s mail mail"), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("messages: 0 stored (0 malformed), 1 known already, 0 not taken"));
  ASSERT_EQ(Run("list s"), 0);
  EXPECT_THAT(out_, HasSubstr("a@example.org  hello"));
  ASSERT_EQ(Run("show s mdb1/1"), 0);
  EXPECT_THAT(out_, HasSubstr("not scanned"));
  ASSERT_EQ(Run("show s 1 --raw"), 0);
  EXPECT_EQ(out_, raw);
}

TEST_F(CommandLineTest, TellsWhatItCouldNotTakeAndGoesOn) {
  folder_.Write("mail/1.bin", std::string("\x7f\0\1", 3));
  folder_.Write("mail/2.eml", "Subject: x\x1b[2J\n\nbody\n");
  folder_.Write("mail/3.eml", std::string("Subject: \0\n\nbody\n", 17));
  ASSERT_EQ(Run("init s"), 0);
  EXPECT_EQ(Run("import s mail --no-scan"), 1);
  EXPECT_EQ(err_,
            "mail/1.bin: is no mail; leave it out\n"
            "mail/3.eml: malformed, stored but kept from clients: a NUL outside of its "
            "parts\nmessages: 2 stored (1 malformed), 0 known already, 1 not taken\n");
  ASSERT_EQ(Run("list s"), 0);
  EXPECT_THAT(out_, Not(HasSubstr("\x1b")));
}

TEST_F(CommandLineTest, TellsWrongUseFromFailure) {
  EXPECT_EQ(Run(""), 2);
  EXPECT_EQ(Run("nonsense"), 2);
  EXPECT_EQ(Run("import s"), 2);
  EXPECT_EQ(Run("import --help"), 0);
  EXPECT_EQ(Run("list missing"), 1);
  EXPECT_THAT(err_, HasSubstr("make one by `store_sim init`"));
  ASSERT_EQ(Run("init s"), 0);
  EXPECT_EQ(Run("show s 7"), 1);
  EXPECT_THAT(err_, HasSubstr("there is no such message"));
}

}  // namespace
}  // namespace store_sim
