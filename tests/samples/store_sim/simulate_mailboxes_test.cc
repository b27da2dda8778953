// SPDX-License-Identifier: Apache-2.0
//
// The specification of what a simulation's clients see in their mailboxes.
#include "simulate_mailboxes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "error.h"
#include "importer.h"
#include "temp_folder.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MailboxesTest : public ::testing::Test {
 protected:
  MailboxesTest() { Store::Init(folder_ / "s", {"a", "b"}, {"news"}); }

  // Its number.
  static int64_t Put(Mdb& mdb, const std::string& subject, const std::string& mailbox) {
    const IncomingMessage message =
        Prepare("Subject: " + subject + "\n\n" + subject + "\n", {mailbox, "Inbox"}, 0);
    mdb.Import({&message, 1});
    return *mdb.FindNumber(message.digest);
  }

  const TempFolder folder_;
};

TEST_F(MailboxesTest, StandInThePrivateMdbsInTurn) {
  const Store store(folder_ / "s", Access::kWrite);
  const Mailboxes mailboxes(store, 3);
  EXPECT_EQ(mailboxes.mdb(0).name(), "a");
  EXPECT_EQ(mailboxes.mdb(1).name(), "b");
  EXPECT_EQ(mailboxes.mdb(2).name(), "a");
}

TEST_F(MailboxesTest, HaveNamesOfTheirOwn) {
  const Store store(folder_ / "s", Access::kWrite);
  const Mailboxes mailboxes(store, 3);
  EXPECT_EQ(Mailboxes::NameOf(2), "user-0003");
  EXPECT_EQ(mailboxes.Find("user-0003"), 2u);
  for (const char* other : {"user-0004", "user-0000", "user-3", "user-", "user", "", "user-0001x"})
    EXPECT_EQ(mailboxes.Find(other), std::nullopt) << other;
}

TEST_F(MailboxesTest, BeginWithWhatTheStoreHas) {
  const Store store(folder_ / "s", Access::kWrite);
  const int64_t first = Put(store.mdb("a"), "1", "user-0001");
  const int64_t moved = Put(store.mdb("b"), "2", "user-0001");
  Put(store.mdb("a"), "3", "somebody");
  const Mailboxes mailboxes(store, 2);
  EXPECT_THAT(mailboxes.Newest(0, 10), ElementsAre(Mailboxes::Place{&store.mdb("a"), first},
                                                   Mailboxes::Place{&store.mdb("b"), moved}));
  EXPECT_THAT(mailboxes.Newest(1, 10), IsEmpty());
  EXPECT_EQ(mailboxes.Pick(1, 7), std::nullopt);
}

TEST_F(MailboxesTest, FollowWhatComesAndMoves) {
  const Store store(folder_ / "s", Access::kWrite);
  Mailboxes mailboxes(store, 1);
  Mdb& a = store.mdb("a");
  for (int64_t number = 1; number <= 3; ++number) mailboxes.Add(0, {&a, number});
  mailboxes.Replace(0, {&a, 2}, {&store.mdb("b"), 9});
  EXPECT_THAT(mailboxes.Newest(0, 2),
              ElementsAre(Mailboxes::Place{&store.mdb("b"), 9}, Mailboxes::Place{&a, 3}));
}

TEST_F(MailboxesTest, ArePickedFromMostlyAtTheirNewEnd) {
  const Store store(folder_ / "s", Access::kWrite);
  Mailboxes mailboxes(store, 1);
  for (int64_t number = 1; number <= 1000; ++number) mailboxes.Add(0, {&store.mdb("a"), number});
  size_t recent = 0;
  for (uint64_t dice = 0; dice < 1000; ++dice) recent += mailboxes.Pick(0, dice)->number > 980;
  EXPECT_NEAR(static_cast<double>(recent), 820, 30);
}

TEST_F(MailboxesTest, NeedAPrivateMdb) {
  Store::Init(folder_ / "public", {}, {"news"});
  const Store store(folder_ / "public", Access::kWrite);
  EXPECT_THROW(Mailboxes(store, 1), Error);
}

}  // namespace
}  // namespace store_sim
