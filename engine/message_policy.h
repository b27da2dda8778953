// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a message on its way, when each of its parts, and the message whole, has its
// answer by the transport column of policy.h. engine/README.md shows the table.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vsapi::engine {

// What the administrator chose.
enum class InfectedMessage : uint8_t { kReject, kQuarantine, kReplacePart };
enum class GivenUpMessage : uint8_t { kQuarantine, kReject, kDeliver };

// A part with its answer.
struct AnsweredPart {
  int32_t kind;     // VSAPI_ITEM_...
  int32_t answer;   // VSAPI_ANSWER_...
  bool is_cleaned;  // there is a replacement for it
};

struct MessageFate {
  int32_t answer;     // VSAPI_MESSAGE_...
  size_t decided_by;  // the part that decided
};

// The worst part decides: delete, infected, not judged, cleaned. Where parts are replaced, they
// explain the finding in the whole: what comes of it is submitted again.
MessageFate FateOf(std::span<const AnsweredPart> parts, InfectedMessage infected);

// VSAPI_MESSAGE_...
int32_t AnswerFor(GivenUpMessage given_up);

// What is to be done to part `at` in a message of that fate: VSAPI_ACTION_STAMP, _REPLACE or
// _REPLACE_BY_NOTICE. Never to the whole and to parts of it at once.
int32_t PartActionFor(const MessageFate& fate, std::span<const AnsweredPart> parts, size_t at);

// VSAPI_MESSAGE_... as a vsapi_decision's code.
uint32_t MessageCodeOf(int32_t answer);

}  // namespace vsapi::engine
