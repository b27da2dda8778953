// SPDX-License-Identifier: Apache-2.0
#include "message_answer.h"

#include <algorithm>
#include <functional>

#include "display.h"
#include "exit_status.h"

namespace store_sim {
namespace {

constexpr size_t kMostNamed = 3;
constexpr size_t kNameColumns = 60;

std::string PlaceOf(const StoredPart& part) {
  if (part.kind == PartKind::kWhole) return "the whole message";
  const std::string name =
      part.name.empty() ? "" : " (" + ForDisplay(part.name, kNameColumns) + ")";
  return "part " + part.path + name;
}

std::string Refusal(const StoredPart& part, const vsapi::Decision& decision) {
  const bool judged = decision.verdict != VSAPI_VERDICT_NONE;
  std::string text = judged ? vsapi_verdict_text(decision.verdict)
                            : vsapi_answer_text(decision.answer) + std::string(": ") +
                                  vsapi_reason_text(decision.reason);
  if (*decision.finding != '\0') text += " " + ForDisplay(decision.finding);
  return text + " in " + PlaceOf(part);
}

// The first of those with the worst outcome, and how many more there are.
std::string Refusals(const StoredMessage& message, std::span<const vsapi::Decision> decisions,
                     Outcome worst) {
  std::string text;
  size_t count = 0;
  for (size_t i = 0; i < decisions.size(); ++i) {
    if (OutcomeOf(decisions[i]) != worst || ++count > kMostNamed) continue;
    text += (text.empty() ? "" : "; ") + Refusal(message.parts[i], decisions[i]);
  }
  if (count > kMostNamed) text += "; and " + std::to_string(count - kMostNamed) + " more";
  return text;
}

// Allowed, but by whom?
std::string Allowance(std::span<const vsapi::Decision> decisions) {
  const auto unscanned = std::count_if(decisions.begin(), decisions.end(), std::not_fn(IsClean));
  if (unscanned == 0) return "allowed";
  const auto& first = *std::find_if_not(decisions.begin(), decisions.end(), IsClean);
  const char* why = first.verdict == VSAPI_VERDICT_NONE ? vsapi_reason_text(first.reason)
                                                        : vsapi_verdict_text(first.verdict);
  return "allowed, not judged in " + std::to_string(unscanned) + " of " +
         std::to_string(decisions.size()) + " parts: " + why;
}

// The administrator releases everything, infected or not; who is exempt gets it too.
bool IsUnchecked(std::span<const vsapi::Decision> decisions) {
  return std::all_of(decisions.begin(), decisions.end(), [](const auto& each) {
    return each.answer == VSAPI_ANSWER_ALLOW &&
           (each.reason == VSAPI_REASON_DISABLED || each.reason == VSAPI_REASON_EXEMPT);
  });
}

}  // namespace

Outcome OutcomeOf(const vsapi::Decision& decision) {
  switch (decision.answer) {
    case VSAPI_ANSWER_ALLOW:
      return Outcome::kAllowed;
    case VSAPI_ANSWER_DENY_INFECTED:
    case VSAPI_ANSWER_DELETED:
      return Outcome::kInfected;
    case VSAPI_ANSWER_IN_PROGRESS:
      return Outcome::kInProgress;
    default:
      return Outcome::kUnavailable;
  }
}

int ExitStatusOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAllowed:
      return kDone;
    case Outcome::kInfected:
      return kInfected;
    case Outcome::kInProgress:
      return kInProgress;
    case Outcome::kUnavailable:
      break;
  }
  return kUnavailable;
}

bool HasChanged(std::span<const vsapi::Decision> decisions) {
  bool changed = false;
  for (const vsapi::Decision& each : decisions) {
    if (OutcomeOf(each) == Outcome::kInfected) return false;
    changed |= each.reason == VSAPI_REASON_CHANGED || each.reason == VSAPI_REASON_GONE;
  }
  return changed;
}

bool IsBeingScanned(std::span<const vsapi::Decision> decisions) {
  return std::any_of(decisions.begin(), decisions.end(), [](const vsapi::Decision& each) {
    return each.reason == VSAPI_REASON_BEING_SCANNED;
  });
}

bool IsClean(const vsapi::Decision& decision) {
  return decision.verdict == VSAPI_VERDICT_CLEAN ||
         decision.verdict == VSAPI_VERDICT_CLEAN_PERMANENT ||
         decision.verdict == VSAPI_VERDICT_CLEANED;
}

MessageAnswer AnswerOf(const StoredMessage& message, std::span<const vsapi::Decision> decisions) {
  if (decisions.empty() || decisions.size() != message.parts.size()) {
    return {Outcome::kUnavailable, "unavailable: the engine could not take the question"};
  }
  Outcome worst = Outcome::kAllowed;
  for (const vsapi::Decision& decision : decisions) worst = std::max(worst, OutcomeOf(decision));
  if (!message.covered && worst != Outcome::kInfected && !IsUnchecked(decisions)) {
    return {Outcome::kUnavailable,
            "unavailable: malformed: could not be taken apart: " + message.unclean_reason};
  }
  return {worst,
          worst == Outcome::kAllowed ? Allowance(decisions) : Refusals(message, decisions, worst)};
}

}  // namespace store_sim
