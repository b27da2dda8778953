// SPDX-License-Identifier: Apache-2.0
//
// What follows from a scan, as data: the store outcome depends on the condition alone, the answer
// on each waiter's access class too. The table in policy.cc is the one of the design;
// engine/README.md shows it.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>

#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {

// How a request ended. Verdicts and failures meet here and nowhere else.
enum class Condition : uint8_t {
  kClean,
  kCleaned,
  kInfected,
  kDeleteMessage,
  kSuspicious,
  kEncrypted,
  kUnsupported,
  kOverLimit,
  kMalformed,
  kFailed,
  kTimedOut,
  kNoVendor,
  kDisabled,
};
inline constexpr int kConditions = static_cast<int>(Condition::kDisabled) + 1;

// What the administrator chose; the policy's only settings.
enum class InfectedAction : uint8_t { kReplaceByNotice, kQuarantine, kDeletePart };
struct PolicySettings {
  InfectedAction infected = InfectedAction::kReplaceByNotice;
  bool delete_message = false;  // EnableScanDeletion, and the profile allows it (2.5 and later)
};

// VSAPI_ACTION_..., or 0: nothing is to be written.
int32_t ActionFor(Condition condition, const PolicySettings& settings);

// VSAPI_ANSWER_... for one waiter.
int32_t AnswerFor(Condition condition, int32_t access, const PolicySettings& settings);

// Replication, backup, moves and the system itself get content without a scan.
bool IsExempt(int32_t access);

// An unknown verdict is not clean.
Condition ConditionOf(int32_t verdict);

// A store's status: the item is gone, or holds other content. That is an answer, and no failure.
bool IsNotThere(int32_t status);

// What a MAPI client sees.
uint32_t CodeOf(int32_t answer);

}  // namespace vsapi::engine
