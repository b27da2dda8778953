// SPDX-License-Identifier: Apache-2.0
//
// What a client gets of a message: it is given out only if all its items are allowed and they cover
// it beyond doubt; otherwise the
// worst of the answers about them is the message's. Infected (and deleted) is worse than
// unavailable, that is worse than in progress.
#pragma once

#include <span>
#include <string>

#include "mdb_rows.h"
#include "vsapi/host/engine.h"

namespace store_sim {

enum class Outcome { kAllowed, kInProgress, kUnavailable, kInfected };  // from best to worst

struct MessageAnswer {
  Outcome outcome = Outcome::kUnavailable;
  std::string text;  // one line, safe for a terminal: "infected Eicar in part 2 (a.zip)"
};

Outcome OutcomeOf(const vsapi::Decision& decision);
// Did a vendor say so? What is let out unjudged is not.
bool IsClean(const vsapi::Decision& decision);
// Of a command that asked for one message.
int ExitStatusOf(Outcome outcome);

// Is it about a content that is no longer there, while nothing was found in another? Then the
// message is to be read and asked for again.
bool HasChanged(std::span<const vsapi::Decision> decisions);
// In Profile 1.0 the client asks again, where later ones are woken (KB263949).
bool IsBeingScanned(std::span<const vsapi::Decision> decisions);
// How often it is asked for at most.
inline constexpr int kMostTries = 3;

// `decisions` about the parts of `message`, in their order.
MessageAnswer AnswerOf(const StoredMessage& message, std::span<const vsapi::Decision> decisions);

}  // namespace store_sim
