// SPDX-License-Identifier: Apache-2.0
//
// The in-flight table: how requests end. Nobody who waits is forgotten or answered twice.
#include <limits>

#include "in_flight.h"

namespace vsapi::engine {

Targets InFlight::Finish(ScanRequest& request, const Targets& applied, bool item_scoped,
                         WaiterList& answered) {
  WaiterList refused;
  Targets more;
  {
    Shard& shard = ShardOf(request);
    const WakeUp after;
    const MutexLock lock(shard.mutex);
    applied.ForEach([](Target& target) { target.applied = true; });
    UnlinkLocked(
        request, [](const Waiter& waiter) { return waiter.target->applied; }, answered);
    if (item_scoped) shard.ForgetFirstLocked(request);
    if (item_scoped && !request.targets.empty())
      QueueAgainLocked(shard, request, refused, after);
    else if (!item_scoped && request.targets.last != applied.last)
      more = {applied.last->next, request.targets.last};
    else
      shard.EndLocked(request);
  }
  Refuse(refused);
  return more;
}

void InFlight::Refuse(WaiterList& refused) {
  Answer(refused, [](const Waiter&) {
    return MakeDecision(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN);
  });
}

// Past the limit of the low lane if need be: a request that was let in is never lost. High only if
// somebody waits. Where newcomers have begun another one meanwhile, these join that.
void InFlight::QueueAgainLocked(Shard& shard, ScanRequest& request, WaiterList& refused,
                                const WakeUp& after) {
  ScanRequest* const shown = shard.FindLocked(request.digest);
  if (shown != nullptr && shown != &request) {
    const bool is_waited_for = !request.waiters.empty() && request.is_urgent;
    if (IsMoreUrgent(request.access, shown->access))
      shown->SetAccess(request.access, request.access_since);
    shown->is_traced |= request.is_traced;
    shown->is_urgent |= request.is_urgent;
    shard.MoveLocked(request, *shown);
    if (is_waited_for && queue_.Promote(*shown, after)) counters_.Add(Counter::kPromotions);
    return shard.EndLocked(request);
  }
  if (shown == nullptr) shard.ShowLocked(request);
  request.generation = nullptr;
  --shard.scanning;
  PushAgainLocked(shard, request, refused, after);
}

void InFlight::PushAgainLocked(Shard& shard, ScanRequest& request, WaiterList& refused,
                               const WakeUp& after) {
  request.state.End();  // a thread that comes too late from the former queue is turned away
  const TimePoint since = request.queued_at;
  const auto pushed =
      request.waiters.empty() || !request.is_urgent
          ? queue_.PushLow(request, since, std::numeric_limits<size_t>::max(), after)
          : queue_.PushHigh(request, since, after);
  if (pushed == ScanQueue::Pushed::kQueued) return;
  UnlinkLocked(
      request, [](const Waiter&) { return true; }, refused);
  shard.EndLocked(request);
}

void InFlight::HandBack(const Taken& left, const vsapi_decision& decision) {
  WaiterList answered;
  {
    Shard& shard = ShardOf(*left.request);
    const MutexLock lock(shard.mutex);
    UnlinkLocked(
        *left.request, [](const Waiter&) { return true; }, answered);
    shard.EndLocked(*left.request);
  }
  Answer(answered, [&](const Waiter&) { return decision; });
}

void InFlight::GiveUp(const vsapi_decision& decision) {
  given_up_ = true;
  for (Shard& shard : shards_) {
    WaiterList answered;
    {
      const MutexLock lock(shard.mutex);
      shard.ForEachLocked([&](ScanRequest& request) {
        UnlinkLocked(
            request, [](const Waiter&) { return true; }, answered);
        for (ScanRun* run : request.runs)
          if (run != nullptr) run->cancelled = true;
      });
    }
    Answer(answered, [&](const Waiter&) { return decision; });
  }
}

}  // namespace vsapi::engine
