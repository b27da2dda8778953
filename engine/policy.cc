// SPDX-License-Identifier: Apache-2.0
#include "policy.h"

namespace vsapi::engine {
namespace {

struct Row {
  Condition condition;
  int32_t action;
  int32_t on_demand;
  int32_t transport;
};

constexpr int32_t kAllow = VSAPI_ANSWER_ALLOW;
constexpr int32_t kDeny = VSAPI_ANSWER_DENY_INFECTED;
constexpr int32_t kDeleted = VSAPI_ANSWER_DELETED;
constexpr int32_t kInProgress = VSAPI_ANSWER_IN_PROGRESS;
constexpr int32_t kDefer = VSAPI_ANSWER_UNAVAILABLE;  // "refuse" to a client, "defer" in transport

constexpr Row kPolicy[kConditions] = {
    {Condition::kClean, VSAPI_ACTION_STAMP, kAllow, kAllow},
    {Condition::kCleaned, VSAPI_ACTION_REPLACE, kAllow, kAllow},
    {Condition::kInfected, VSAPI_ACTION_REPLACE_BY_NOTICE, kDeny, kDeny},
    {Condition::kDeleteMessage, VSAPI_ACTION_DELETE_MESSAGE, kDeleted, kDeleted},
    {Condition::kSuspicious, VSAPI_ACTION_QUARANTINE, kDeny, kDefer},
    {Condition::kEncrypted, VSAPI_ACTION_STAMP, kAllow, kAllow},
    {Condition::kUnsupported, VSAPI_ACTION_STAMP, kAllow, kAllow},
    {Condition::kOverLimit, VSAPI_ACTION_STAMP, kDeny, kDefer},
    {Condition::kMalformed, VSAPI_ACTION_STAMP, kDeny, kDefer},
    {Condition::kFailed, VSAPI_ACTION_ATTEMPT, kDefer, kDefer},
    {Condition::kTimedOut, 0, kInProgress, kDefer},
    {Condition::kNoVendor, 0, kDefer, kDefer},
    {Condition::kDisabled, 0, kAllow, kAllow},
};

constexpr bool InOrder() {
  for (int i = 0; i < kConditions; ++i)
    if (kPolicy[i].condition != static_cast<Condition>(i)) return false;
  return true;
}
static_assert(InOrder(), "one row per condition, in the order of the enumeration");

const Row& RowFor(Condition condition, const PolicySettings& settings) {
  if (condition == Condition::kDeleteMessage && !settings.delete_message)
    condition = Condition::kInfected;
  return kPolicy[static_cast<int>(condition)];
}

int32_t InfectedActionOf(InfectedAction chosen) {
  switch (chosen) {
    case InfectedAction::kQuarantine:
      return VSAPI_ACTION_QUARANTINE;
    case InfectedAction::kDeletePart:
      return VSAPI_ACTION_DELETE_PART;
    case InfectedAction::kReplaceByNotice:
      break;
  }
  return VSAPI_ACTION_REPLACE_BY_NOTICE;
}

}  // namespace

int32_t ActionFor(Condition condition, const PolicySettings& settings) {
  const Row& row = RowFor(condition, settings);
  return row.condition == Condition::kInfected ? InfectedActionOf(settings.infected) : row.action;
}

int32_t AnswerFor(Condition condition, int32_t access, const PolicySettings& settings) {
  const Row& row = RowFor(condition, settings);
  return access == VSAPI_ACCESS_TRANSPORT ? row.transport : row.on_demand;
}

bool IsExempt(int32_t access) {
  return access == VSAPI_ACCESS_MOVE || access == VSAPI_ACCESS_REPLICATION ||
         access == VSAPI_ACCESS_BACKUP || access == VSAPI_ACCESS_SYSTEM;
}

Condition ConditionOf(int32_t verdict) {
  switch (verdict) {
    case VSAPI_VERDICT_CLEAN:
    case VSAPI_VERDICT_CLEAN_PERMANENT:
      return Condition::kClean;
    case VSAPI_VERDICT_CLEANED:
      return Condition::kCleaned;
    case VSAPI_VERDICT_INFECTED:
    case VSAPI_VERDICT_BLOCKED:
      return Condition::kInfected;
    case VSAPI_VERDICT_DELETE_MESSAGE:
      return Condition::kDeleteMessage;
    case VSAPI_VERDICT_ENCRYPTED:
      return Condition::kEncrypted;
    case VSAPI_VERDICT_OVER_LIMIT:
      return Condition::kOverLimit;
    case VSAPI_VERDICT_MALFORMED:
      return Condition::kMalformed;
    case VSAPI_VERDICT_UNSUPPORTED:
      return Condition::kUnsupported;
    default:
      return Condition::kSuspicious;
  }
}

bool IsNotThere(int32_t status) { return status == VSAPI_E_GONE || status == VSAPI_E_CHANGED; }

uint32_t CodeOf(int32_t answer) {
  switch (answer) {
    case VSAPI_ANSWER_ALLOW:
      return 0;
    case VSAPI_ANSWER_DENY_INFECTED:
      return 0x50B;
    case VSAPI_ANSWER_DELETED:
      return 0x50E;
    case VSAPI_ANSWER_IN_PROGRESS:
      return 0x50A;
    default:
      return 0x480;
  }
}

}  // namespace vsapi::engine
