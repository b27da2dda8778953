// SPDX-License-Identifier: Apache-2.0
//
// Background scanning: one thread per attached MDB, outside the pool and at a low priority, goes
// over what is not judged under the current generation, one item at a time, with a vendor session
// of its own. The store says what that is (vsapi_store_table.next_stale), so a pass costs what is
// stale and not what is stored.
//
// A pass begins when the MDB is attached, a new generation serves, it has worker processes for
// poison, BackgroundScanning becomes 1, other items are to be scanned by the settings, or the
// proactive list, which was full for an item of this MDB, has drained; and again where items have
// changed or moved, or the store has failed. Else the thread sleeps. A generation that is published
// during a pass begins another one after it: what the rest of this pass scans is current then, so
// that frequent updates never keep a pass from the end of the store.
//
// For what has changed or moved a pass begins at once, or after a rest (background_follow_up.h).
// For what was left undone, since the store failed or the vendor could not scan, always after one
// (background_retry.h).
//
// Between two items a thread rests as BackgroundMaxShare says, and outside of BackgroundHours it
// waits, also in the middle of a pass.
//
// An item is offered in the in-flight table and taken from there as soon as no high request is
// queued; a client that asks for it meanwhile has it, and the thread moves on.
//
// Thread safety: all of it from any thread, but Start, Stop and Join belong to the engine.
#pragma once

#include <list>
#include <memory>

#include "background_sweep.h"

namespace vsapi::engine {

class Background {
 public:
  // Vendor sessions for it, those before the pool's, so also MDBs that are scanned in the
  // background at a time: as many as an Exchange 2003 had.
  static constexpr size_t kSessions = 20;

  explicit Background(const BackgroundSweep::Parts& parts);
  ~Background();

  void Attach(uint32_t number, Mdb& mdb);
  // Of an MDB that is detached already: ends its thread without waiting for it.
  void Detach(const Mdb& mdb);

  // The thread with that session hangs: another one goes over its MDB if that is still attached,
  // and it ends if it ever comes back. False if there is no session for that.
  bool Replace(size_t session);

  // The proactive list was full for an item of that MDB.
  void Overflowed(const Mdb& mdb);
  // There may be a reason to go over that MDB again.
  void Look(const Mdb& mdb);
  // Settings or generation have changed, or it has got processes of its own.
  void Look();

  // Ends all threads, and asks their scans to stop.
  void Stop();
  // After that and the queue's Close: waits until they have ended or the deadline has come. Then
  // leaves the others behind, with all they use, and returns how many.
  size_t Join(TimePoint deadline);

 private:
  struct Swept {
    std::unique_ptr<BackgroundSweep> sweep;
    bool has_ended = false;
  };

  bool BeginLocked(uint32_t number, Mdb& mdb) VSAPI_REQUIRES(mutex_);
  size_t FreeSessionLocked() const VSAPI_REQUIRES(mutex_);
  void ReapLocked() VSAPI_REQUIRES(mutex_);
  void HasEnded(const BackgroundSweep& sweep);
  bool HaveAllEndedLocked() const VSAPI_REQUIRES(mutex_);

  const BackgroundSweep::Parts parts_;

  Mutex mutex_;  // before a sweep's own
  CondVar ended_changed_;
  bool stopping_ VSAPI_GUARDED_BY(mutex_) = false;
  std::list<Swept> sweeps_ VSAPI_GUARDED_BY(mutex_);
};

}  // namespace vsapi::engine
