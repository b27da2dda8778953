// SPDX-License-Identifier: Apache-2.0
//
// Streams the messages out of a mail file, one at a time, byte for byte as they stand there.
//
// An mbox is a file that begins with "From ". A message of it ends at a blank line followed by a
// line that begins with "From "; if the file's first such line bears a date, then so must the
// others. The "From " line and the blank line are the mbox's, everything between is the message.
// Quoted lines (">From ") stay quoted: mboxo and mboxrd can't be told apart, and only bytes left
// alone are surely right. Content-Length (mboxcl) is not believed.
//
// Any other file is one message, if its beginning looks like a header. Files in a Maildir are
// messages whatever they look like, unless they have NULs before the first line end.
//
// A message above the limit is reported and passed over without being held in memory.
//
// Thread safety: one thread.
#pragma once

#include <functional>
#include <string_view>

#include "mail_files.h"

namespace store_sim {

// The message is valid during the call.
using OnMessage = std::function<void(std::string_view raw, const Origin&)>;

inline constexpr uint64_t kDefaultLargestMessage = 256u << 20;
// SQLite's own limit for one value is a little below 1 GB.
inline constexpr uint64_t kMostLargestMessage = 900u << 20;

struct MailReaderOptions {
  uint64_t largest_message = kDefaultLargestMessage;
};

// Problems go to `on_problem`; what `on_message` throws goes through.
void ReadMail(const MailFile& file, const MailReaderOptions& options, const OnMessage& on_message,
              const OnProblem& on_problem);

}  // namespace store_sim
