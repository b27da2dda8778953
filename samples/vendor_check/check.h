// SPDX-License-Identifier: Apache-2.0
//
// What a check is: one rule of the vendor contract, where it is written, and the function that
// tries a vendor by it. The function runs in a process of its own, so it may leave that in any
// state.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace vendor_check {

class Examination;

struct Check {
  const char* id;     // "group.name", stable
  const char* needs;  // the check without which this one can't be tried; "" for none
  const char* rule;   // one line
  const char* place;  // in api/include/vsapi: "abi/vendor.h: vsapi_vendor_table.scan"
  void (*run)(Examination& examination);

  std::string_view group() const {
    const std::string_view whole = id;
    return whole.substr(0, whole.find('.'));
  }
};

// Every check, in the order in which they are run: what others need stands before them.
const std::vector<Check>& AllChecks();

struct Sample {
  std::string name;
  std::string bytes;
};

// The vendor that is checked, and what the command line says about how.
struct Subject {
  std::string library;
  std::string parameters;
  std::vector<Sample> samples;
  bool expect_eicar = true;
  std::chrono::milliseconds limit{60'000};  // of one check

  // Of one scan: a vendor that spends it all still ends within the limit of the check.
  std::chrono::milliseconds budget() const { return limit / 4; }
};

}  // namespace vendor_check
