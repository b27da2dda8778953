// SPDX-License-Identifier: Apache-2.0
#include "runner.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "child.h"
#include "examination.h"

namespace vendor_check {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr size_t kOutputKept = 4'000;

// The end of what was written: there stands why.
void Keep(const std::string& written, std::string* output) {
  *output += written;
  if (output->size() > kOutputKept) output->erase(0, output->size() - kOutputKept);
}

std::string InSeconds(milliseconds limit) { return std::to_string(limit.count() / 1000) + " s"; }

// A check that did not come to its end failed, and at what it was doing.
Outcome Cut(const Listener& listener, const std::string& how) {
  Outcome outcome = listener.outcome;
  outcome.mark = Mark::kFail;
  const std::string where = listener.step().empty() ? "" : ", at: " + listener.step();
  outcome.seen.push_back("the process " + how + where);
  return outcome;
}

}  // namespace

Outcome RunAlone(const Check& check, const Subject& subject) {
  const auto began = Clock::now();
  Child child([&](int channel) { Examination(subject, channel).Run(check); });
  Listener listener;
  std::string output;
  const bool ended = child.Wait(
      began + subject.limit, [&](const std::string& said) { listener.Hear(said); },
      [&](const std::string& written) { Keep(written, &output); });
  Outcome outcome = listener.ended() ? listener.outcome
                    : ended          ? Cut(listener, child.HowItEnded())
                            : Cut(listener, "had not ended after " + InSeconds(subject.limit));
  outcome.output = output;
  outcome.took = duration_cast<milliseconds>(Clock::now() - began);
  return outcome;
}

std::vector<Ran> RunAll(const std::vector<const Check*>& checks, const Subject& subject,
                        const std::function<void(const Ran&)>& tell) {
  std::vector<Ran> all;
  std::map<std::string_view, bool> missing;  // by id: failed, or could not be tried itself
  for (const Check* check : checks) {
    Ran ran{check, {}};
    if (missing[check->needs]) {
      ran.outcome.mark = Mark::kSkip;
      ran.outcome.seen.push_back(std::string("needs ") + check->needs);
      missing[check->id] = true;
    } else {
      ran.outcome = RunAlone(*check, subject);
      missing[check->id] = ran.outcome.mark == Mark::kFail;
    }
    tell(ran);
    all.push_back(ran);
  }
  return all;
}

}  // namespace vendor_check
