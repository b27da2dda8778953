// SPDX-License-Identifier: Apache-2.0
//
// Runs checks, each in a process of its own: a vendor that crashes, ends the process or hangs fails
// that one check. The calling process never loads the vendor, and must have no other threads.
#pragma once

#include <functional>
#include <vector>

#include "check.h"
#include "outcome.h"

namespace vendor_check {

// Runs one check to its end or the end of its time. Throws std::system_error if that can't be done.
Outcome RunAlone(const Check& check, const Subject& subject);

struct Ran {
  const Check* check;
  Outcome outcome;
};

// Runs `checks` in turn, skips those whose need was not met, and tells of each when it is over.
std::vector<Ran> RunAll(const std::vector<const Check*>& checks, const Subject& subject,
                        const std::function<void(const Ran&)>& tell);

}  // namespace vendor_check
