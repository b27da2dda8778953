// SPDX-License-Identifier: Apache-2.0
//
// The table of scans in flight: one request per content and generation. Later callers join the one
// that is there with their own item, the highest lane wins.
//
// Thread safety: all of it from any thread. Lock order: a shard's lock, then the queue's. Under a
// shard's lock nothing of the vendor's, the store's or the host's is called, nothing is allocated
// and, but for the queue's own wake-up of one thread, nobody is woken: tickets are settled later.
//
// Invariants
//  1. At most one request per digest is joinable: the one the table shows. A request that was begun
//     under an older generation than the current one is no longer shown once a newcomer asks.
//  2. A shown request is queued or just displaced, or at work, or its outcome is being written.
//  3. A waiter is linked into exactly one request, or settled, never both. Who unlinks it settles
//     it, so a slot is settled once.
//  4. Of two runs of a request the first result counts; the other one is cancelled and comes to
//     nothing. The one exception to one scan per content: a client joined a low scan whose thread
//     may not be given a higher priority.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <span>

#include "counters.h"
#include "in_flight_shard.h"
#include "scan_queue.h"
#include "ticket.h"

namespace vsapi::engine {

class InFlight {
 public:
  enum class Admitted : uint8_t { kQueued, kJoined, kFull, kClosed };

  InFlight(ScanQueue& queue, Counters& counters);

  // What is done for a client that joins a low scan: its thread is lifted, or a second one begins.
  enum class Hurry : uint8_t { kSecondScan, kLift };
  void set_hurry(Hurry hurry) { hurry_.store(hurry, std::memory_order_relaxed); }
  Hurry hurry() const { return hurry_.load(std::memory_order_relaxed); }

  // How a scan is asked for.
  struct Ask {
    int32_t access = VSAPI_ACCESS_ON_DEMAND;
    Lane lane = Lane::kHigh;
    size_t low_limit = 0;     // of the low lane, when lane is kLow
    uint64_t generation = 0;  // number of the current one
    TimePoint now = {};
    Ticket* ticket = nullptr;  // its slot `slot` is linked, unless the answer is kFull or kClosed
    size_t slot = 0;
    // Of a background thread: a request that begins is offered to it, in no lane. It is then to be
    // given to ScanQueue::TakeOffered, and to TakeBack if that did not take it.
    Taken* offered = nullptr;
    // Of a new item: a full low lane lets its oldest request go into that, which is then to be
    // given to LeaveOne until that has left all of it.
    Taken* displaced = nullptr;
  };
  // Joins the request for the item's content or begins one. May throw std::bad_alloc; then nothing
  // has happened.
  Admitted Admit(Mdb* mdb, const vsapi_item& item, const Ask& ask);

  // Takes one item out of a request that was displaced, and says of which MDB it is. Null: the
  // request has ended, or a client has come for it and it is in the high lane.
  Mdb* LeaveOne(const Taken& displaced);

  // What is still offered goes to the low lane, past its limit: others may be in for it.
  void TakeBack(const Taken& offered);
  // Asks the scan of a request that is for nobody but this MDB's items, and waited for by nobody,
  // to stop; who comes for its content begins another one.
  void CancelFor(const Mdb* mdb, const Taken& taken);

  // The deadline has come: takes the ticket's open slots out of their requests and settles them
  // with `decision`. False if there were none.
  bool Expire(Ticket& ticket, const vsapi_decision& decision);

  // A worker begins: pins the generation that `current` gives, under the lock that newcomers take,
  // and fills the run. False if there is nothing to do: a second scan that came too late.
  using Current = std::function<std::shared_ptr<Generation>()>;
  bool Begin(ScanRun& run, const Current& current);

  // The run's item can't be read: its waiters are settled with `decision`, and the run gets the
  // next one (kNext). kNone: nothing is left to do. With `keeps_last` a last one stays (kLast).
  enum class Dropped : uint8_t { kNext, kNone, kLast };
  Dropped DropItem(ScanRun& run, bool keeps_last, const vsapi_decision& decision);

  // A run has its result: the targets that it is to be applied to; only the first one if the result
  // is `item_scoped`. None if another run was first, or goes on where this one could not judge.
  Targets Claim(ScanRun& run, bool judged, bool item_scoped);

  // Who waits for a request that Claim gave, as many as there is room for; returns how many.
  size_t Askers(ScanRequest& request, std::span<Asker> askers);

