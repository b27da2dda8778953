// SPDX-License-Identifier: Apache-2.0
//
// What a vendor answers, over all contents at hand and the samples of the command line: each check
// looks at one rule of the answers.
#include <algorithm>

#include "checks.h"
#include "host.h"
#include "words.h"

namespace vendor_check {
namespace {

constexpr size_t kLongestFinding = 95;

template <typename Judge>
void ForEachAnswer(Examination& examination, Judge judge) {
  Running running(examination);
  for (const Content& content : Contents(running.instance)) {
    for (const bool in_memory : {true, false}) {
      examination.Step("scan of " + content.name + (in_memory ? "" : " by reads"));
      judge(content, running.session->ScanPatiently(in_memory ? content : ByReads(content)));
    }
  }
}

// Statuses that no contract knows are left to the check after this one.
void Judged(Examination& examination) {
  ForEachAnswer(examination, [&](const Content& content, const Answer& answer) {
    examination.Expect(answer.status == VSAPI_OK || !IsKnownStatus(answer.status),
                       content.name + " gets no verdict in " + InMilliseconds(answer.took) + ": " +
                           answer.Describe());
  });
}

void KnownStatus(Examination& examination) {
  ForEachAnswer(examination, [&](const Content& content, const Answer& answer) {
    examination.Expect(IsKnownStatus(answer.status),
                       content.name + " gets the status " + std::to_string(answer.status));
  });
}

void VerdictIsSet(Examination& examination) {
  ForEachAnswer(examination, [&](const Content& content, const Answer& answer) {
    examination.Expect(answer.status != VSAPI_OK || answer.verdict != VSAPI_VERDICT_NONE,
                       content.name + " gets ok and no verdict");
  });
}

void KnownVerdict(Examination& examination) {
  ForEachAnswer(examination, [&](const Content& content, const Answer& answer) {
    examination.Expect(answer.status != VSAPI_OK || IsKnownVerdict(answer.verdict),
                       content.name + " gets the verdict " + std::to_string(answer.verdict));
    const bool known_scope =
        answer.scope == VSAPI_SCOPE_CONTENT || answer.scope == VSAPI_SCOPE_ITEM;
    examination.Expect(known_scope,
                       content.name + " gets the scope " + std::to_string(answer.scope));
  });
}

void Repeatable(Examination& examination) {
  Running running(examination);
  for (const Content& content : Contents(running.instance)) {
    const Answer first = running.session->ScanPatiently(content);
    const Answer second = running.session->ScanPatiently(content);
    examination.Expect(second.SaysTheSameAs(first), content.name + " gets " + first.Describe() +
                                                        ", and then " + second.Describe());
  }
}

bool NamesAThreat(const Answer& answer) {
  return answer.status == VSAPI_OK &&
         (answer.verdict == VSAPI_VERDICT_INFECTED || answer.verdict == VSAPI_VERDICT_CLEANED ||
          answer.verdict == VSAPI_VERDICT_DELETE_MESSAGE);
}

void FindingIsGiven(Examination& examination) {
  ForEachAnswer(examination, [&](const Content& content, const Answer& answer) {
    examination.Expect(!NamesAThreat(answer) || !answer.findings.empty(),
                       content.name + " is " + VerdictName(answer.verdict) + " by nothing");
  });
}

void CheckFinding(Examination& examination, const Content& content, const Finding& finding) {
  const std::string& name = finding.name;
  examination.Expect(!name.empty(), content.name + " has a finding without a name");
  examination.Expect(
      name.size() <= kLongestFinding,
      content.name + " has a finding whose name has " + std::to_string(name.size()) + " bytes");
  examination.Expect(IsUtf8(name),
                     content.name + " has a finding whose name is no UTF-8: " + Quoted(name));
  examination.Expect(
      finding.kind >= VSAPI_FINDING_THREAT && finding.kind <= VSAPI_FINDING_MALFORMED,
      content.name + " has a finding of the kind " + std::to_string(finding.kind));
}

void FindingNames(Examination& examination) {
  ForEachAnswer(examination, [&](const Content& content, const Answer& answer) {
    for (const Finding& finding : answer.findings) CheckFinding(examination, content, finding);
  });
}

void Replacement(Examination& examination) {
  ForEachAnswer(examination, [&](const Content& content, const Answer& answer) {
    if (answer.status != VSAPI_OK) return;
    const bool cleaned = answer.verdict == VSAPI_VERDICT_CLEANED;
    examination.Expect(!cleaned || !answer.replacement_refused,
                       content.name + " is cleaned although its replacement was refused");
    examination.Expect(!cleaned || answer.replacement, content.name +
                                                           " is cleaned, without a "
                                                           "replacement");
    examination.Expect(
        cleaned || !answer.replacement,
        content.name + " is " + VerdictName(answer.verdict) + ", with a replacement");
  });
}

void LateCalls(Examination& examination) {
  Host host(examination);
  const Library library(examination.subject().library);
  {
    Instance instance(host, library);
    instance.Start();
    Session session(instance);
    for (int round = 0; round < 2; ++round)
      for (const Content& content : Contents(instance)) session.ScanPatiently(content);
  }
  host.FailIfBlamed("scan.late-calls");
}

void Untouched(Examination& examination) {
  Running running(examination);
  for (const Content& content : Contents(running.instance)) {
    const std::string before = content.bytes;
    running.session->ScanPatiently(content);
    examination.Expect(content.bytes == before, content.name + " itself was written to");
  }
  running.host.FailIfBlamed("scan.untouched");
}

}  // namespace

std::vector<Check> AnswerChecks() {
  constexpr const char* kScan = "abi/vendor.h: vsapi_vendor_table.scan";
  constexpr const char* kFinding = "abi/scan.h: vsapi_finding.name";
  return {
      {"scan.judged", "life.start", "Every content gets its verdict within its budget",
       "abi/scan.h: vsapi_scan_request.budget_ns", Judged},
      {"scan.known-status", "scan.judged", "Every status is one of the contract's",
       "abi/base.h: VSAPI_OK, VSAPI_E_...", KnownStatus},
      {"scan.verdict-set", "scan.judged", "With ok there is a verdict", kScan, VerdictIsSet},
      {"scan.known-verdict", "scan.judged", "Every verdict is one of the contract's",
       "abi/verdict.h: VSAPI_VERDICT_...", KnownVerdict},
      {"scan.repeatable", "scan.judged", "The same content gets the same verdict again", kScan,
       Repeatable},
      {"scan.finding-given", "scan.judged", "What is infected is named", kFinding, FindingIsGiven},
      {"scan.finding-names", "scan.judged", "Findings are named by 1 to 95 bytes of UTF-8",
       kFinding, FindingNames},
      {"scan.replacement", "scan.judged", "There is a replacement with cleaned, and only then",
       "abi/scan.h: vsapi_scan_result_calls.write_replacement", Replacement},
      {"scan.late-calls", "scan.judged", "Nothing is called once scan has returned",
       "abi/scan.h: valid until scan returns", LateCalls},
      {"scan.untouched", "scan.judged",
       "Content, request, and the result's struct_size and calls are not written to",
       "abi/scan.h: vsapi_scan_request", Untouched},
  };
}

}  // namespace vendor_check
