// SPDX-License-Identifier: Apache-2.0
//
// Events for the administrator: stable ids, one table (event_log.cc), handed to the host's sink one
// at a time on a thread of the log's own. Logging never blocks a scan: when the host is slow and
// 4,096 events wait, further ones are dropped and counted.
//
// Thread safety: Log from any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "clock.h"
#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {

enum class EventId : uint32_t {
  kEngineStarted = 1000,
  kEngineStopped = 1001,
  kSettingWrong = 1002,
  kSettingsMalformed = 1003,
  kStateNotKept = 1004,
  kSettingsChanged = 1005,
  kReloadNowStays = 1006,
  kVendorLoaded = 1010,
  kVendorRefused = 1011,
  kVendorRetired = 1012,
  kNoVendor = 1013,
  kVendorSays = 1014,
  kReloadWaits = 1015,
  kVirusFound = 1020,
  kItemScanned = 1021,
  kNotJudged = 1022,
  kContractBroken = 1030,
  kOutcomeNotWritten = 1032,
  kThreadsAbandoned = 1033,
  kEventsDropped = 1034,
  kScanFailed = 9874,  // Exchange's number for an unexpected error while a queued item is processed
};

// Severity and category of an event; the text is written where it happens.
struct EventKind {
  EventId id;
  int32_t severity;
  const char* category;
};
const EventKind& KindOf(EventId id);

class EventLog {
 public:
  using Sink = std::function<void(const vsapi_event&)>;
  using Fields = std::vector<std::pair<std::string, std::string>>;

  // Without a sink nothing is kept.
  EventLog(Clock& clock, Sink sink);
  ~EventLog();  // closes
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void Log(EventId id, std::string text, Fields fields = {});
  // The same with another severity than the table's (for a vendor's own lines).
  void Log(EventId id, int32_t severity, std::string text, Fields fields);
  // Delivers what is queued, then nothing any more: the sink may go away. Any number of times, by
  // one thread at a time.
  void Close();
  // Is anybody going to see an event of this kind? Spares the making of its text.
  bool wanted() const { return sink_ != nullptr; }

 private:
  struct Entry {
    EventKind kind;
    int64_t time_ns;
    std::string text;
    Fields fields;
  };

  void Run();
  void Deliver(const Entry& entry) const;

  static constexpr size_t kLimit = 4096;
  Clock& clock_;
  const Sink sink_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Entry> queue_ VSAPI_GUARDED_BY(mutex_);
  uint64_t dropped_ VSAPI_GUARDED_BY(mutex_) = 0;
  bool stopping_ VSAPI_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vsapi::engine
