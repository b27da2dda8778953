// SPDX-License-Identifier: Apache-2.0
//
// What came of one check.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace vendor_check {

enum class Mark { kOk, kFail, kWarn, kSkip };

struct Outcome {
  Mark mark = Mark::kOk;
  std::vector<std::string> seen;   // what was against the rule, or why the check was skipped
  std::vector<std::string> notes;  // figures that are worth a look though nothing is wrong
  std::string output;              // what the vendor wrote to stdout and stderr
  std::chrono::milliseconds took{0};
};

}  // namespace vendor_check
