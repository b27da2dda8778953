// SPDX-License-Identifier: Apache-2.0
//
// The specification of reply: what each decision of the engine means to an MTA.
#include "reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace store_milter {
namespace {

using ::testing::AllOf;
using ::testing::Field;

vsapi::MessageDecision Decision(int32_t answer, const std::string& finding = "") {
  vsapi::MessageDecision decision;
  decision.answer = answer;
  if (!finding.empty()) decision.verdict = VSAPI_VERDICT_INFECTED;
  decision.finding = finding;
  return decision;
}

TEST(Reply, FollowsTheDecision) {
  using Kind = Reply::Kind;
  EXPECT_EQ(ReplyTo(Decision(VSAPI_MESSAGE_DELIVER)).kind, Kind::kDeliver);
  EXPECT_EQ(ReplyTo(Decision(VSAPI_MESSAGE_DELIVER_CLEANED)).kind, Kind::kDeliverChanged);
  EXPECT_EQ(ReplyTo(Decision(VSAPI_MESSAGE_REPLACE_PARTS)).kind, Kind::kDeliverChanged);
  EXPECT_EQ(ReplyTo(Decision(VSAPI_MESSAGE_DELETE)).kind, Kind::kDiscard);
  EXPECT_EQ(ReplyTo(Decision(VSAPI_MESSAGE_QUARANTINE, "Evil")).kind, Kind::kQuarantine);
  EXPECT_EQ(ReplyTo(Decision(VSAPI_MESSAGE_REJECT, "Evil")).kind, Kind::kReject);
  EXPECT_EQ(ReplyTo(Decision(VSAPI_MESSAGE_DEFER)).kind, Kind::kDefer);
}

TEST(Reply, DefersWhatNobodyWasAskedAboutOrNobodyKnows) {
  EXPECT_EQ(ReplyTo(Decision(VSAPI_MESSAGE_NONE)).kind, Reply::Kind::kDefer);
  EXPECT_EQ(ReplyTo(Decision(99)).kind, Reply::Kind::kDefer);
}

TEST(Reply, TellsTheSenderWhatWasFound) {
  EXPECT_THAT(ReplyTo(Decision(VSAPI_MESSAGE_REJECT, "Eicar-Test")),
              AllOf(Field(&Reply::code, "550"), Field(&Reply::status, "5.7.1"),
                    Field(&Reply::text, "the message is refused: infected: Eicar-Test")));
  EXPECT_EQ(ReplyTo(Decision(VSAPI_MESSAGE_QUARANTINE, "Eicar-Test")).text, "infected: Eicar-Test");
}

TEST(Reply, TellsTheSenderNothingOfOurTrouble) {
  EXPECT_THAT(ReplyTo(Decision(VSAPI_MESSAGE_DEFER)),
              AllOf(Field(&Reply::code, "451"), Field(&Reply::status, "4.7.1"),
                    Field(&Reply::text, "the message could not be scanned; try again later")));
}

TEST(Reply, MakesAStrangersTextFitForSmtp) {
  EXPECT_EQ(ForSmtp("Evil\r\n250 ok\x7F %s \xC3\xA4"), "Evil??250 ok? ?s ??");
  EXPECT_EQ(ForSmtp(std::string(1000, 'x')).size(), 80u);
}

}  // namespace
}  // namespace store_milter
