// SPDX-License-Identifier: Apache-2.0
//
// Takes events from any thread to one that has time: a ring of 4,096, and a thread that empties it
// into a receiver. Putting never waits: where the ring is full, the event is dropped and counted.
//
// Thread safety: Put from any thread, Start and Close from one at a time; the receiver is called on
// the queue's thread alone.
#pragma once

#include <atomic>
#include <boost/lockfree/queue.hpp>
#include <string>
#include <thread>

#include "clock.h"
#include "event_table.h"

namespace vsapi::engine {

// One event as it happened.
struct LoggedEvent {
  EventId id;
  int32_t severity;
  int64_t time_ns;  // since 1970 UTC
  std::string text;
  EventFields fields;
  std::string what;  // the caller's part of the text
  // Number of the journal's options that were in force when it was logged; else the last ones.
  uint64_t options = UINT64_MAX;
};

LoggedEvent MakeEvent(EventId id, int32_t severity, int64_t time_ns, std::string what,
                      EventFields fields);

class EventReceiver {
 public:
  virtual ~EventReceiver() = default;
  virtual void Take(const LoggedEvent& event) = 0;
  // When all there was has been taken; returns when it wants to be called at the latest.
  virtual TimePoint Idle(TimePoint) { return TimePoint::max(); }
  // After the last event.
  virtual void End() {}
};

class EventQueue {
 public:
  EventQueue(Clock& clock, EventReceiver& receiver, const char* thread_name);
  ~EventQueue();  // closes
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  // Before the first Put; again does nothing.
  void Start();
  void Put(LoggedEvent event);
  // Delivers what was put, then nothing any more. False if the receiver does not come back by
  // `deadline`: then it is not called again, and this object must stay.
  bool Close(TimePoint deadline);

 private:
  void Run();
  void TakeAll();
  void TellDropped();
  bool Await(uint64_t seen, TimePoint until);

  static constexpr size_t kLimit = 4096;
  using Ring = boost::lockfree::queue<LoggedEvent*, boost::lockfree::fixed_sized<true>>;

  Clock& clock_;
  EventReceiver& receiver_;
  const char* const thread_name_;
  Ring ring_{kLimit};
  // Put raises `put_` and then looks at `sleeping_`; the thread sets `sleeping_` and then looks at
  // `put_`: one of them sees the other.
  std::atomic<uint64_t> put_ = 0;
  std::atomic<bool> sleeping_ = false;
  std::atomic<uint64_t> dropped_ = 0;
  std::atomic<bool> closing_ = false;
  std::atomic<bool> abandoned_ = false;  // the receiver may be gone

  Mutex mutex_;
  CondVar wake_, ended_changed_;
  bool ended_ VSAPI_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vsapi::engine
