// SPDX-License-Identifier: Apache-2.0
//
// What is printed: for people as it goes, for machines at the end, and the list of all checks.
#pragma once

#include <ostream>
#include <vector>

#include "runner.h"

namespace vendor_check {

// A line for the check, and what was wrong below it.
void PrintForPeople(std::ostream& out, const Ran& ran);
void PrintSummary(std::ostream& out, const std::vector<Ran>& all);
void PrintJson(std::ostream& out, const Subject& subject, const std::vector<Ran>& all);
void PrintList(std::ostream& out);

}  // namespace vendor_check
