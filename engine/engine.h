// SPDX-License-Identifier: Apache-2.0
//
// The engine: wires the parts, starts and stops them. No logic of its own.
//
// Thread safety: all of it from any thread, but destruction.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>

#include "background.h"
#include "clock.h"
#include "counters.h"
#include "event_log.h"
#include "generations.h"
#include "histograms.h"
#include "in_flight.h"
#include "mdb.h"
#include "on_demand.h"
#include "platform.h"
#include "poison.h"
#include "proactive.h"
#include "scan_queue.h"
#include "scan_slots.h"
#include "scanner.h"
#include "transport.h"
#include "watchdog.h"
#include "worker_pool.h"

namespace vsapi::engine {

class Engine {
 public:
  struct Options {
    Generations::Source source;
    EventLog::Sink on_event;
    std::string server = {};  // its name for vendors
  };

  // Null with `problem` filled if the settings are wrong. `clock` outlives the engine.
  static std::unique_ptr<Engine> Create(Options options, Clock& clock, std::string& problem);

  // False if threads had to be left behind in the vendor; the engine must then never be destroyed.
  bool Shutdown(Duration deadline);
  // For an engine that stays in memory: its host's sink may be gone.
  void CloseEvents() { events_.Close(clock_.Now()); }

  uint32_t Attach(const std::string& name, const vsapi_store_table& table, void* store);
  void Detach(Mdb& mdb);
  Mdb* Find(uint32_t mdb) const { return mdbs_.Find(mdb); }

  OnDemand& on_demand() { return on_demand_; }
  Proactive& proactive() { return proactive_; }
  Transport& transport() { return transport_; }
  Generations& generations() { return generations_; }
  const Counters& counters() const { return counters_; }
  const Histograms& histograms() const { return histograms_; }
  const Faults& faults() const { return faults_; }
  void FillStatus(vsapi_status_report& report) const;
  std::array<vsapi_vendor_times, kControlCalls> ControlTimes() const;
  size_t in_flight() const { return in_flight_.size(); }
  ScanQueue::Depth depth() const { return queue_.depth(); }

 private:
  Engine(Options options, Clock& clock);
  void TakeWhatWasLeftBehind();
  void Changed();
  void Start();
  size_t ThreadsWanted();
  size_t SessionsWanted();
  size_t LookForThreadsWanted();
  int32_t ThreadsBy() const;
  uint32_t MdbsCatchingUp() const;
  void ResizePool();
  bool StopBy(TimePoint end);
  void AnswerLeftOvers();

  // In this order: each uses those above it, and is gone before them.
  Clock& clock_;
  const std::string server_;
  EventLog events_;
  Counters counters_;
  Histograms histograms_;
  std::string slots_problem_;  // why they are in memory alone
  ScanSlots slots_;
  Poison poison_;
  Faults faults_;
  Generations generations_;
  ScanQueue queue_;
  InFlight in_flight_;
  Submissions submissions_;
  MdbTable mdbs_;
  Scanner scanner_;
  OnDemand on_demand_;
  Transport transport_;
  Background background_;
  Proactive proactive_;
  WorkerPool pool_;
  Watchdog watchdog_;

  // As at the last look, so that one look's sessions and threads fit; by Start, then by the control
  // thread, read by any.
  std::atomic<platform::Processors> processors_ = platform::UsableProcessors();
  uint64_t told_out_of_range_ = 0;  // of Start, then of the control thread

  Mutex mutex_;  // never held over a call of vendor, store or host
  CondVar end_changed_;
  bool begun_ VSAPI_GUARDED_BY(mutex_) = false;
  bool ended_ VSAPI_GUARDED_BY(mutex_) = false;
  bool left_behind_ VSAPI_GUARDED_BY(mutex_) = false;
};

}  // namespace vsapi::engine
