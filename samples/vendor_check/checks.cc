// SPDX-License-Identifier: Apache-2.0
#include "checks.h"

namespace vendor_check {

const std::vector<Check>& AllChecks() {
  static const std::vector<Check> all = [] {
    std::vector<Check> checks;
    for (const auto& list : {EntryChecks(), LifeChecks(), AnswerChecks(), ContentChecks(),
                             ExtensionChecks(), ThreadChecks(), LeakChecks()})
      checks.insert(checks.end(), list.begin(), list.end());
    return checks;
  }();
  return all;
}

}  // namespace vendor_check
