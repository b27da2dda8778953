// SPDX-License-Identifier: Apache-2.0
//
// What a rule means when it matches, in the words of the contract; found out once, at start. Pure
// functions.
#ifndef VSAPI_VENDOR_DLL_YARA_MEANING_H_
#define VSAPI_VENDOR_DLL_YARA_MEANING_H_

#include <yara.h>

#include <cstdint>
#include <string>
#include <vector>

namespace vsapi::yara {

// Namespaces that are not part of a rule's name begin like this: no file's name can.
inline constexpr char kUnnamedSpace = '/';

struct Meaning {
  std::string name;  // "rule" or "namespace:rule"
  int32_t verdict;   // VSAPI_VERDICT_...
  int32_t kind;      // VSAPI_FINDING_...
  int strength;      // a stronger one decides over a weaker one
};

// By the rule's place in `rules`. Throws Failure for a meta `verdict` that is none.
std::vector<Meaning> MeaningsOf(const YR_RULES& rules);

}  // namespace vsapi::yara

#endif  // VSAPI_VENDOR_DLL_YARA_MEANING_H_
