// SPDX-License-Identifier: Apache-2.0
//
// Keeps the events that an engine tells, for a test to look at.
//
// Thread safety: all of it from any thread.
#ifndef VSAPI_TESTS_SUPPORT_RECORDED_EVENTS_H_
#define VSAPI_TESTS_SUPPORT_RECORDED_EVENTS_H_

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "event_log.h"
#include "support/gate.h"

namespace vsapi::test {

struct RecordedEvent {
  engine::EventId id = {};
  int32_t severity = 0;
  int64_t time_ns = 0;
  std::string category;
  std::string text;
  std::map<std::string, std::string> fields;
};

class RecordedEvents {
 public:
  // Outlives the log that it is given to.
  engine::EventLog::Sink sink() {
    return [this](const vsapi_event& event) { Add(event); };
  }
  std::vector<RecordedEvent> all() const {
    const engine::MutexLock lock(mutex_);
    return events_;
  }
  // Until an event of this kind has come; returns the first one. After kPatience the test fails.
  RecordedEvent Await(engine::EventId id) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    const engine::MutexLock lock(mutex_);
    for (size_t seen = 0; HasMoreLocked(seen, end); ++seen)
      if (events_[seen].id == id) return events_[seen];
    ADD_FAILURE() << "no event " << static_cast<uint32_t>(id) << " has come";
    return {};
  }

 private:
  void Add(const vsapi_event& event) {
    RecordedEvent recorded{static_cast<engine::EventId>(event.id),
                           event.severity,
                           event.time_ns,
                           event.category,
                           event.text,
                           {}};
    for (size_t i = 0; i < event.field_count; ++i)
      recorded.fields[event.fields[i].name] = event.fields[i].value;
    const engine::MutexLock lock(mutex_);
    events_.push_back(std::move(recorded));
    added_.NotifyAll();
  }

  bool HasMoreLocked(size_t seen, std::chrono::steady_clock::time_point end)
      VSAPI_REQUIRES(mutex_) {
    while (seen == events_.size() && std::chrono::steady_clock::now() < end)
      added_.WaitUntil(mutex_, end);
    return seen < events_.size();
  }

  mutable engine::Mutex mutex_;
  engine::CondVar added_;
  std::vector<RecordedEvent> events_;
};

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_RECORDED_EVENTS_H_
