// SPDX-License-Identifier: Apache-2.0
#include "reply.h"

#include <algorithm>

namespace store_milter {
namespace {

// "infected: Eicar-Test-Signature"
std::string WhatWasFound(const vsapi::MessageDecision& decision) {
  const std::string verdict = vsapi_verdict_text(decision.verdict);
  return decision.finding.empty() ? verdict : verdict + ": " + ForSmtp(decision.finding);
}

// Why it was not judged is the administrator's business; the events tell.
Reply Defer(const std::string& why) {
  return {Reply::Kind::kDefer, "451", "4.7.1", "the message " + why + "; try again later"};
}

}  // namespace

Reply ReplyTo(const vsapi::MessageDecision& decision) {
  switch (decision.answer) {
    case VSAPI_MESSAGE_DELIVER:
      return {Reply::Kind::kDeliver};
    case VSAPI_MESSAGE_DELIVER_CLEANED:
    case VSAPI_MESSAGE_REPLACE_PARTS:
      return {Reply::Kind::kDeliverChanged};
    case VSAPI_MESSAGE_DELETE:
      return {Reply::Kind::kDiscard};
    case VSAPI_MESSAGE_QUARANTINE:
      return Quarantine(WhatWasFound(decision));
    case VSAPI_MESSAGE_REJECT:
      return {Reply::Kind::kReject, "550", "5.7.1",
              "the message is refused: " + WhatWasFound(decision)};
    default:
      return Defer("could not be scanned");
  }
}

Reply Quarantine(const std::string& reason) {
  return {Reply::Kind::kQuarantine, "", "", ForSmtp(reason)};
}

Reply TooLarge() {
  return {Reply::Kind::kReject, "552", "5.3.4", "the message is too large to be scanned"};
}

Reply Failed() {
  return {Reply::Kind::kDefer, "451", "4.3.0", "the message could not be taken; try again later"};
}

const char* NameOf(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::kDeliver:
      return "delivered";
    case Reply::Kind::kDeliverChanged:
      return "delivered with parts replaced";
    case Reply::Kind::kDiscard:
      return "deleted";
    case Reply::Kind::kQuarantine:
      return "quarantined";
    case Reply::Kind::kReject:
      return "refused";
    case Reply::Kind::kDefer:
      break;
  }
  return "deferred";
}

std::string ForSmtp(const std::string& text) {
  constexpr size_t kMost = 80;
  std::string line = text.substr(0, kMost);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c > '~' || c == '%'; },
      '?');
  return line;
}

}  // namespace store_milter
