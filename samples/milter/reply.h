// SPDX-License-Identifier: Apache-2.0
//
// What the MTA is answered about a message, and what its sender reads then.
//
// Thread safety: values and pure functions.
#pragma once

#include <string>

#include "rewrite.h"
#include "vsapi/host/engine.h"

namespace store_milter {

struct Reply {
  enum class Kind {
    kDeliver,         // as it is
    kDeliverChanged,  // as `rewrite` says
    kDiscard,         // told to have been delivered, and gone
    kQuarantine,      // kept for the administrator by the MTA, told to have been delivered
    kReject,          // refused for good
    kDefer,           // to be sent again
  };

  Kind kind = Kind::kDefer;
  // Of an SMTP reply, RFC 5321 and RFC 3463; of kReject and kDefer.
  std::string code = {};
  std::string status = {};
  std::string text = {};  // one line of plain ASCII; of kQuarantine the reason
  Rewrite rewrite = {};
};

// But for what is to be replaced, which is delivered once it was.
Reply ReplyTo(const vsapi::MessageDecision& decision);

Reply Quarantine(const std::string& reason);
Reply TooLarge();
// It could not be looked at, by our fault.
Reply Failed();

// "deliver", "reject" ... static text.
const char* NameOf(Reply::Kind kind);

// A stranger's text in a line of SMTP: printable ASCII, at most 80 bytes. libmilter gives a percent
// sign a meaning of its own.
std::string ForSmtp(const std::string& text);

}  // namespace store_milter
