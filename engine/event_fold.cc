// SPDX-License-Identifier: Apache-2.0
#include "event_fold.h"

#include <algorithm>

namespace vsapi::engine {
namespace {

constexpr auto kPeriod = std::chrono::minutes(1);

}  // namespace

bool EventFold::Admit(const LoggedEvent& event, TimePoint now) {
  if (!KindOf(event.id).is_folded) return true;
  const std::pair same(event.id, event.what);
  const auto found = repeats_.find(same);
  const bool is_known = found != repeats_.end();
  if (is_known && (now < found->second.until || found->second.count > 0)) {
    ++found->second.count;
    return false;
  }
  if (is_known || repeats_.size() < kLimit)
    repeats_.insert_or_assign(same, Repeats{event, 0, now + kPeriod});
  return true;
}

std::vector<LoggedEvent> EventFold::TakeDue(TimePoint now, int64_t wall_ns) {
  std::vector<LoggedEvent> due;
  for (auto at = repeats_.begin(); at != repeats_.end();) {
    Repeats& repeats = at->second;
    if (now < repeats.until) {
      ++at;
    } else if (repeats.count == 0) {
      at = repeats_.erase(at);
    } else {
      due.push_back(Summary(repeats, wall_ns));
      repeats.count = 0;
      repeats.until = now + kPeriod;
      ++at;
    }
  }
  return due;
}

std::vector<LoggedEvent> EventFold::TakeAll(int64_t wall_ns) {
  std::vector<LoggedEvent> all;
  for (const auto& [key, repeats] : repeats_)
    if (repeats.count > 0) all.push_back(Summary(repeats, wall_ns));
  repeats_.clear();
  return all;
}

TimePoint EventFold::next() const {
  TimePoint next = TimePoint::max();
  for (const auto& [key, repeats] : repeats_) next = std::min(next, repeats.until);
  return next;
}

LoggedEvent EventFold::Summary(const Repeats& repeats, int64_t wall_ns) {
  LoggedEvent summary = repeats.first;
  const std::string count = std::to_string(repeats.count);
  summary.time_ns = wall_ns;
  summary.text = count + " more times within a minute: " + repeats.first.text;
  summary.fields = {{"repeated", count}};
  return summary;
}

}  // namespace vsapi::engine
