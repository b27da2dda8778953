// SPDX-License-Identifier: Apache-2.0
//
// What the program store_sim ends with.
#pragma once

namespace store_sim {

// kTrouble: the command failed, or it did its work but some messages had problems. From 10 on
// is what `open` was answered, from 20 on what `analyze` found, from 30 on what `check` did, from 40
// on what `simulate` did.
enum ExitStatus : int {
  kDone = 0,
  kTrouble = 1,
  kUsage = 2,
  kInfected = 10,
  kInProgress = 11,
  kUnavailable = 12,
  kFoundWarnings = 20,
  kFoundErrors = 21,
  kDamaged = 30,
  kExposed = 40,
  kLost = 41
};

}  // namespace store_sim
