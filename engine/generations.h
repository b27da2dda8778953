// SPDX-License-Identifier: Apache-2.0
//
// The control thread: reads the settings at start, when their file changes and every 60 s; builds a
// new generation beside the running one when something asks for it, publishes it by one pointer
// swap, and lets go of the old one when its last scan has returned. A generation that fails to
// build never serves; the old one stays, and an event says why. Where there is no memory for a
// second instance, the reload waits for the next look.
//
// Thread safety: all of it from any thread, but Start and Stop belong to the engine.
//
// Invariants
//  1. `identity()` and `settings()` are immutable records that live as long as this object.
//  2. Generation numbers only grow, over restarts too where a state folder is given.
//  3. Vendors are created, started, stopped and destroyed by the control thread alone, or on a
//  thread
//     that it waits for (platform::RunLower): "of the control thread" below means both.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "event_log.h"
#include "generation.h"
#include "generation_record.h"
#include "platform.h"
#include "settings.h"
#include "vendor_source.h"
#include "vendor_times.h"

namespace vsapi::engine {

class Generations {
 public:
  struct Source {
    std::string settings_file = {};
    std::string state_folder = {};
    std::vector<std::pair<std::string, std::string>> overrides = {};
    // Memory that a second instance may take; a test says what it likes.
    std::function<uint64_t()> available_memory = platform::AvailableMemory;
  };

  Generations(Source source, Clock& clock, EventLog& events);
  ~Generations();
  Generations(const Generations&) = delete;
  Generations& operator=(const Generations&) = delete;

  // Reads the settings for the first time; false with `problem` if they are wrong. Before Start.
  bool ReadSettings(std::string& problem);
  // Who scans: each thread has a session of its own in every generation.
  struct Crew {
    std::function<size_t()> threads = [] { return size_t{1}; };  // wanted now: asked at each look
    std::function<size_t()> sessions;  // that it needs under the settings in force
    std::function<void()> changed;     // they are in force now, and a generation has that many
  };
  // Calls `changed` on the control thread, without a lock, after a new identity or new settings are
  // in force, or the generation has been isolated. Before Start.
  void set_on_change(std::function<void()> changed) { on_change_ = std::move(changed); }
  // Starts the control thread, which calls the crew's functions, and waits for its first
  // generation, be it none.
  void Start(Crew crew);
  // Ends the control thread; false if it hangs in the vendor past the deadline. What still is in
  // use is never destroyed.
  bool Stop(TimePoint deadline);

  // Reads settings and builds anew, and waits for that: VSAPI_OK, VSAPI_E_ARGUMENT (settings),
  // VSAPI_E_INTERNAL (vendor).
  int32_t Reload();

  // Who judges now: an acquire load.
  const Identity& identity() const { return *identity_.load(std::memory_order_acquire); }
  // Nobody judges, and no vendor is being loaded that could.
  bool HasNone() const;
  // Returns when the first vendor is loaded that serves after none did, or has failed to, or at
  // once: who comes meanwhile waits for it. [scan]
  void AwaitLoaded();
  // From now on nobody waits there.
  void StopWaiting();
  // The instance behind it, or null.
  std::shared_ptr<Generation> current() const;
  // It has lost its processes, and can scan nothing before another one is there.
  bool is_lost() const;
  // The settings in force: an acquire load; the record lives as long as this object.
  const Settings& settings() const { return *settings_.load(std::memory_order_acquire); }
  // Stamps of generations before this one are to be looked at again in the background, however
  // current; 0: none are.
  uint64_t background_since() const;
  const VendorTimes& vendor_times() const { return vendor_times_; }
  // What is wrong since the settings, or a vendor, were last to be taken over; empty: nothing is.
  std::string problem() const;
  // A scan has let go of a generation that no longer serves.
  void Retired();
  // The generation that serves needs its vendor in processes of its own too.
  void WantIsolated();
  // How often one has been given them: more is a reason to look at what had none.
  uint64_t isolations() const { return isolations_.load(std::memory_order_acquire); }

 private:
  enum class Outcome : uint8_t { kNothingToDo, kPublished, kBadSettings, kRefused, kWaits };

