// SPDX-License-Identifier: Apache-2.0
#include "open_report.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "display.h"

namespace store_sim {
namespace {

constexpr size_t kMostNames = 20;
constexpr size_t kTotalWidth = 16;

bool IsNotJudged(int32_t verdict) {
  return verdict == VSAPI_VERDICT_ENCRYPTED || verdict == VSAPI_VERDICT_UNSUPPORTED ||
         verdict == VSAPI_VERDICT_OVER_LIMIT || verdict == VSAPI_VERDICT_MALFORMED;
}

void Total(std::ostream& out, const std::string& title, const std::string& text) {
  out << title << std::string(title.size() < kTotalWidth ? kTotalWidth - title.size() : 1, ' ')
      << text << '\n';
}

std::string Rounded(double number) {
  std::array<char, 48> text;
  std::snprintf(text.data(), text.size(), number < 100 ? "%.1f" : "%.0f", number);
  return text.data();
}

std::string MeanMilliseconds(uint64_t sum_ns, uint64_t count) {
  if (count == 0) return "-";
  return Rounded(static_cast<double>(sum_ns) / static_cast<double>(count) / 1e6) + " ms on average";
}

// "encrypted 3, over limit 1"
std::string List(const std::map<std::string, uint64_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    text += (text.empty() ? "" : ", ") + name + " " + std::to_string(count);
  }
  return text;
}

void PrintNames(std::ostream& out, const std::map<std::string, uint64_t>& findings) {
  std::vector<std::pair<std::string, uint64_t>> names(findings.begin(), findings.end());
  std::stable_sort(names.begin(), names.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  const size_t shown = std::min(names.size(), kMostNames);
  for (size_t i = 0; i < shown; ++i) {
    Total(out, "", std::to_string(names[i].second) + "  " + names[i].first);
  }
  if (shown < names.size()) {
    Total(out, "", "and " + std::to_string(names.size() - shown) + " more names");
  }
}

}  // namespace

void OpenReport::Add(const StoredMessage& message, std::span<const vsapi::Decision> decisions,
                     Outcome outcome) {
  Count(outcome);
  const size_t count = std::min(message.parts.size(), decisions.size());
  for (size_t i = 0; i < count; ++i) CountItem(message.parts[i], decisions[i]);
}

void OpenReport::Count(Outcome outcome) {
  ++messages_;
  ++outcomes_[static_cast<size_t>(outcome)];
}

void OpenReport::CountItem(const StoredPart& part, const vsapi::Decision& decision) {
  ++items_;
  bytes_ += part.size;
  const int32_t verdict = decision.verdict;
  if (verdict == VSAPI_VERDICT_NONE) {
    ++unscanned_;
  } else if (verdict == VSAPI_VERDICT_CLEAN || verdict == VSAPI_VERDICT_CLEAN_PERMANENT) {
    ++clean_;
  } else if (IsNotJudged(verdict)) {
    ++not_judged_[vsapi_verdict_text(verdict)];
  } else {
    ++infected_;
    const std::string kind = verdict == VSAPI_VERDICT_INFECTED
                                 ? ""
                                 : std::string(" (") + vsapi_verdict_text(verdict) + ")";
    ++findings_[ForDisplay(decision.finding) + kind];
  }
}

Counters OpenReport::SinceBegin() const {
  Counters counters = CountersOf(engine_);
  for (auto& [name, value] : counters) {
    const auto before = before_.find(name);
    if (before != before_.end()) value -= std::min(value, before->second);
  }
  return counters;
}

void OpenReport::Print(std::ostream& out) const {
  const auto took = std::chrono::steady_clock::now() - began_;
  const double seconds = std::max(std::chrono::duration<double>(took).count(), 1e-9);
  Counters counters = SinceBegin();
  const uint64_t calls = counters["Virus Scan Files Scanned"];
  const uint64_t scanned = counters["Virus Scan Bytes Scanned"];
  const auto of = [this](Outcome outcome) {
    return std::to_string(outcomes_[static_cast<size_t>(outcome)]);
  };
  Total(out, "messages",
        std::to_string(messages_) + ": " + of(Outcome::kAllowed) + " allowed, " +
            of(Outcome::kInfected) + " infected, " + of(Outcome::kInProgress) + " in progress, " +
            of(Outcome::kUnavailable) + " unavailable");
  Total(out, "items", std::to_string(items_) + ", " + FormatBytes(bytes_));
  Total(out, "  clean", std::to_string(clean_));
  Total(out, "  infected", std::to_string(infected_));
  PrintNames(out, findings_);
  Total(out, "  not judged", not_judged_.empty() ? "0" : List(not_judged_));
  if (unscanned_ > 0) Total(out, "  not scanned", std::to_string(unscanned_));
  Total(out, "stamp hits", std::to_string(counters["Stamp Hits"]));
  Total(out, "vendor calls", std::to_string(calls) + ", " + FormatBytes(scanned));
  if (const uint64_t failed = counters["Scans Failed"]) {
    Total(out, "  failed", std::to_string(failed));
  }
  Total(out, "  scan rate",
        calls == 0 ? "-"
                   : Rounded(static_cast<double>(scanned) / 1e6 / seconds) + " MB/s, " +
                         Rounded(static_cast<double>(calls) / seconds) + " items/s");
  Total(out, "  queue wait", MeanMilliseconds(counters["Queue Wait Nanoseconds"], calls));
  Total(out, "  vendor time", MeanMilliseconds(counters["Vendor Nanoseconds"], calls));
  Total(out, "time", Rounded(seconds) + " s");
}

}  // namespace store_sim
