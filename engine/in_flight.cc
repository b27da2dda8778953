// SPDX-License-Identifier: Apache-2.0
#include "in_flight.h"

#include <limits>

#include "generation.h"
#include "worker_pool.h"

namespace vsapi::engine {

InFlight::InFlight(ScanQueue& queue, Counters& counters) : queue_(queue), counters_(counters) {
  for (size_t number = 0; number < kShards; ++number) shards_[number].Number(number, kShards);
}

// ---- Beginning and joining ----------------------------------------------------------------------

InFlight::Admitted InFlight::Admit(Mdb* mdb, const vsapi_item& item, const Ask& ask) {
  Shard& shard = ShardOf(item.digest);
  ToLift to_lift;
  for (;; shard.Grow()) {
    const WakeUp after;
    const MutexLock lock(shard.mutex);
    if (!shard.HasSparesLocked()) continue;
    const Admitted admitted = AdmitLocked(shard, mdb, item, ask, to_lift, after);
    if (to_lift.worker == nullptr) return admitted;
    break;
  }
  Lift(to_lift);
  return Admitted::kJoined;
}

InFlight::Admitted InFlight::AdmitLocked(Shard& shard, Mdb* mdb, const vsapi_item& item,
                                         const Ask& ask, ToLift& to_lift, const WakeUp& after) {
  ScanRequest* const found = shard.FindLocked(item.digest);
  if (found == nullptr) return BeginLocked(shard, mdb, item, ask, after);
  ScanRequest& request = *found;
  const Phase phase = request.state.phase();
  const bool waits = phase == Phase::kOffered || phase == Phase::kLow || phase == Phase::kHigh ||
                     phase == Phase::kTaken;
  const bool is_outdated =
      !waits && (!request.generation || request.generation->identity().generation < ask.generation);
  if (!is_outdated) {
    JoinLocked(shard, request, mdb, item, ask, to_lift, after);
    return Admitted::kJoined;
  }
  shard.HideLocked(request);
  return BeginLocked(shard, mdb, item, ask, after);
}

void InFlight::JoinLocked(Shard& shard, ScanRequest& request, Mdb* mdb, const vsapi_item& item,
                          const Ask& ask, ToLift& to_lift, const WakeUp& after) {
  Target& target = shard.AddTargetLocked(request, mdb, item);
  if (ask.ticket != nullptr) LinkLocked(request, target, ask);
  if (IsMoreUrgent(ask.access, request.access)) request.SetAccess(ask.access, ask.now);
  counters_.Add(Counter::kJoins);
  if (ask.lane != Lane::kHigh) return;
  if (queue_.Promote(request, after))
    counters_.Add(Counter::kPromotions);
  else
    to_lift = HurryLocked(request, after);
}

InFlight::Admitted InFlight::BeginLocked(Shard& shard, Mdb* mdb, const vsapi_item& item,
                                         const Ask& ask, const WakeUp& after) {
  ScanRequest& request = shard.TakeLocked();
  request.digest = item.digest;
  request.SetAccess(ask.access, ask.now);
  request.is_traced = false;
  request.is_urgent = false;
  request.is_unlimited = ask.lane == Lane::kLow && IsClient(ask.access);
  shard.ShowLocked(request);
  Target& target = shard.AddTargetLocked(request, mdb, item);
  const auto pushed = QueueLocked(request, ask, after);
  if (pushed == ScanQueue::Pushed::kQueued) {
    if (ask.ticket != nullptr) LinkLocked(request, target, ask);
    return Admitted::kQueued;
  }
  shard.EndLocked(request);
  return pushed == ScanQueue::Pushed::kFull ? Admitted::kFull : Admitted::kClosed;
}

ScanQueue::Pushed InFlight::QueueLocked(ScanRequest& request, const Ask& ask, const WakeUp& after) {
  if (ask.lane == Lane::kHigh) return queue_.PushHigh(request, ask.now, after);
  if (ask.offered == nullptr)
    return queue_.PushLow(request, ask.now, ask.low_limit, after, ask.displaced);
  *ask.offered = {&request, request.state.life()};
  return queue_.Offer(request, ask.now);
}

void InFlight::TakeBack(const Taken& offered) {
  ScanRequest& request = *offered.request;
  Shard& shard = ShardOf(request);
  const WakeUp after;
  const MutexLock lock(shard.mutex);
  if (request.state.life() != offered.life || request.state.phase() != Phase::kOffered) return;
  const auto pushed =
      queue_.PushLow(request, request.queued_at, std::numeric_limits<size_t>::max(), after);
  if (pushed != ScanQueue::Pushed::kQueued) shard.EndLocked(request);
}

// One at a time: whom to tell of it can't be told under the lock.
Mdb* InFlight::LeaveOne(const Taken& displaced) {
  ScanRequest& request = *displaced.request;
  WaiterList refused;
  Mdb* mdb = nullptr;
  {
    Shard& shard = ShardOf(request);
    const WakeUp after;
    const MutexLock lock(shard.mutex);
    if (request.state.life() != displaced.life) return nullptr;
    if (request.waiters.empty()) {
      mdb = request.targets.first->mdb;
      shard.ForgetFirstLocked(request);
      if (request.targets.empty()) shard.EndLocked(request);
    } else {
      PushAgainLocked(shard, request, refused, after);
    }
  }
  Refuse(refused);
  return mdb;
}

void InFlight::CancelFor(const Mdb* mdb, const Taken& taken) {
  ScanRequest& request = *taken.request;
  Shard& shard = ShardOf(request);
  const MutexLock lock(shard.mutex);
  bool is_for_others =
      request.state.life() != taken.life || request.runs[0] == nullptr || !request.waiters.empty();
  request.targets.ForEach([&](const Target& target) { is_for_others |= target.mdb != mdb; });
  if (is_for_others) return;
  shard.HideLocked(request);
  for (ScanRun* run : request.runs)
    if (run != nullptr) run->cancelled = true;
}

// A client waits for a scan that a thread of low priority has begun for nobody.
InFlight::ToLift InFlight::HurryLocked(ScanRequest& request, const WakeUp& after) {
  const ScanRun* run = request.runs[0];
  if (run == nullptr || run->lane == Lane::kHigh || !run->worker.is_low()) return {};
  if (hurry() == Hurry::kLift) return {&run->worker, run->number};
  if (queue_.PushSecond(request, after)) counters_.Add(Counter::kSecondScans);
  return {};
}

void InFlight::Lift(const ToLift& to_lift) {
  if (to_lift.worker != nullptr) to_lift.worker->Lift(to_lift.number);
}

void InFlight::LinkLocked(ScanRequest& request, Target& target, const Ask& ask) {
  Waiter& waiter = ask.ticket->waiter(ask.slot);
  waiter.request = &request;
  waiter.target = &target;
  waiter.access = ask.access;
  waiter.shard = request.shard;
  request.is_traced |= ask.ticket->traces.wanted();
  request.is_urgent |= ask.lane == Lane::kHigh;
  request.waiters.push_back(waiter);
}

// ---- Waiters ------------------------------------------------------------------------------------

bool InFlight::Expire(Ticket& ticket, const vsapi_decision& decision) {
  bool any = false;
  for (size_t slot = 0; slot < ticket.slots(); ++slot) {
    Waiter& waiter = ticket.waiter(slot);
    WaiterList answered;
    {
      const MutexLock lock(shards_[waiter.shard].mutex);
      if (waiter.request == nullptr) continue;
      waiter.request->waiters.erase(WaiterList::s_iterator_to(waiter));
      waiter.request = nullptr;
      answered.push_back(waiter);
    }
    any = true;
    Answer(answered, [&](const Waiter&) { return decision; });
  }
  return any;
}

// ---- Running ------------------------------------------------------------------------------------

bool InFlight::Begin(ScanRun& run, const Current& current) {
  ScanRequest& request = run.request();
  ToLift to_lift;
  {
    Shard& shard = ShardOf(request);
    const WakeUp after;
    const MutexLock lock(shard.mutex);
    if (request.state.life() != run.taken.life) return false;
    if (run.taken.is_second) {
      if (request.state.phase() != Phase::kTwice) return false;
    } else {
      request.state.Move(Phase::kTaken, Phase::kScanning);
      request.generation = current();
      ++shard.scanning;
    }
    const ScanRun* const first = request.runs[0];
    (first == nullptr ? request.runs[0] : request.runs[1]) = &run;
    FillLocked(run);
    run.cancelled = given_up() || (first != nullptr && first->cancelled);
    // A client that came between Take and now could not hurry it.
    if (!run.taken.is_second && request.is_urgent) to_lift = HurryLocked(request, after);
  }
  Lift(to_lift);
  return true;
}

void InFlight::FillLocked(ScanRun& run) {
  const ScanRequest& request = run.request();
  run.number = request.number;
  run.access = request.access;
  run.lane = run.taken.is_second ? Lane::kHigh : request.lane;
  run.access_since = request.access_since;
  run.is_traced = request.is_traced;
  run.is_urgent = request.is_urgent;
  run.generation = request.generation;
  run.mdb = request.targets.first->mdb;
  run.item = request.targets.first->item;
  *run.client = '\0';
  if (!request.waiters.empty())
    std::memcpy(run.client, request.waiters.front().ticket->asker().client, sizeof run.client);
}

bool InFlight::IsAtWorkLocked(const ScanRun& run) {
  const auto& runs = run.request().runs;
  return run.request().state.life() == run.taken.life && (runs[0] == &run || runs[1] == &run);
}

// The other run goes on.
void InFlight::LeaveLocked(ScanRun& run) {
  auto& runs = run.request().runs;
  if (runs[0] == &run) runs[0] = runs[1];
  runs[1] = nullptr;
  run.request().state.Move(Phase::kTwice, Phase::kScanning);
}

InFlight::Dropped InFlight::DropItem(ScanRun& run, bool keeps_last,
                                     const vsapi_decision& decision) {
  WaiterList answered;
  Dropped dropped;
  {
    Shard& shard = ShardOf(run.request());
    const WakeUp after;
    const MutexLock lock(shard.mutex);
    dropped = DropItemLocked(shard, run, keeps_last, answered, after);
  }
  Answer(answered, [&](const Waiter&) { return decision; });
  return dropped;
}

InFlight::Dropped InFlight::DropItemLocked(Shard& shard, ScanRun& run, bool keeps_last,
                                           WaiterList& answered, const WakeUp& after) {
  if (!IsAtWorkLocked(run)) return Dropped::kNone;
  ScanRequest& request = run.request();
  if (request.runs[1] != nullptr) {  // the other one reads this item too, and says what it comes to
    LeaveLocked(run);
    return Dropped::kNone;
  }
  const Targets targets = request.targets;
  if (keeps_last && targets.first == targets.last) return Dropped::kLast;
  UnlinkLocked(
      request, [&](const Waiter& waiter) { return waiter.target == targets.first; }, answered);
  shard.ForgetFirstLocked(request);
  if (!request.targets.empty()) {
    FillLocked(run);
    return Dropped::kNext;
  }
  StopLocked(request, after);
  shard.EndLocked(request);
  return Dropped::kNone;
}

Targets InFlight::Claim(ScanRun& run, bool judged, bool item_scoped) {
  ScanRequest& request = run.request();
  Shard& shard = ShardOf(request);
  const WakeUp after;
  const MutexLock lock(shard.mutex);
  if (!IsAtWorkLocked(run)) return {};
  if (request.runs[1] != nullptr && !judged) {
    LeaveLocked(run);
    return {};
  }
  StopLocked(request, after);
  return item_scoped ? Targets{request.targets.first, request.targets.first} : request.targets;
}

// From now on the request belongs to who has its result, and no thread scans it for others.
void InFlight::StopLocked(ScanRequest& request, const WakeUp& after) {
  for (ScanRun*& run : request.runs) {
    if (run != nullptr) run->cancelled = true;
    run = nullptr;
  }
  if (request.state.Move(Phase::kSecond, Phase::kApplying)) return queue_.Withdraw(request, after);
  request.state.Move(Phase::kScanning, Phase::kApplying);
  request.state.Move(Phase::kTwice, Phase::kApplying);
}

size_t InFlight::Askers(ScanRequest& request, std::span<Asker> askers) {
  const MutexLock lock(ShardOf(request).mutex);
  size_t count = 0;
  for (const Waiter& waiter : request.waiters)
    if (count < askers.size()) askers[count++] = waiter.ticket->asker();
  return count;
}

// ---- A look at it -------------------------------------------------------------------------------

size_t InFlight::size() const {
  size_t size = 0;
  for (const Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    size += shard.live;
  }
  return size;
}

size_t InFlight::scanning() const {
  size_t scanning = 0;
  for (const Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    scanning += shard.scanning;
  }
  return scanning;
}

}  // namespace vsapi::engine
