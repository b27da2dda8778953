// SPDX-License-Identifier: Apache-2.0
//
// What the engine relies on in a report, whatever the vendor or a worker process answered.
#ifndef VSAPI_TESTS_FUZZ_REPORTS_H_
#define VSAPI_TESTS_FUZZ_REPORTS_H_

#include "fuzz.h"
#include "text.h"
#include "vendor_call.h"

namespace vsapi::fuzz {

inline void RequireRules(const engine::ScanReport& report) {
  using engine::IsUtf8;
  Require(report.status != VSAPI_OK || report.verdict > VSAPI_VERDICT_NONE, "OK has a verdict");
  Require(report.status != VSAPI_OK || report.verdict <= VSAPI_VERDICT_UNSUPPORTED,
          "a verdict is a known one");
  Require(report.status != VSAPI_OK || report.scope == VSAPI_SCOPE_CONTENT ||
              report.scope == VSAPI_SCOPE_ITEM,
          "a scope too");
  Require(report.findings.size() <= 64, "findings are bounded");
  for (const engine::Finding& finding : report.findings) {
    Require(
        !finding.name.empty() && finding.name.size() < VSAPI_FINDING_SIZE && IsUtf8(finding.name),
        "a finding has a name of UTF-8");
    Require(finding.part_path.size() <= 500 && IsUtf8(finding.part_path), "a path is UTF-8");
  }
  Require(report.text.size() <= 500 && IsUtf8(report.text), "the text is bounded UTF-8");
  Require(report.replacement.empty() || report.verdict == VSAPI_VERDICT_CLEANED,
          "only what was cleaned is replaced");
}

}  // namespace vsapi::fuzz

#endif  // VSAPI_TESTS_FUZZ_REPORTS_H_
