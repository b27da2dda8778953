// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a message that was judged on its way: into the store with the stamps of its
// contents, so that nothing is scanned there again; on to the next host, with a stamp in its
// header; or with its parts replaced. Each can be done again after a crash, to the same effect.
//
// Thread safety: any thread.
#pragma once

#include <optional>
#include <string>

#include "scanning.h"
#include "transit_mail.h"

namespace store_sim {

// The mailbox of an address: what stands before its last "@". Throws Error where that is nothing.
std::string MailboxOf(const std::string& address);

// One message in all its mailboxes, or in none; with the stamps that `decision` gives.
void DeliverInto(const Store& store, Scanning& scanning, const TransitMail& mail,
                 const vsapi::MessageDecision& decision);

// A file of the folder `relay`, complete when it is there. With a key a clean message says in its
// header who judged it; not a byte beside that is another.
void RelayTo(const TransitMail& mail, int64_t number, const vsapi::MessageDecision& decision,
             const std::optional<std::string>& key);

// The message with those parts replaced that `decision` names; none: it can't be made so.
std::optional<std::string> WithPartsReplaced(const TransitMail& mail, int64_t number,
                                             const vsapi::MessageDecision& decision);

// The sender's notice that the message was refused; none where nobody wants to know.
std::optional<QueuedMessage> BounceOf(const QueuedMessage& message, const TransitMail& mail,
                                      const std::string& why);

}  // namespace store_sim
