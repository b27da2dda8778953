// SPDX-License-Identifier: GPL-2.0-only
#include "findings.h"

#include <algorithm>
#include <cstring>

namespace vsapi::clamav {
namespace {

struct Meaning {
  int32_t verdict;
  int32_t kind;
};

constexpr Meaning MeaningOf(Strength strength) {
  switch (strength) {
    case Strength::kInfected:
      return {VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT};
    case Strength::kSuspicious:
      return {VSAPI_VERDICT_SUSPICIOUS, VSAPI_FINDING_HEURISTIC};
    case Strength::kOverLimit:
      return {VSAPI_VERDICT_OVER_LIMIT, VSAPI_FINDING_LIMIT};
    case Strength::kEncrypted:
      return {VSAPI_VERDICT_ENCRYPTED, VSAPI_FINDING_ENCRYPTED};
    case Strength::kNothing:
      break;
  }
  return {VSAPI_VERDICT_NONE, 0};
}

char Printable(char c) { return c > ' ' && c <= '~' ? c : '?'; }

}  // namespace

Strength StrengthOf(std::string_view name) {
  if (name.starts_with("Heuristics.Limits.Exceeded")) return Strength::kOverLimit;
  if (name.starts_with("Heuristics.Encrypted.")) return Strength::kEncrypted;
  if (name.starts_with("Heuristics.") || name.starts_with("PUA.")) return Strength::kSuspicious;
  return Strength::kInfected;
}

void Findings::Add(std::string_view name) noexcept {
  if (name == "Heuristics.Limits.Exceeded.MaxScanTime") {
    time_ran_out_ = true;
    return;
  }
  Finding finding{StrengthOf(name), {}};
  std::transform(name.begin(), name.begin() + std::min(name.size(), sizeof finding.name - 1),
                 finding.name, Printable);
  if (Has(finding)) return;
  strongest_ = std::max(strongest_, finding.strength);
  if (Finding& slot = Slot(); slot.strength < finding.strength) slot = finding;
}

// A free one, or else the weakest: a real match must not be lost for want of room.
Findings::Finding& Findings::Slot() {
  if (count_ < found_.size()) return found_[count_++];
  return *std::ranges::min_element(found_, {}, &Finding::strength);
}

bool Findings::Has(const Finding& finding) const {
  return std::any_of(found_.begin(), found_.begin() + count_,
                     [&](const Finding& f) { return std::strcmp(f.name, finding.name) == 0; });
}

int32_t Findings::verdict() const { return MeaningOf(strongest_).verdict; }

void Findings::Report(vsapi_scan_result* result) const {
  for (const Strength strength :
       {Strength::kInfected, Strength::kSuspicious, Strength::kOverLimit, Strength::kEncrypted})
    for (size_t i = 0; i < count_; ++i) {
      if (found_[i].strength != strength) continue;
      const vsapi_finding finding{sizeof(vsapi_finding), MeaningOf(strength).kind, found_[i].name,
                                  nullptr};
      result->calls->add_finding(result, &finding);
    }
}

}  // namespace vsapi::clamav
