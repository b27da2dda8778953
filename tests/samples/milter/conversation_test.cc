// SPDX-License-Identifier: Apache-2.0
//
// The specification of conversation: a message is put together as it came, byte for byte.
#include "conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace store_milter {
namespace {

using std::literals::operator""sv;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Spool::Options kSpool = {.folder = testing::TempDir(), .largest = 4 << 20};

class Started : public Conversation {
 public:
  Started() : Conversation(kSpool) { Begin("<a@example.org>", "", false); }
};

TEST(Conversation, PutsTheMessageTogetherByteForByte) {
  Started talk;
  talk.AddField("From", " a@example.org");
  talk.AddField("X-Tight", "no blank");
  talk.AddField("Subject", "\t two blanks  ");
  talk.EndHeader();
  talk.AddBody("8 bit \xE4\xFF\r\n.\r\nbare\nfeed\0nul"sv);
  talk.AddBody("\r\n\r\n");
  EXPECT_EQ(talk.Take().submission->raw,
            "From: a@example.org\r\nX-Tight:no blank\r\nSubject:\t two blanks  \r\n\r\n"
            "8 bit \xE4\xFF\r\n.\r\nbare\nfeed\0nul\r\n\r\n"sv);
}

TEST(Conversation, FoldsFieldsWithWholeLineEnds) {
  Started talk;
  talk.AddField("Received", " from x\n\tby y\r\n\tfor z");
  talk.EndHeader();
  EXPECT_EQ(talk.Take().submission->raw, "Received: from x\r\n\tby y\r\n\tfor z\r\n\r\n");
}

TEST(Conversation, KeepsTheEnvelope) {
  Conversation talk(kSpool);
  talk.Connected("192.0.2.1");
  talk.Begin("<>", "ann", true);
  talk.AddRecipient("<b@example.org>");
  talk.AddRecipient("c@example.org");
  talk.EndHeader();
  const Submission submission = *talk.Take().submission;
  EXPECT_EQ(submission.envelope.from, "");
  EXPECT_THAT(submission.envelope.to, ElementsAre("b@example.org", "c@example.org"));
  EXPECT_EQ(submission.envelope.hop, "192.0.2.1");
  EXPECT_EQ(submission.envelope.access, VSAPI_ACCESS_TRANSPORT);
  EXPECT_EQ(submission.user, "ann");
  EXPECT_TRUE(submission.interactive);
}

TEST(Conversation, BeginsAnewWithEachMessage) {
  Started talk;
  talk.AddField("X", " first");
  talk.Begin("<b@example.org>", "", false);
  talk.AddField("X", " second");
  EXPECT_EQ(talk.Take().submission->raw, "X: second\r\n");
  EXPECT_FALSE(talk.Take().submission);
}

TEST(Conversation, RefusesWhatIsLargerThanItMayBe) {
  Started talk;
  for (int megabyte = 0; megabyte < 5; ++megabyte) talk.AddBody(std::string(1 << 20, 'x'));
  const Conversation::Taken taken = talk.Take();
  EXPECT_FALSE(taken.submission);
  EXPECT_EQ(taken.instead.kind, Reply::Kind::kReject);
  EXPECT_EQ(taken.instead.code, "552");
}

TEST(Conversation, DefersWhatItCouldNotKeep) {
  const Spool::Options nowhere = {.folder = "/no/such/folder"};
  Conversation talk(nowhere);
  talk.Begin("<a@example.org>", "", false);
  talk.AddBody(std::string(Spool::kInMemory + 1, 'x'));
  talk.AddBody("more");
  const Conversation::Taken taken = talk.Take();
  EXPECT_FALSE(taken.submission);
  EXPECT_EQ(taken.instead.kind, Reply::Kind::kDefer);
  EXPECT_THAT(taken.problem, HasSubstr("/no/such/folder"));
}

TEST(Conversation, DefersWhatHasRecipientsWithoutEnd) {
  Started talk;
  const std::string address(1000, 'a');
  for (size_t bytes = 0; bytes < Conversation::kMostRecipientBytes; bytes += address.size())
    talk.AddRecipient(address);
  const Conversation::Taken taken = talk.Take();
  EXPECT_EQ(taken.instead.kind, Reply::Kind::kDefer);
  EXPECT_THAT(taken.problem, HasSubstr("recipients"));
}

TEST(Conversation, DefersWhatItHasForgotten) {
  Started talk;
  talk.AddBody("half of it");
  talk.Forget();
  talk.AddBody("the other half");
  EXPECT_EQ(talk.Take().instead.kind, Reply::Kind::kDefer);
}

}  // namespace
}  // namespace store_milter
