// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/message_policy: each part's answer, and what becomes of the message.
#include "message_policy.h"

#include <gtest/gtest.h>

#include <vector>

#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {
namespace {

constexpr int32_t kPart = VSAPI_ITEM_ATTACHMENT, kWhole = VSAPI_ITEM_MESSAGE;
constexpr AnsweredPart kClean = {kPart, VSAPI_ANSWER_ALLOW, false};
constexpr AnsweredPart kInfected = {kPart, VSAPI_ANSWER_DENY_INFECTED, false};
constexpr AnsweredPart kDeleted = {kPart, VSAPI_ANSWER_DELETED, false};
constexpr AnsweredPart kOpen = {kPart, VSAPI_ANSWER_UNAVAILABLE, false};
constexpr AnsweredPart kCleaned = {kPart, VSAPI_ANSWER_ALLOW, true};

AnsweredPart Whole(AnsweredPart part) {
  part.kind = kWhole;
  return part;
}

struct Row {
  const char* what;
  std::vector<AnsweredPart> parts;
  InfectedMessage infected;
  int32_t answer;
  size_t decided_by;
};

const Row kRows[] = {
    {"all clean", {kClean, Whole(kClean)}, InfectedMessage::kReject, VSAPI_MESSAGE_DELIVER, 0},
    {"one infected", {kClean, kInfected}, InfectedMessage::kReject, VSAPI_MESSAGE_REJECT, 1},
    {"one infected", {kInfected}, InfectedMessage::kQuarantine, VSAPI_MESSAGE_QUARANTINE, 0},
    {"a notice for the part",
     {Whole(kInfected), kClean, kInfected},
     InfectedMessage::kReplacePart,
     VSAPI_MESSAGE_REPLACE_PARTS,
     2},
    {"no part of the whole",
     {kClean, Whole(kInfected)},
     InfectedMessage::kReplacePart,
     VSAPI_MESSAGE_QUARANTINE,
     1},
    {"infected is for good, whatever is open",
     {kOpen, kInfected},
     InfectedMessage::kReject,
     VSAPI_MESSAGE_REJECT,
     1},
    {"but nothing goes on that is open",
     {kOpen, kInfected},
     InfectedMessage::kReplacePart,
     VSAPI_MESSAGE_DEFER,
     0},
    {"deleted goes before all",
     {kInfected, kOpen, kDeleted},
     InfectedMessage::kReject,
     VSAPI_MESSAGE_DELETE,
     2},
    {"one open", {kClean, kOpen}, InfectedMessage::kReject, VSAPI_MESSAGE_DEFER, 1},
    {"in progress is open",
     {{kPart, VSAPI_ANSWER_IN_PROGRESS, false}},
     InfectedMessage::kReject,
     VSAPI_MESSAGE_DEFER,
     0},
    {"an answer that nobody knows is open",
     {{kPart, 99, false}},
     InfectedMessage::kReject,
     VSAPI_MESSAGE_DEFER,
     0},
    {"cleaned", {kClean, kCleaned}, InfectedMessage::kReject, VSAPI_MESSAGE_DELIVER_CLEANED, 1},
    {"cleaned explains the whole",
     {kCleaned, Whole(kInfected)},
     InfectedMessage::kReject,
     VSAPI_MESSAGE_DELIVER_CLEANED,
     0},
    {"the whole explains no part",
     {kInfected, Whole(kCleaned)},
     InfectedMessage::kReject,
     VSAPI_MESSAGE_REJECT,
     0},
    {"cleaned and open", {kCleaned, kOpen}, InfectedMessage::kReject, VSAPI_MESSAGE_DEFER, 1},
};

TEST(MessagePolicy, LetsTheWorstPartDecide) {
  for (const Row& row : kRows) {
    const MessageFate fate = FateOf(row.parts, row.infected);
    EXPECT_EQ(fate.answer, row.answer) << row.what;
    EXPECT_EQ(fate.decided_by, row.decided_by) << row.what;
  }
}

TEST(MessagePolicy, ChangesPartsOnlyInWhatGoesOn) {
  const std::vector<AnsweredPart> parts = {kClean, kCleaned, kInfected, Whole(kCleaned)};
  const MessageFate replaced = FateOf(parts, InfectedMessage::kReplacePart);
  EXPECT_EQ(PartActionFor(replaced, parts, 0), VSAPI_ACTION_STAMP);
  EXPECT_EQ(PartActionFor(replaced, parts, 1), VSAPI_ACTION_REPLACE);
  EXPECT_EQ(PartActionFor(replaced, parts, 2), VSAPI_ACTION_REPLACE_BY_NOTICE);
  EXPECT_EQ(PartActionFor(replaced, parts, 3), VSAPI_ACTION_STAMP);  // its parts are
  const MessageFate rejected = FateOf(parts, InfectedMessage::kReject);
  for (size_t at = 0; at < parts.size(); ++at)
    EXPECT_EQ(PartActionFor(rejected, parts, at), VSAPI_ACTION_STAMP);
}

TEST(MessagePolicy, ReplacesTheWholeWhereThatAloneWasCleaned) {
  const std::vector<AnsweredPart> parts = {kClean, Whole(kCleaned)};
  const MessageFate fate = FateOf(parts, InfectedMessage::kReject);
  EXPECT_EQ(fate.answer, VSAPI_MESSAGE_DELIVER_CLEANED);
  EXPECT_EQ(PartActionFor(fate, parts, 1), VSAPI_ACTION_REPLACE);
}

TEST(MessagePolicy, TellsACodeForEachAnswer) {
  EXPECT_EQ(MessageCodeOf(VSAPI_MESSAGE_DELIVER), 0u);
  EXPECT_EQ(MessageCodeOf(VSAPI_MESSAGE_DELETE), 0x50Eu);
  EXPECT_EQ(MessageCodeOf(VSAPI_MESSAGE_REJECT), 0x50Bu);
  EXPECT_EQ(MessageCodeOf(VSAPI_MESSAGE_DEFER), 0x480u);
  EXPECT_EQ(MessageCodeOf(99), 0x480u);  // never "nothing is wrong"
}

}  // namespace
}  // namespace vsapi::engine
