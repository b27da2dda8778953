// SPDX-License-Identifier: Apache-2.0
//
// Events for the host and the administrator. Logging never blocks a scan: each of the two has a
// queue and a thread of its own, and what they are too slow for is dropped and counted.
//
// Thread safety: Log, wanted and Configure from any thread.
#pragma once

#include <atomic>
#include <climits>
#include <functional>
#include <string>

#include "event_journal.h"
#include "event_queue.h"
#include "event_table.h"

namespace vsapi::engine {

// Whoever is told of events.
class EventTaker {
 public:
  virtual ~EventTaker() = default;
  // `what` is the {what} of the event's text in event_table.cc.
  virtual void Log(EventId id, std::string what = {}, EventFields fields = {}) = 0;
  // The same with another severity than the table's (for a vendor's own lines).
  virtual void Log(EventId id, int32_t severity, std::string what, EventFields fields) = 0;
};

class EventLog final : public EventTaker {
 public:
  using Sink = std::function<void(const vsapi_event&)>;
  using Fields = EventFields;

  // `sink` is the host's, and gets each event; null if there is none.
  EventLog(Clock& clock, Sink sink, EventJournal::Outputs outputs = {});
  ~EventLog() override;  // closes
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void Log(EventId id, std::string what = {}, Fields fields = {}) override;
  void Log(EventId id, int32_t severity, std::string what, Fields fields) override;
  // What goes to file, syslog and terminal. One thread at a time.
  void Configure(const EventJournal::Options& options);
  // Delivers what is queued, then nothing any more: the sink may go away. False if somebody does
  // not come back by `deadline`; then this object must stay. Any number of times, by one thread at
  // a time.
  bool Close(TimePoint deadline = TimePoint::max());
  // Is anybody going to see this event? Spares the making of its text.
  bool wanted(EventId id) const;

 private:
  class Host final : public EventReceiver {
   public:
    explicit Host(const Sink& sink) : sink_(sink) {}
    void Take(const LoggedEvent& event) override;

   private:
    const Sink& sink_;
  };

  static constexpr int32_t kOff = INT32_MAX;

  Clock& clock_;
  const Sink sink_;
  Host host_;
  EventJournal journal_;
  EventQueue host_queue_;
  EventQueue journal_queue_;
  std::atomic<int32_t> journal_level_ = kOff;  // the journal takes events from here on
  std::atomic<uint64_t> journal_options_ = 0;  // by number
};

}  // namespace vsapi::engine
