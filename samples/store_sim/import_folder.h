// SPDX-License-Identifier: Apache-2.0
//
// In which folder of a mailbox an imported message stands: a tree of files becomes a tree of
// folders.
//
// Thread safety: pure functions.
#pragma once

#include <string>

#include "mail_files.h"

namespace store_sim {

// Below `base`, which is "" where the user named none: then what stands right at the path that was
// given goes to the Inbox, and what other mail programs call "Sent" to "Sent Items". An mbox within
// a tree is a folder of its own.
std::string FolderOf(const MailFile& file, const Origin& origin, const std::string& base);

}  // namespace store_sim
