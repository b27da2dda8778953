// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/policy: every cell of the design's table, written out once more by
// its own words.
#include "policy.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace vsapi::engine {
namespace {

struct DesignRow {
  Condition condition;
  const char* outcome;    // of the store; "-" none
  const char* on_demand;  // the answer
  const char* transport;
};

// For GoogleTest's messages.
std::ostream& operator<<(std::ostream& out, const DesignRow& row) { return out << row.outcome; }

constexpr DesignRow kDesign[] = {
    {Condition::kClean, "keep", "allow", "allow"},
    {Condition::kCleaned, "replace", "allow", "allow"},
    {Condition::kInfected, "notice", "deny", "deny"},
    {Condition::kDeleteMessage, "delete", "deleted", "deleted"},
    {Condition::kSuspicious, "quarantine", "deny", "defer"},
    {Condition::kEncrypted, "keep", "allow", "allow"},
    {Condition::kUnsupported, "keep", "allow", "allow"},
    {Condition::kOverLimit, "keep", "deny", "defer"},
    {Condition::kMalformed, "keep", "deny", "defer"},
    {Condition::kFailed, "attempt", "refuse", "defer"},
    {Condition::kTimedOut, "-", "in-progress", "defer"},
    {Condition::kNoVendor, "-", "refuse", "defer"},
    {Condition::kDisabled, "-", "allow", "allow"},
};
static_assert(std::size(kDesign) == kConditions);

int32_t ActionBy(const std::string& word) {
  static const std::map<std::string, int32_t> kActions = {
      {"keep", VSAPI_ACTION_STAMP},
      {"replace", VSAPI_ACTION_REPLACE},
      {"notice", VSAPI_ACTION_REPLACE_BY_NOTICE},
      {"delete", VSAPI_ACTION_DELETE_MESSAGE},
      {"quarantine", VSAPI_ACTION_QUARANTINE},
      {"attempt", VSAPI_ACTION_ATTEMPT},
      {"-", 0}};
  return kActions.at(word);
}

int32_t AnswerBy(const std::string& word) {
  static const std::map<std::string, int32_t> kAnswers = {
      {"allow", VSAPI_ANSWER_ALLOW},        {"deny", VSAPI_ANSWER_DENY_INFECTED},
      {"deleted", VSAPI_ANSWER_DELETED},    {"in-progress", VSAPI_ANSWER_IN_PROGRESS},
      {"refuse", VSAPI_ANSWER_UNAVAILABLE}, {"defer", VSAPI_ANSWER_UNAVAILABLE}};
  return kAnswers.at(word);
}

constexpr PolicySettings kDeletes = {InfectedAction::kReplaceByNotice, true};

class Policy : public ::testing::TestWithParam<DesignRow> {};

TEST_P(Policy, HasTheStoreOutcomeOfTheTable) {
  EXPECT_EQ(ActionFor(GetParam().condition, kDeletes), ActionBy(GetParam().outcome));
}

TEST_P(Policy, HasTheAnswersOfTheTable) {
  const DesignRow& row = GetParam();
  for (const int32_t access :
       {VSAPI_ACCESS_ON_DEMAND, VSAPI_ACCESS_PROACTIVE, VSAPI_ACCESS_BACKGROUND})
    EXPECT_EQ(AnswerFor(row.condition, access, kDeletes), AnswerBy(row.on_demand));
  EXPECT_EQ(AnswerFor(row.condition, VSAPI_ACCESS_TRANSPORT, kDeletes), AnswerBy(row.transport));
}

TEST_P(Policy, HeedsTheInfectedActionForInfectedAlone) {
  const Condition condition = GetParam().condition;
  if (condition == Condition::kInfected) {
    EXPECT_EQ(ActionFor(condition, {InfectedAction::kQuarantine}), VSAPI_ACTION_QUARANTINE);
    EXPECT_EQ(ActionFor(condition, {InfectedAction::kDeletePart}), VSAPI_ACTION_DELETE_PART);
    return;
  }
  for (const auto action : {InfectedAction::kQuarantine, InfectedAction::kDeletePart})
    EXPECT_EQ(ActionFor(condition, {action, true}), ActionFor(condition, kDeletes));
}

std::string NameOf(const ::testing::TestParamInfo<DesignRow>& row) {
  static constexpr const char* kNames[] = {
      "Clean",     "Cleaned",     "Infected",  "DeleteMessage", "Suspicious",
      "Encrypted", "Unsupported", "OverLimit", "Malformed",     "Failed",
      "TimedOut",  "NoVendor",    "Disabled"};
  return kNames[static_cast<size_t>(row.param.condition)];
}
INSTANTIATE_TEST_SUITE_P(Design, Policy, ::testing::ValuesIn(kDesign), NameOf);

TEST(PolicyWords, TreatsDeleteMessageAsInfectedWhereDeletionIsOff) {
  for (const auto action : {InfectedAction::kReplaceByNotice, InfectedAction::kQuarantine,
                            InfectedAction::kDeletePart}) {
    const PolicySettings off = {action, false};
    EXPECT_EQ(ActionFor(Condition::kDeleteMessage, off), ActionFor(Condition::kInfected, off));
    for (const int32_t access : {VSAPI_ACCESS_ON_DEMAND, VSAPI_ACCESS_TRANSPORT})
      EXPECT_EQ(AnswerFor(Condition::kDeleteMessage, access, off), VSAPI_ANSWER_DENY_INFECTED);
  }
}

TEST(PolicyWords, ReleasesOnlyMovesReplicationBackupAndTheSystemUnscanned) {
  for (const int32_t access :
       {VSAPI_ACCESS_MOVE, VSAPI_ACCESS_REPLICATION, VSAPI_ACCESS_BACKUP, VSAPI_ACCESS_SYSTEM})
    EXPECT_TRUE(IsExempt(access)) << access;
  for (const int32_t access : {0, int{VSAPI_ACCESS_ON_DEMAND}, int{VSAPI_ACCESS_TRANSPORT},
                               int{VSAPI_ACCESS_PROACTIVE}, int{VSAPI_ACCESS_BACKGROUND}, 9, -1})
    EXPECT_FALSE(IsExempt(access)) << access;
}

TEST(PolicyWords, KnowsTheConditionOfEveryVerdict) {
  const std::map<int32_t, Condition> conditions = {
      {VSAPI_VERDICT_CLEAN, Condition::kClean},
      {VSAPI_VERDICT_CLEAN_PERMANENT, Condition::kClean},
      {VSAPI_VERDICT_CLEANED, Condition::kCleaned},
      {VSAPI_VERDICT_INFECTED, Condition::kInfected},
      {VSAPI_VERDICT_SUSPICIOUS, Condition::kSuspicious},
      {VSAPI_VERDICT_BLOCKED, Condition::kInfected},
      {VSAPI_VERDICT_DELETE_MESSAGE, Condition::kDeleteMessage},
      {VSAPI_VERDICT_ENCRYPTED, Condition::kEncrypted},
      {VSAPI_VERDICT_OVER_LIMIT, Condition::kOverLimit},
      {VSAPI_VERDICT_MALFORMED, Condition::kMalformed},
      {VSAPI_VERDICT_UNSUPPORTED, Condition::kUnsupported}};
  for (const auto& [verdict, condition] : conditions) EXPECT_EQ(ConditionOf(verdict), condition);
}

TEST(PolicyWords, NeverTakesAnUnknownVerdictForClean) {
  for (const int32_t verdict : {int{VSAPI_VERDICT_NONE}, VSAPI_VERDICT_UNSUPPORTED + 1, 9999, -1})
    EXPECT_EQ(ConditionOf(verdict), Condition::kSuspicious) << verdict;
}

TEST(PolicyWords, TellsClientsExchangesOwnCodes) {
  EXPECT_EQ(CodeOf(VSAPI_ANSWER_ALLOW), 0u);
  EXPECT_EQ(CodeOf(VSAPI_ANSWER_DENY_INFECTED), 0x50Bu);
  EXPECT_EQ(CodeOf(VSAPI_ANSWER_DELETED), 0x50Eu);
  EXPECT_EQ(CodeOf(VSAPI_ANSWER_IN_PROGRESS), 0x50Au);
  EXPECT_EQ(CodeOf(VSAPI_ANSWER_UNAVAILABLE), 0x480u);
}

}  // namespace
}  // namespace vsapi::engine
