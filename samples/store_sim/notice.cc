// SPDX-License-Identifier: Apache-2.0
#include "notice.h"

#include "display.h"

namespace store_sim {
namespace {

std::string WhatWas(const Removed& removed) {
  switch (removed.kind) {
    case PartKind::kWhole:
      return "This message";
    case PartKind::kBody:
    case PartKind::kRtfBody:
      return "The text of this message";
    case PartKind::kAttachment:
      break;
  }
  return "The attachment \"" + ForDisplay(removed.name.empty() ? removed.path : removed.name) +
         "\"";
}

const char* WhyNot(int32_t action) {
  return action == VSAPI_ACTION_QUARANTINE ? "was put into quarantine" : "was removed";
}

}  // namespace

// The number of the message keeps two notices from being one content of two findings.
std::string NoticeText(const Removed& removed, const Stamp& stamp) {
  const std::string finding = stamp.finding.empty() ? "" : " (" + ForDisplay(stamp.finding) + ")";
  return WhatWas(removed) + " " + WhyNot(stamp.action) + ".\n" + ForDisplay(stamp.vendor) +
         " judged it: " + vsapi_verdict_text(stamp.verdict) + finding +
         ".\nYour administrator can tell more about message " + removed.message + ", part " +
         removed.path + ".\n";
}

std::string NoticeName(PartKind kind, const std::string& name) {
  if (kind != PartKind::kAttachment) return "";
  return (name.empty() ? "attachment" : name) + ".virusinfo.txt";
}

const char* PastText(int32_t action) {
  switch (action) {
    case VSAPI_ACTION_REPLACE_BY_NOTICE:
      return "replaced by a notice";
    case VSAPI_ACTION_REPLACE:
      return "cleaned";
    case VSAPI_ACTION_QUARANTINE:
      return "quarantined";
    case VSAPI_ACTION_DELETE_PART:
      return "part deleted";
    case VSAPI_ACTION_DELETE_MESSAGE:
      return "deleted";
    case kReleased:
      return "released from quarantine";
    default:
      return "?";
  }
}

}  // namespace store_sim
