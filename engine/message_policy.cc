// SPDX-License-Identifier: Apache-2.0
#include "message_policy.h"

#include <algorithm>

#include "policy.h"

namespace vsapi::engine {
namespace {

using Parts = std::span<const AnsweredPart>;

bool IsDeleted(const AnsweredPart& part) { return part.answer == VSAPI_ANSWER_DELETED; }
bool IsInfected(const AnsweredPart& part) { return part.answer == VSAPI_ANSWER_DENY_INFECTED; }
bool IsCleaned(const AnsweredPart& part) { return part.is_cleaned; }
bool IsOpen(const AnsweredPart& part) {
  return !IsCleaned(part) && part.answer != VSAPI_ANSWER_ALLOW;
}
bool IsWhole(const AnsweredPart& part) { return part.kind == VSAPI_ITEM_MESSAGE; }

// The first part that `which` says, the whole message last: a part tells more. Or none: the number
// of parts.
template <class Which>
size_t First(Parts parts, Which which) {
  size_t found = parts.size();
  for (size_t at = 0; at < parts.size(); ++at) {
    if (!which(parts[at])) continue;
    if (!IsWhole(parts[at])) return at;
    found = std::min(found, at);
  }
  return found;
}

// An infected whole whose parts are not is nothing that can be replaced.
int32_t AnswerForInfected(const AnsweredPart& decided_by, InfectedMessage infected) {
  switch (infected) {
    case InfectedMessage::kReject:
      return VSAPI_MESSAGE_REJECT;
    case InfectedMessage::kReplacePart:
      if (!IsWhole(decided_by)) return VSAPI_MESSAGE_REPLACE_PARTS;
      break;
    case InfectedMessage::kQuarantine:
      break;
  }
  return VSAPI_MESSAGE_QUARANTINE;
}

}  // namespace

MessageFate FateOf(Parts parts, InfectedMessage infected) {
  const size_t none = parts.size();
  if (const size_t at = First(parts, IsDeleted); at != none) return {VSAPI_MESSAGE_DELETE, at};
  const size_t cleaned = First(parts, IsCleaned);
  const auto is_explained = [&](const AnsweredPart& part) {  // by what is cleaned in it
    return IsWhole(part) && cleaned != none && !IsWhole(parts[cleaned]);
  };
  const size_t bad = First(parts, [&](const AnsweredPart& part) {
    return IsInfected(part) && !IsCleaned(part) && !is_explained(part);
  });
  const size_t open =
      First(parts, [&](const AnsweredPart& part) { return IsOpen(part) && !IsInfected(part); });
  const int32_t fate = bad == none ? 0 : AnswerForInfected(parts[bad], infected);
  if (fate != 0 && (fate != VSAPI_MESSAGE_REPLACE_PARTS || open == none)) return {fate, bad};
  if (open != none) return {VSAPI_MESSAGE_DEFER, open};
  if (cleaned != none) return {VSAPI_MESSAGE_DELIVER_CLEANED, cleaned};
  return {VSAPI_MESSAGE_DELIVER, 0};
}

int32_t AnswerFor(GivenUpMessage given_up) {
  switch (given_up) {
    case GivenUpMessage::kReject:
      return VSAPI_MESSAGE_REJECT;
    case GivenUpMessage::kDeliver:
      return VSAPI_MESSAGE_DELIVER;
    case GivenUpMessage::kQuarantine:
      break;
  }
  return VSAPI_MESSAGE_QUARANTINE;
}

int32_t PartActionFor(const MessageFate& fate, Parts parts, size_t at) {
  const bool replaces = fate.answer == VSAPI_MESSAGE_REPLACE_PARTS;
  const bool changes = replaces || fate.answer == VSAPI_MESSAGE_DELIVER_CLEANED;
  const AnsweredPart& part = parts[at];
  if (!changes || (IsWhole(part) && at != fate.decided_by)) return VSAPI_ACTION_STAMP;
  if (IsCleaned(part)) return VSAPI_ACTION_REPLACE;
  return replaces && IsInfected(part) ? VSAPI_ACTION_REPLACE_BY_NOTICE : VSAPI_ACTION_STAMP;
}

uint32_t MessageCodeOf(int32_t answer) {
  switch (answer) {
    case VSAPI_MESSAGE_DELIVER:
    case VSAPI_MESSAGE_DELIVER_CLEANED:
    case VSAPI_MESSAGE_REPLACE_PARTS:
      return 0;
    case VSAPI_MESSAGE_DELETE:
      return CodeOf(VSAPI_ANSWER_DELETED);
    case VSAPI_MESSAGE_QUARANTINE:
    case VSAPI_MESSAGE_REJECT:
      return CodeOf(VSAPI_ANSWER_DENY_INFECTED);
    default:
      return CodeOf(VSAPI_ANSWER_UNAVAILABLE);
  }
}

}  // namespace vsapi::engine
