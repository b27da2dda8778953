// SPDX-License-Identifier: Apache-2.0
#include "background.h"

#include <algorithm>
#include <exception>

namespace vsapi::engine {

Background::Background(const BackgroundSweep::Parts& parts) : parts_(parts) {}

Background::~Background() = default;

void Background::Attach(uint32_t number, Mdb& mdb) {
  if (!mdb.can_be_swept()) return;
  const MutexLock lock(mutex_);
  if (!stopping_) BeginLocked(number, mdb);
}

bool Background::BeginLocked(uint32_t number, Mdb& mdb) {
  ReapLocked();
  const size_t session = FreeSessionLocked();
  if (session == kSessions) {
    BackgroundSweep::Report(
        parts_.events, mdb,
        std::to_string(kSessions) + " other threads have all the sessions for it");
    return false;
  }
  try {
    std::list<Swept> one;
    one.push_back({.sweep = std::make_unique<BackgroundSweep>(
                       parts_, number, mdb, session, [this](auto& sweep) { HasEnded(sweep); })});
    one.back().sweep->Begin();
    sweeps_.splice(sweeps_.end(), one);
    return true;
  } catch (const std::exception& failure) {
    BackgroundSweep::Report(parts_.events, mdb, failure.what());
    return false;
  }
}

// Of one that is to end already the MDB has another thread, or is detached.
bool Background::Replace(size_t session) {
  const MutexLock lock(mutex_);
  const auto hung = std::find_if(sweeps_.begin(), sweeps_.end(), [&](const Swept& each) {
    return !each.has_ended && each.sweep->session() == session;
  });
  if (hung == sweeps_.end() || stopping_) return false;
  if (hung->sweep->is_stopping()) return true;
  if (!BeginLocked(hung->sweep->number(), hung->sweep->mdb())) return false;
  hung->sweep->LeaveToAnother();
  parts_.queue.Rouse();  // it may have come back meanwhile
  return true;
}

size_t Background::FreeSessionLocked() const {
  size_t session = 0;
  const auto is_taken = [&](const auto& each) { return each.sweep->session() == session; };
  while (std::any_of(sweeps_.begin(), sweeps_.end(), is_taken)) ++session;
  return session;
}

void Background::ReapLocked() {
  sweeps_.remove_if([](const auto& each) {
    if (each.has_ended) each.sweep->JoinThread();
    return each.has_ended;
  });
}

void Background::Detach(const Mdb& mdb) {
  const MutexLock lock(mutex_);
  for (const auto& each : sweeps_)
    if (&each.sweep->mdb() == &mdb) each.sweep->Stop();
  parts_.queue.Rouse();
}

void Background::Overflowed(const Mdb& mdb) {
  const MutexLock lock(mutex_);
  for (const auto& each : sweeps_)
    if (&each.sweep->mdb() == &mdb) each.sweep->Overflowed();
}

void Background::Look(const Mdb& mdb) {
  const MutexLock lock(mutex_);
  for (const auto& each : sweeps_)
    if (&each.sweep->mdb() == &mdb) each.sweep->Look();
}

void Background::Look() {
  const MutexLock lock(mutex_);
  for (const auto& each : sweeps_) each.sweep->Look();
}

void Background::Stop() {
  const MutexLock lock(mutex_);
  stopping_ = true;
  for (const auto& each : sweeps_) each.sweep->Stop();
}

void Background::HasEnded(const BackgroundSweep& sweep) {
  const MutexLock lock(mutex_);
  for (auto& each : sweeps_)
    if (each.sweep.get() == &sweep) each.has_ended = true;
  ended_changed_.NotifyAll();
}

bool Background::HaveAllEndedLocked() const {
  return std::all_of(sweeps_.begin(), sweeps_.end(),
                     [](const auto& each) { return each.has_ended; });
}

size_t Background::Join(TimePoint deadline) {
  const MutexLock lock(mutex_);
  while (!HaveAllEndedLocked() && parts_.clock.Now() < deadline)
    parts_.clock.WaitUntil(ended_changed_, mutex_, deadline);
  ReapLocked();
  for (const auto& each : sweeps_) each.sweep->LeaveBehind();
  return sweeps_.size();
}

}  // namespace vsapi::engine