  void Run();
  Outcome Refresh(bool forced);
  void WatchLibrary();
  void ResetReloadNow();
  void FileChanged();
  Outcome Rebuild(bool forces_pass);
  void SetLoading(bool loading);
  bool BuildAndPublish(bool forces_pass, std::string& problem);
  bool IsBeside() const;
  std::shared_ptr<Generation> Build(const Settings& now, const GenerationRecord::Entry& entry,
                                    std::string& problem);
  std::shared_ptr<Generation> BuildHere(const Settings& now, const GenerationRecord::Entry& entry,
                                        std::string& problem);
  void Isolate();
  void LookSoon();
  bool HasRoom();
  bool Reread(bool forced);
  bool Changed() const;
  void Publish(std::shared_ptr<Generation> generation, const Identity& identity);
  void PublishNone();
  void LogRefusal(const std::string& problem, const Settings& now);
  bool Note(std::string& place, std::string problem);
  void LetGoOfRetired();
  void LogProblems(const std::vector<std::string>& problems);
  void TakeSettings(Settings now);
  void LogMalformed(const std::string& problem, bool forced);

  // What a generation was built from; something new here asks for another one.
  struct Origin {
    bool enabled = false;
    std::string library, parameters, vendor, isolation;
    uint64_t version = 0;
    size_t threads = 0;
    std::optional<platform::FileMark> mark;
    bool operator==(const Origin&) const = default;
  };
  Origin OriginNow() const;

  const Source source_;
  Clock& clock_;
  EventLog& events_;
  VendorTimes vendor_times_;  // of all generations
  Crew crew_;
  std::function<void()> on_change_ = [] {};

  // Of the control thread alone.
  VendorSource vendors_;
  Origin origin_;
  std::vector<std::string> logged_problems_;
  uint64_t not_isolated_ = 0;      // the generation that this could not be done for
  uint64_t isolated_ = 0;          // the last one that it was done for
  TimePoint isolated_at_ = {};     // and when
  bool isolation_waits_ = false;   // it was lost too soon after that
  bool were_read_ = false;         // the settings, once
  bool file_asks_reload_ = false;  // ReloadNow is 1 in the file
  bool reload_answered_ = false;   // that 1 has been obeyed, although it could not be set to 0
  bool waits_for_room_ = false;
  GenerationRecord record_;
  uint64_t instance_bytes_ = 0;  // that the running generation took when it was built
  std::vector<std::shared_ptr<Generation>> retired_;
  std::vector<std::unique_ptr<const Identity>> identities_;

  std::vector<std::unique_ptr<const Settings>> all_settings_;  // each that ever was in force

  std::atomic<const Identity*> identity_;  // both publish their record; read by everybody
  std::atomic<const Settings*> settings_;
  std::atomic<uint64_t> isolations_ = 0;  // publishes the isolated vendor

  mutable Mutex mutex_;
  CondVar wake_;  // for the control thread
  CondVar done_;  // for those who wait for it
  // Written under mutex_. Its end publishes the identity, and the instance, that came of it.
  std::atomic<bool> loading_ = false;
  bool nobody_waits_ VSAPI_GUARDED_BY(mutex_) = false;
  std::shared_ptr<Generation> current_ VSAPI_GUARDED_BY(mutex_);
  uint64_t asked_ VSAPI_GUARDED_BY(mutex_) = 0;     // reloads asked for
  uint64_t answered_ VSAPI_GUARDED_BY(mutex_) = 0;  // of these, done
  Outcome last_outcome_ VSAPI_GUARDED_BY(mutex_) = Outcome::kNothingToDo;
  bool file_changed_ VSAPI_GUARDED_BY(mutex_) = false;
  std::string malformed_;  // by mutex_, written by the control thread alone: why not these settings
  std::string refusal_;    // likewise: why not this vendor
  bool retired_waits_ VSAPI_GUARDED_BY(mutex_) = false;
  bool wants_isolated_ VSAPI_GUARDED_BY(mutex_) = false;
  bool stopping_ VSAPI_GUARDED_BY(mutex_) = false;
  bool ended_ VSAPI_GUARDED_BY(mutex_) = false;
  std::thread thread_;
  // The last: they call this object until they are gone. That of the vendor DLL is the control
  // thread's.
  std::optional<platform::FileWatch> watch_;
  std::string watched_library_;
  std::optional<platform::FileWatch> library_watch_;
};

}  // namespace vsapi::engine
