// SPDX-License-Identifier: Apache-2.0
//
// Keeps a flood of one event from the administrator: the first is told, then for each minute how
// often it came again. Two events are the same if their numbers are and what their callers said is.
//
// Thread safety: none; one thread owns it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "clock.h"
#include "event_queue.h"

namespace vsapi::engine {

class EventFold {
 public:
  // Is it to be told? If not, it is counted.
  bool Admit(const LoggedEvent& event, TimePoint now);
  // What is to be told of the minutes that are over, or of all.
  std::vector<LoggedEvent> TakeDue(TimePoint now, int64_t wall_ns);
  std::vector<LoggedEvent> TakeAll(int64_t wall_ns);
  // When the next minute is over; max if nothing is counted.
  TimePoint next() const;

 private:
  struct Repeats {
    LoggedEvent first;
    uint64_t count = 0;
    TimePoint until;
  };
  static LoggedEvent Summary(const Repeats& repeats, int64_t wall_ns);

  static constexpr size_t kLimit = 1000;  // of a kind more, each one is told
  std::map<std::pair<EventId, std::string>, Repeats> repeats_;
};

}  // namespace vsapi::engine
