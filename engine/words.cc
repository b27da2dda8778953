// SPDX-License-Identifier: Apache-2.0
#include "words.h"

#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {

bool IsKnownStatus(int32_t status) {
  return status == VSAPI_OK || (status >= VSAPI_E_BUSY && status <= VSAPI_E_CANCELLED) ||
         (status >= VSAPI_E_INTERNAL && status <= VSAPI_E_NO_MEMORY);
}

bool IsKnownVerdict(int32_t verdict) {
  return verdict > VSAPI_VERDICT_NONE && verdict <= VSAPI_VERDICT_UNSUPPORTED;
}

const char* AnswerText(int32_t answer) {
  switch (answer) {
    case VSAPI_ANSWER_ALLOW:
      return "allow";
    case VSAPI_ANSWER_DENY_INFECTED:
      return "infected";
    case VSAPI_ANSWER_DELETED:
      return "deleted";
    case VSAPI_ANSWER_IN_PROGRESS:
      return "in progress";
    case VSAPI_ANSWER_UNAVAILABLE:
      return "unavailable";
    default:
      return "unknown answer";
  }
}

const char* ReasonText(int32_t reason) {
  switch (reason) {
    case VSAPI_REASON_STAMP:
      return "stamp is current";
    case VSAPI_REASON_SCANNED:
      return "scanned";
    case VSAPI_REASON_DISABLED:
      return "scanning is off";
    case VSAPI_REASON_EXEMPT:
      return "released unscanned";
    case VSAPI_REASON_NO_VENDOR:
      return "no vendor";
    case VSAPI_REASON_FAILED:
      return "scan failed";
    case VSAPI_REASON_TIMED_OUT:
      return "timed out";
    case VSAPI_REASON_TOO_MANY:
      return "too many wait";
    case VSAPI_REASON_SHUTTING_DOWN:
      return "shutting down";
    case VSAPI_REASON_GONE:
      return "gone";
    case VSAPI_REASON_CHANGED:
      return "content changed";
    case VSAPI_REASON_READ_FAILED:
      return "content could not be read";
    case VSAPI_REASON_GRACE:
      return "its old stamp is good while background scanning catches up";
    case VSAPI_REASON_BEING_SCANNED:
      return "being scanned";
    case VSAPI_REASON_NOT_IN_PROFILE:
      return "not scanned in this profile";
    case VSAPI_REASON_EXCLUDED:
      return "excluded from scanning";
    case VSAPI_REASON_VENDOR_HANGS:
      return "the vendor hangs";
    case VSAPI_REASON_OLD_STAMP:
      return "its old stamp is good for opening";
    case VSAPI_REASON_OLD_ITEM:
      return "too old to be scanned when it is opened";
    case VSAPI_REASON_RTF_BODY:
      return "bodies in rich text are not scanned";
    default:
      return "unknown reason";
  }
}

const char* VerdictText(int32_t verdict) {
  switch (verdict) {
    case VSAPI_VERDICT_NONE:
      return "not judged";
    case VSAPI_VERDICT_CLEAN:
      return "clean";
    case VSAPI_VERDICT_CLEAN_PERMANENT:
      return "clean for ever";
    case VSAPI_VERDICT_CLEANED:
      return "cleaned";
    case VSAPI_VERDICT_INFECTED:
      return "infected";
    case VSAPI_VERDICT_SUSPICIOUS:
      return "suspicious";
    case VSAPI_VERDICT_BLOCKED:
      return "blocked";
    case VSAPI_VERDICT_DELETE_MESSAGE:
      return "delete message";
    case VSAPI_VERDICT_ENCRYPTED:
      return "encrypted";
    case VSAPI_VERDICT_OVER_LIMIT:
      return "over limit";
    case VSAPI_VERDICT_MALFORMED:
      return "malformed";
    case VSAPI_VERDICT_UNSUPPORTED:
      return "unsupported";
    default:
      return "unknown verdict";
  }
}

const char* AccessText(int32_t access) {
  switch (access) {
    case VSAPI_ACCESS_ON_DEMAND:
      return "on-demand";
    case VSAPI_ACCESS_TRANSPORT:
      return "transport";
    case VSAPI_ACCESS_PROACTIVE:
      return "proactive";
    case VSAPI_ACCESS_BACKGROUND:
      return "background";
    default:
      return "unknown access";
  }
}

const char* MessageText(int32_t answer) {
  switch (answer) {
    case VSAPI_MESSAGE_NONE:
      return "not judged";
    case VSAPI_MESSAGE_DELIVER:
      return "deliver";
    case VSAPI_MESSAGE_DELIVER_CLEANED:
      return "deliver cleaned";
    case VSAPI_MESSAGE_REPLACE_PARTS:
      return "replace parts";
    case VSAPI_MESSAGE_DELETE:
      return "delete";
    case VSAPI_MESSAGE_QUARANTINE:
      return "quarantine";
    case VSAPI_MESSAGE_REJECT:
      return "reject";
    case VSAPI_MESSAGE_DEFER:
      return "defer";
    default:
      return "unknown answer";
  }
}

std::string StatusText(int32_t status) {
  switch (status) {
    case VSAPI_OK:
      return "ok";
    case VSAPI_E_BUSY:
      return "busy";
    case VSAPI_E_READ_FAILED:
      return "read failed";
    case VSAPI_E_TIMEOUT:
      return "timed out";
    case VSAPI_E_CANCELLED:
      return "cancelled";
    case VSAPI_E_NO_ROOM:
      return "no room left on its disk";
    case VSAPI_E_READ_ONLY:
      return "it can't be written";
    case VSAPI_E_INTERNAL:
      return "internal error";
    case VSAPI_E_CONTRACT:
      return "contract broken";
    case VSAPI_E_NO_MEMORY:
      return "out of memory";
    case VSAPI_E_DAMAGED:
      return "damaged";
    case VSAPI_E_ABSENT:
      return "absent";
    case VSAPI_E_ARGUMENT:
      return "argument refused";
    case VSAPI_E_CHANGED:
      return "content changed";
    case VSAPI_E_GONE:
      return "gone";
    case VSAPI_E_STATE:
      return "not allowed now";
    default:
      return "status " + std::to_string(status);
  }
}

}  // namespace vsapi::engine
