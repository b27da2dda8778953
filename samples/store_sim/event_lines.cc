// SPDX-License-Identifier: Apache-2.0
#include "event_lines.h"

#include "display.h"

namespace store_sim {
namespace {

// engine/README.md has the table.
constexpr uint32_t kNoVendor = 1013;
constexpr uint32_t kVirusFound = 1020;
constexpr uint32_t kNotJudged = 1022;

const char* NameOf(int32_t severity) {
  if (severity >= VSAPI_SEVERITY_ERROR) return "error";
  return severity == VSAPI_SEVERITY_WARNING ? "warning" : "event";
}

std::string Line(const vsapi::Event& event, bool with_fields) {
  std::string line = std::string(NameOf(event.severity)) + " " + std::to_string(event.id) + ": " +
                     ForDisplay(event.text);
  for (size_t i = 0; with_fields && i < event.field_count; ++i) {
    const vsapi_event_field& field = event.fields[i];
    line += std::string("  ") + field.name + "=" + ForDisplay(field.value, 80);
  }
  return line;
}

}  // namespace

bool EventLines::IsWanted(const vsapi::Event& event) const {
  if (which_ == Which::kAll) return event.severity >= VSAPI_SEVERITY_INFO;
  // "There is no vendor" follows from "a vendor was refused", which says more.
  if (event.severity < VSAPI_SEVERITY_WARNING || event.id == kNoVendor) return false;
  const bool about_a_finding = event.id == kVirusFound || event.id == kNotJudged;
  return which_ == Which::kProblems || !about_a_finding;
}

void EventLines::Show(const vsapi::Event& event) {
  if (!IsWanted(event)) return;
  const std::string line = Line(event, which_ == Which::kAll);
  if (which_ == Which::kAll || IsNew(event.id, line)) Tell(line);
}

bool EventLines::IsNew(uint32_t id, const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (told_.contains(line)) return false;
  if (++seen_[id] > kMostOfAKind) return false;
  told_.insert(line);
  return true;
}

void EventLines::Finish() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, count] : seen_) {
    if (count > kMostOfAKind && which_ != Which::kAll) {
      Tell(std::to_string(count - kMostOfAKind) + " more of event " + std::to_string(id) +
           "; --verbose shows them all");
    }
    count = 0;
  }
}

}  // namespace store_sim
