// SPDX-License-Identifier: Apache-2.0
//
// The checks by file; checks.cc puts them together.
#pragma once

#include <vector>

#include "check.h"

namespace vendor_check {

std::vector<Check> EntryChecks();
std::vector<Check> LifeChecks();
std::vector<Check> ExtensionChecks();
std::vector<Check> ContentChecks();
std::vector<Check> AnswerChecks();
std::vector<Check> ThreadChecks();
std::vector<Check> LeakChecks();

}  // namespace vendor_check
