// SPDX-License-Identifier: Apache-2.0
//
// The specification of judge: what a message is answered, through a real engine with a test vendor.
#include "judge.h"

#include <gmock/gmock.h>

#include "support/submitted.h"

namespace store_milter {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// "INFECTED:Evil", "CLEANED up", and something harmless, in base64: the message whole shows
// nothing.
constexpr char kInfected[] = "SU5GRUNURUQ6RXZpbA==";
constexpr char kToBeCleaned[] = "Q0xFQU5FRCB1cA==";
constexpr char kHarmless[] = "aGFybWxlc3M=";

std::string Mail(const std::string& attachment, const std::string& fields = "") {
  return fields +
         "From: a@example.org\r\nSubject: t\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n"
         "the text\r\n--x\r\nContent-Type: application/zip; name=a.zip\r\n"
         "Content-Transfer-Encoding: base64\r\n\r\n" +
         attachment + "\r\n--x--\r\n";
}

class JudgeTest : public vsapi::test::SubmissionTest {
 protected:
  Judgement Ask(const std::string& raw) {
    Judge judge(*engine_);
    Submission submission;
    submission.envelope.from = "a@example.org";
    submission.envelope.to = {"b@example.org"};
    submission.raw = raw;
    return judge.Ask(submission, [] {});
  }
};

TEST_F(JudgeTest, DeliversWhatIsCleanAsItIs) {
  StartTransport();
  const Judgement judgement = Ask(Mail(kHarmless));
  EXPECT_EQ(judgement.reply.kind, Reply::Kind::kDeliver);
  EXPECT_EQ(judgement.why, "");
  EXPECT_EQ(scans(), 3u);  // both parts, and the message whole
}

TEST_F(JudgeTest, RefusesWhatIsInfected) {
  StartTransport();
  const Judgement judgement = Ask(Mail(kInfected));
  EXPECT_EQ(judgement.reply.kind, Reply::Kind::kReject);
  EXPECT_EQ(judgement.reply.text, "the message is refused: infected: Evil");
  EXPECT_EQ(judgement.why, "infected: Evil");
}

TEST_F(JudgeTest, QuarantinesItIfTheSettingsSaySo) {
  StartTransport({{"TransportInfectedAction", "quarantine"}});
  EXPECT_EQ(Ask(Mail(kInfected)).reply.kind, Reply::Kind::kQuarantine);
}

TEST_F(JudgeTest, DefersWhatCantBeJudged) {
  StartTransport({}, "lie");
  const Judgement judgement = Ask(Mail("TElF"));  // LIE
  EXPECT_EQ(judgement.reply.kind, Reply::Kind::kDefer);
  EXPECT_EQ(judgement.why, "scan failed");
  events_->Await(vsapi::test::kTransportFailed);
  EXPECT_EQ(events_->field(vsapi::test::kTransportFailed, "message_id"), "1@example.org");
}

TEST_F(JudgeTest, GivesSignsOfLifeUntilItKnows) {
  StartTransport();
  Judge judge(*engine_, std::chrono::milliseconds(1));
  Submission submission;
  submission.raw = Mail("R0FURQ==");  // GATE
  const Judgement judgement = judge.Ask(submission, [&] { gate_.LetAll(); });
  EXPECT_EQ(judgement.reply.kind, Reply::Kind::kDeliver);
}

TEST_F(JudgeTest, DefersWhileThereIsNoVendor) {
  StartTransport({{"Library", "/no/such.so"}});
  EXPECT_EQ(Ask(Mail(kHarmless)).reply.kind, Reply::Kind::kDefer);
}

TEST_F(JudgeTest, DeletesByOrderOfTheVendor) {
  StartTransport({{"EnableScanDeletion", "1"}});
  EXPECT_EQ(Ask(Mail("REVMRVRF")).reply.kind, Reply::Kind::kDiscard);  // DELETE
}

TEST_F(JudgeTest, LetsEncryptedMailThrough) {
  StartTransport();
  EXPECT_EQ(Ask(Mail("RU5DUllQVEVE")).reply.kind, Reply::Kind::kDeliver);  // ENCRYPTED
}

// ---- What another mail program may read --------------------------------------------------------

constexpr char kInPieces[] =
    "From: a@example.org\r\nMIME-Version: 1.0\r\n"
    "Content-Type: message/partial; id=1; number=1; total=2\r\n\r\nhello\r\n";

TEST_F(JudgeTest, QuarantinesWhatCouldNotBeTakenApart) {
  StartTransport();
  const Judgement judgement = Ask(kInPieces);
  EXPECT_EQ(judgement.reply.kind, Reply::Kind::kQuarantine);
  EXPECT_THAT(judgement.why, StartsWith("could not be taken apart: "));
}

TEST_F(JudgeTest, LetsItThroughWhereNothingIsScanned) {
  Start();
  EXPECT_EQ(Ask(kInPieces).reply.kind, Reply::Kind::kDeliver);
}

// ---- What is replaced --------------------------------------------------------------------------

TEST_F(JudgeTest, PutsANoticeInThePlaceOfWhatIsInfected) {
  StartTransport({{"TransportInfectedAction", "replace-part"}});
  const Judgement judgement = Ask(Mail(kInfected));
  ASSERT_EQ(judgement.reply.kind, Reply::Kind::kDeliverChanged);
  EXPECT_EQ(judgement.why, "infected: Evil");
  const std::string& body = judgement.reply.rewrite.body;
  EXPECT_THAT(body, HasSubstr("the text"));
  EXPECT_THAT(body, HasSubstr("a.zip.virusinfo.txt"));
  EXPECT_THAT(body, Not(HasSubstr(kInfected)));
  EXPECT_TRUE(judgement.reply.rewrite.fields.empty());
}

TEST_F(JudgeTest, PutsWhatTheVendorCleanedInItsPlace) {
  StartTransport();
  const Judgement judgement = Ask(Mail(kToBeCleaned));
  ASSERT_EQ(judgement.reply.kind, Reply::Kind::kDeliverChanged);
  EXPECT_THAT(judgement.reply.rewrite.body, HasSubstr("IHVw"));  // " up"
  EXPECT_THAT(judgement.reply.rewrite.body, Not(HasSubstr(kToBeCleaned)));
}

TEST_F(JudgeTest, SaysWhatTheOnlyPartIsNow) {
  StartTransport({{"TransportInfectedAction", "replace-part"}});
  const Judgement judgement = Ask(
      "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: application/zip; name=a.zip\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n" +
      std::string(kInfected) + "\r\n");
  ASSERT_EQ(judgement.reply.kind, Reply::Kind::kDeliverChanged);
  const auto& fields = judgement.reply.rewrite.fields;
  ASSERT_FALSE(fields.empty());
  EXPECT_EQ(fields[0].name, "Content-Type");
  EXPECT_THAT(fields[0].value.value_or(""), StartsWith("text/plain"));
}

TEST_F(JudgeTest, NeverChangesWhatIsSigned) {
  StartTransport({{"TransportInfectedAction", "replace-part"}});
  for (const char* content : {kInfected, kToBeCleaned}) {
    const Judgement judgement = Ask(Mail(content, "DKIM-Signature: v=1; b=abc\r\n"));
    EXPECT_EQ(judgement.reply.kind, Reply::Kind::kQuarantine) << content;
  }
}

// ---- Lanes -------------------------------------------------------------------------------------

TEST(Lanes, PutBulkMailIntoTheLowOne) {
  for (const char* field : {"Precedence: bulk", "Precedence: list", "List-Id: <l.example.org>"}) {
    Submission submission;
    submission.raw = std::string(field) + "\r\n\r\nhello\r\n";
    EXPECT_TRUE(IsBulk(submission)) << field;
    submission.interactive = true;
    EXPECT_FALSE(IsBulk(submission)) << field;
  }
  Submission other;
  other.raw = "From: a@example.org\r\n\r\nhello\r\n";
  EXPECT_FALSE(IsBulk(other));
}

TEST_F(JudgeTest, BulkMailGoesByTheLowLane) {
  StartTransport();
  EXPECT_FALSE(Ask(Mail(kHarmless)).is_bulk);
  EXPECT_TRUE(Ask(Mail(kHarmless, "Precedence: bulk\r\n")).is_bulk);
}

}  // namespace
}  // namespace store_milter
