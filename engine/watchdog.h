// SPDX-License-Identifier: Apache-2.0
//
// Watches for calls that the vendor does not come back from. A scan that is past its time, and a
// call of the control thread that is, are told by an event while they hang; another thread takes
// the place of the one that hangs in a scan: of the pool, at most `MaxHungThreads` of them, or of
// an MDB's background, as long as that has sessions. Where one of the pool hangs that can't be
// replaced, clients that would have to wait get *in progress* at once.
//
// What makes it hang is poison. It ends nothing: the late result of a hung scan is applied as any
// other one, and its thread then ends.
//
// Thread safety: all of it from any thread, but Start and Stop belong to the engine.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <thread>

#include "background.h"
#include "faults.h"
#include "generations.h"
#include "on_demand.h"
#include "poison.h"
#include "scan_slots.h"
#include "worker_pool.h"

namespace vsapi::engine {

class Watchdog {
 public:
  // How often it looks, and how long after its time a call hangs.
  static constexpr auto kPeriod = std::chrono::seconds(1);
  static constexpr auto kGrace = std::chrono::seconds(1);

  struct Parts {
    ScanSlots& slots;
    Poison& poison;
    Faults& faults;
    Generations& generations;
    OnDemand& on_demand;
    Background& background;
    WorkerPool& pool;
    Clock& clock;
    EventLog& events;
  };
  explicit Watchdog(const Parts& parts) : parts_(parts) {}
  ~Watchdog() { Stop(); }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void Start();
  void Stop();

  // Scans that hang now, as at the last look.
  size_t hung() const { return hung_count_.load(std::memory_order_relaxed); }

 private:
  struct Hung {
    TimePoint began;  // what tells it from the session's next scan
    bool is_replaced = false;
  };

  void Run();
  void Look();
  void LookAtScans(TimePoint now);
  void Replace();
  void Tell(const ScanSlots::Overdue& overdue, TimePoint now);
  bool IsStuck() const;
  void SetStuck(bool stuck);
  size_t ReplacedOfPool() const;
  size_t MaxHung() const;
  void LookAtControl(TimePoint now);

  const Parts parts_;
  // Of its own thread.
  std::map<size_t, Hung> hung_;                // by session
  std::array<bool, kControlCalls> told_ = {};  // control calls that hang, and were told of
  bool is_stuck_ = false;

  std::atomic<size_t> hung_count_ = 0;  // what others may know
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ VSAPI_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vsapi::engine
