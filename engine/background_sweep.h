// SPDX-License-Identifier: Apache-2.0
//
// One MDB's background thread: sleeps until there is a reason for a pass, then walks over what the
// store calls stale and scans it, one item at a time. When a pass begins is told in background.h.
//
// Thread safety: Begin and JoinThread, or LeaveBehind, by the owner; the rest by any thread.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "background_follow_up.h"
#include "background_pace.h"
#include "background_retry.h"
#include "clock.h"
#include "counters.h"
#include "event_log.h"
#include "generations.h"
#include "in_flight.h"
#include "mdb.h"
#include "scan_queue.h"
#include "scanner.h"

namespace vsapi::engine {

class BackgroundSweep {
 public:
  // What all sweeps share; outlives them.
  struct Parts {
    InFlight& in_flight;
    ScanQueue& queue;
    Scanner& scanner;
    Generations& generations;
    Clock& clock;
    EventLog& events;
    Counters& counters;
  };

  // Scans with that session. Its thread calls `on_end` last.
  BackgroundSweep(const Parts& parts, uint32_t number, Mdb& mdb, size_t session,
                  std::function<void(BackgroundSweep&)> on_end);

  void Begin();
  // There may be a reason for a pass.
  void Look();
  // The proactive list was full for an item of this MDB.
  void Overflowed();
  // Another one goes over the MDB: the thread ends when its scan comes back, which still counts.
  void LeaveToAnother();
  // It is to end, or has.
  bool is_stopping() const { return stopping_; }
  // Ends the thread soon; its scan too, if that is for nobody else.
  void Stop();

  Mdb& mdb() const { return mdb_; }
  uint32_t number() const { return number_; }
  size_t session() const { return worker_.session(); }
  void JoinThread() { thread_.join(); }
  void LeaveBehind() { thread_.detach(); }

  static void Report(EventLog& events, const Mdb& mdb, const std::string& what);

 private:
  static constexpr size_t kPage = 64;  // items that are asked of the store at a time

  // What a pass goes over, as far as it is for the engine to say.
  struct Scope {
    uint64_t generation = 0;
    uint64_t isolations = 0;  // what only a worker process may scan waits for one
    uint64_t since = 0;       // vsapi_level.since_generation
    uint32_t wanted = 0;      // VSAPI_STALE_...
    uint64_t age_limit_s = 0;
    bool scans_rtf = true;
    bool operator==(const Scope&) const = default;
  };
  struct Totals {
    uint64_t scanned = 0;
    uint64_t found = 0;
    Duration walked = {};
  };

  void Run();
  bool CanWalk();
  bool AwaitReason();
  bool HasReasonLocked() VSAPI_REQUIRES(mutex_);
  TimePoint DueAgainAt();
  bool IsOn() const;
  Scope ScopeNow() const;
  vsapi_level LevelNow() const;
  void Pass();
  bool Walk(Totals& totals);
  bool AwaitTurn();
  size_t NextPage(vsapi_key& cursor);
  vsapi_stale_page BlankPage(const vsapi_key& cursor);
  size_t Accept(int32_t status, const vsapi_stale_page& page, vsapi_key& cursor);
  void ScanItem(const vsapi_item& item, Totals& totals);
  Scanner::Ran ScanTaken(const Taken& taken);
  void LogBegun();
  void LogEnded(const Totals& totals, TimePoint begun, const char* how);

  const Parts parts_;
  const uint32_t number_;  // of the MDB
  Mdb& mdb_;
  const std::function<void(BackgroundSweep&)> on_end_;
  Worker worker_;
  std::array<vsapi_item, kPage> items_ = {};
  BackgroundPace pace_;
  BackgroundRetry retry_;
  BackgroundFollowUp follow_up_;
  Scope passed_;  // that of the last whole pass when it began; generation 0: none counts

  std::atomic<bool> stopping_ = false;    // set once; read by whatever the thread does
  std::atomic<bool> overflowed_ = false;  // set by others; taken back when a pass begins
  Mutex mutex_;
  CondVar wake_;
  Taken scans_ VSAPI_GUARDED_BY(mutex_);  // what it has at the vendor
  std::thread thread_;
};

}  // namespace vsapi::engine