  // Every target of `applied`, which Claim or Finish gave, has its result. Moves their waiters to
  // `answered`, for the caller to settle, and gives the targets that joined meanwhile; none: the
  // request has ended. An item-scoped result ends it for the first target and queues the others
  // again.
  Targets Finish(ScanRequest& request, const Targets& applied, bool item_scoped,
                 WaiterList& answered);

  // A request that nobody will run any more, from ScanQueue::TakeLeft.
  void HandBack(const Taken& left, const vsapi_decision& decision);

  // Settles everybody who waits with `decision`, and asks every scan at the vendor to stop.
  void GiveUp(const vsapi_decision& decision);
  bool given_up() const { return given_up_.load(std::memory_order_relaxed); }
  size_t scanning() const;
  size_t size() const;

 private:
  using Shard = InFlightShard;
  // A worker to be lifted after the lock.
  struct ToLift {
    Worker* worker = nullptr;
    uint64_t number = 0;
  };

  static constexpr size_t kShards = 64;
  Shard& ShardOf(const vsapi_digest& digest) { return shards_[digest.bytes[0] % kShards]; }
  Shard& ShardOf(const ScanRequest& request) { return shards_[request.shard]; }
  using WakeUp = ScanQueue::WakeUp;
  Admitted AdmitLocked(Shard& shard, Mdb* mdb, const vsapi_item& item, const Ask& ask,
                       ToLift& to_lift, const WakeUp& after) VSAPI_REQUIRES(shard.mutex);
  Admitted BeginLocked(Shard& shard, Mdb* mdb, const vsapi_item& item, const Ask& ask,
                       const WakeUp& after) VSAPI_REQUIRES(shard.mutex);
  void JoinLocked(Shard& shard, ScanRequest& request, Mdb* mdb, const vsapi_item& item,
                  const Ask& ask, ToLift& to_lift, const WakeUp& after) VSAPI_REQUIRES(shard.mutex);
  ScanQueue::Pushed QueueLocked(ScanRequest& request, const Ask& ask, const WakeUp& after);
  ToLift HurryLocked(ScanRequest& request, const WakeUp& after);
  static void Lift(const ToLift& to_lift);

  static void LinkLocked(ScanRequest& request, Target& target, const Ask& ask);
  // Unlinks the waiters that `which` says into `answered`.
  template <class Which>
  static void UnlinkLocked(ScanRequest& request, Which which, WaiterList& answered);

  static bool IsAtWorkLocked(const ScanRun& run);
  static void LeaveLocked(ScanRun& run);
  static void FillLocked(ScanRun& run);
  Dropped DropItemLocked(Shard& shard, ScanRun& run, bool keeps_last, WaiterList& answered,
                         const WakeUp& after) VSAPI_REQUIRES(shard.mutex);
  void StopLocked(ScanRequest& request, const WakeUp& after);
  void QueueAgainLocked(Shard& shard, ScanRequest& request, WaiterList& refused,
                        const WakeUp& after) VSAPI_REQUIRES(shard.mutex);
  void PushAgainLocked(Shard& shard, ScanRequest& request, WaiterList& refused, const WakeUp& after)
      VSAPI_REQUIRES(shard.mutex);
  static void Refuse(WaiterList& refused);

  ScanQueue& queue_;
  Counters& counters_;
  std::atomic<Hurry> hurry_ = Hurry::kSecondScan;
  std::atomic<bool> given_up_ = false;  // set once, by shutdown
  std::array<Shard, kShards> shards_;
};

template <class Which>
void InFlight::UnlinkLocked(ScanRequest& request, Which which, WaiterList& answered) {
  for (auto at = request.waiters.begin(); at != request.waiters.end();) {
    Waiter& waiter = *at++;
    if (!which(waiter)) continue;
    request.waiters.erase(WaiterList::s_iterator_to(waiter));
    waiter.request = nullptr;
    // Who is answered before it was applied has no result yet: its store may write that just now.
    if (waiter.target->applied) waiter.result = waiter.target->result;
    answered.push_back(waiter);
  }
}

// Settles each waiter that is nobody's any more, with what `decide` says of it.
template <class Decide>
void Answer(WaiterList& waiters, Decide decide) {
  while (!waiters.empty()) {
    const Waiter& waiter = waiters.front();
    waiters.pop_front();
    Ticket& ticket = *waiter.ticket;
    ticket.Settle(waiter.slot, decide(waiter));  // the last one takes ticket and waiter along
  }
}

}  // namespace vsapi::engine
