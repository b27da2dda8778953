// SPDX-License-Identifier: Apache-2.0
#include "in_flight.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "generation.h"
#include "stamp.h"

namespace vsapi::engine {
namespace {

bool SameItem(const Target& a, const Target& b) {
  return a.mdb == b.mdb && SameKey(a.item.key, b.item.key);
}

size_t AddTarget(ScanRequest& request, const Target& target) {
  const auto found = std::find_if(request.targets.begin(), request.targets.end(),
                                  [&](const Target& each) { return SameItem(each, target); });
  const auto index = static_cast<size_t>(found - request.targets.begin());
  if (found == request.targets.end()) request.targets.push_back(target);
  return index;
}

}  // namespace

// A digest is random already: any eight bytes of it are a hash.
size_t InFlight::DigestHash::operator()(const vsapi_digest& digest) const {
  size_t hash;
  std::memcpy(&hash, digest.bytes + 8, sizeof hash);
  return hash;
}

bool InFlight::DigestEqual::operator()(const vsapi_digest& a, const vsapi_digest& b) const {
  return SameDigest(a, b);
}

InFlight::Shard& InFlight::ShardOf(const vsapi_digest& digest) {
  return shards_[digest.bytes[0] % shards_.size()];
}

InFlight::Admitted InFlight::Admit(const Target& target, const Ask& ask,
                                   const std::shared_ptr<Ticket>& ticket, size_t slot) {
  Shard& shard = ShardOf(target.item.digest);
  const MutexLock lock(shard.mutex);
  const auto found = shard.shown.find(target.item.digest);
  if (found == shard.shown.end()) return BeginLocked(shard, target, ask, ticket, slot);
  ScanRequest& request = *found->second;
  const bool outdated =
      request.phase != Phase::kPending &&
      (!request.generation || request.generation->identity().generation < ask.generation);
  if (outdated) return BeginLocked(shard, target, ask, ticket, slot);
  return JoinLocked(request, target, ask, ticket, slot);
}

InFlight::Admitted InFlight::JoinLocked(ScanRequest& request, const Target& target, const Ask& ask,
                                        const std::shared_ptr<Ticket>& ticket, size_t slot) {
  const size_t index = AddTarget(request, target);
  if (ticket != nullptr) LinkLocked(request, index, ask.access, ticket, slot);
  if (IsMoreUrgent(ask.access, request.access)) request.access = ask.access;
  if (ask.lane == Lane::kHigh && queue_.Promote(request)) counters_.Add(Counter::kPromotions);
  counters_.Add(Counter::kJoins);
  return Admitted::kJoined;
}

InFlight::Admitted InFlight::BeginLocked(Shard& shard, const Target& target, const Ask& ask,
                                         const std::shared_ptr<Ticket>& ticket, size_t slot) {
  ScanRequest& request = TakeFreeLocked(shard);
  request.digest = target.item.digest;
  request.number = next_number_.fetch_add(1, std::memory_order_relaxed);
  request.phase = Phase::kPending;
  request.access = ask.access;
  request.targets.push_back(target);
  const auto pushed =
      ask.lane == Lane::kHigh ? queue_.PushHigh(request) : queue_.PushLow(request, ask.low_limit);
  if (pushed != ScanQueue::Pushed::kQueued) {
    RetireLocked(shard, request);
    return pushed == ScanQueue::Pushed::kFull ? Admitted::kFull : Admitted::kClosed;
  }
  shard.shown[request.digest] = &request;
  if (ticket != nullptr) LinkLocked(request, 0, ask.access, ticket, slot);
  return Admitted::kQueued;
}

void InFlight::LinkLocked(ScanRequest& request, size_t target, int32_t access,
                          const std::shared_ptr<Ticket>& ticket, size_t slot) {
  Waiter& waiter = ticket->waiter(slot);
  waiter.ticket = ticket;
  waiter.request = &request;
  waiter.target = target;
  waiter.access = access;
  waiter.digest = request.digest;
  request.waiters.push_back(waiter);
}

bool InFlight::Expire(Ticket& ticket, const vsapi_decision& decision) {
  bool last = false;
  for (size_t slot = 0; slot < ticket.slots(); ++slot) {
    Waiter& waiter = ticket.waiter(slot);
    std::shared_ptr<Ticket> link;
    Shard& shard = ShardOf(waiter.digest);
    const MutexLock lock(shard.mutex);
    if (waiter.request == nullptr) continue;
    waiter.request->waiters.erase(WaiterList::s_iterator_to(waiter));
    waiter.request = nullptr;
    link = std::move(waiter.ticket);
    last = ticket.Settle(slot, decision) || last;
  }
  return last;
}

InFlight::Claim InFlight::Begin(ScanRequest& request,
                                const std::function<std::shared_ptr<Generation>()>& current) {
  Shard& shard = ShardOf(request.digest);
  const MutexLock lock(shard.mutex);
  request.phase = Phase::kScanning;
  request.generation = current();
  scanning_.fetch_add(1, std::memory_order_relaxed);
  return {request.targets.front(), request.generation, request.access};
}

std::optional<Target> InFlight::DropFirst(ScanRequest& request, const vsapi_decision& decision) {
  Tickets done;
  std::optional<Target> next;
  {
    Shard& shard = ShardOf(request.digest);
    const MutexLock lock(shard.mutex);
    SettleLocked(
        request, 1, [&](size_t, int32_t) { return decision; }, done);
    ForgetFirstLocked(request);
    if (request.targets.empty())
      RetireLocked(shard, request);
    else
      next = request.targets.front();
  }
  Release(done);
  return next;
}

std::optional<Target> InFlight::DropFirstOfMany(ScanRequest& request,
                                                const vsapi_decision& decision) {
  {
    Shard& shard = ShardOf(request.digest);
    const MutexLock lock(shard.mutex);
    if (request.targets.size() == 1) return std::nullopt;  // only its worker takes targets away
  }
  return DropFirst(request, decision);
}

std::vector<Target> InFlight::TargetsFrom(ScanRequest& request, size_t first, bool item_scoped) {
  Shard& shard = ShardOf(request.digest);
  const MutexLock lock(shard.mutex);
  request.phase = Phase::kApplying;
  const size_t end = item_scoped ? 1 : request.targets.size();
  return {request.targets.begin() + static_cast<ptrdiff_t>(std::min(first, end)),
          request.targets.begin() + static_cast<ptrdiff_t>(end)};
}

bool InFlight::Finish(ScanRequest& request, size_t applied, bool item_scoped,
                      const Decide& decide) {
  Tickets done;
  bool more_joined = false;
  {
    Shard& shard = ShardOf(request.digest);
    const MutexLock lock(shard.mutex);
    SettleLocked(request, applied, decide, done);
    more_joined = !item_scoped && request.targets.size() > applied;
    if (item_scoped) ForgetFirstLocked(request);
    if (item_scoped && !request.targets.empty())
      QueueAgainLocked(shard, request, done);
    else if (!more_joined)
      RetireLocked(shard, request);
  }
  Release(done);
  return !more_joined;
}

void InFlight::SettleLocked(ScanRequest& request, size_t targets, const Decide& decide,
                            Tickets& done) {
  for (auto at = request.waiters.begin(); at != request.waiters.end();) {
    Waiter& waiter = *at++;
    if (waiter.target >= targets) continue;
    request.waiters.erase(WaiterList::s_iterator_to(waiter));
    waiter.request = nullptr;
    const std::shared_ptr<Ticket> ticket = std::move(waiter.ticket);
    if (ticket->Settle(waiter.slot, decide(waiter.target, waiter.access))) done.push_back(ticket);
  }
}

void InFlight::ForgetFirstLocked(ScanRequest& request) {
  request.targets.erase(request.targets.begin());
  for (Waiter& waiter : request.waiters) --waiter.target;
}

// Past the limit of the low lane if need be: a request that was let in is never lost. High only if
// somebody waits.
void InFlight::QueueAgainLocked(Shard& shard, ScanRequest& request, Tickets& done) {
  request.phase = Phase::kPending;
  request.generation = nullptr;
  scanning_.fetch_sub(1, std::memory_order_relaxed);
  const auto pushed = request.waiters.empty()
                          ? queue_.PushLow(request, std::numeric_limits<size_t>::max())
                          : queue_.PushHigh(request);
  if (pushed == ScanQueue::Pushed::kQueued) return;
  const vsapi_decision closed = MakeDecision(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN);
  SettleLocked(
      request, request.targets.size(), [&](size_t, int32_t) { return closed; }, done);
  RetireLocked(shard, request);
}

// Cancels pending requests too: a worker may have taken one and not begun with it.
void InFlight::GiveUp(const vsapi_decision& decision) {
  given_up_ = true;
  for (Shard& shard : shards_) {
    Tickets done;
    {
      const MutexLock lock(shard.mutex);
      for (ScanRequest& request : shard.all) {
        SettleLocked(
            request, request.targets.size(), [&](size_t, int32_t) { return decision; }, done);
        if (request.phase != Phase::kFree) request.cancelled = true;
      }
    }
    Release(done);
  }
}

ScanRequest& InFlight::TakeFreeLocked(Shard& shard) {
  size_.fetch_add(1, std::memory_order_relaxed);
  if (shard.free.empty()) return shard.all.emplace_back();
  ScanRequest& request = *shard.free.back();
  shard.free.pop_back();
  return request;
}

void InFlight::RetireLocked(Shard& shard, ScanRequest& request) {
  const auto shown = shard.shown.find(request.digest);
  if (shown != shard.shown.end() && shown->second == &request) shard.shown.erase(shown);
  if (request.phase != Phase::kPending) scanning_.fetch_sub(1, std::memory_order_relaxed);
  size_.fetch_sub(1, std::memory_order_relaxed);
  request.phase = Phase::kFree;
  request.generation = nullptr;
  request.targets.clear();
  request.cancelled = false;
  shard.free.push_back(&request);
}

void InFlight::Release(const Tickets& tickets) {
  for (const auto& ticket : tickets) ticket->Release();
}

}  // namespace vsapi::engine
