// SPDX-License-Identifier: Apache-2.0
//
// The table of scans in flight: one request per content and generation. Later callers join the one
// that is there with their own item, the highest lane wins.
//
// Thread safety: all of it from any thread. Lock order: a shard's lock, then the queue's or a
// ticket's. Tickets are released after the shard's lock.
//
// Invariants
//  1. At most one request per digest is joinable: the one the table shows. A request that was
//  claimed
//     under an older generation than the current one is no longer shown to newcomers.
//  2. A shown request is queued, or a worker has it, or an outcome of it is being written.
//  3. A waiter is linked into exactly one request, or settled, never both.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "counters.h"
#include "scan_queue.h"
#include "scan_request.h"
#include "ticket.h"

namespace vsapi::engine {

class InFlight {
 public:
  enum class Admitted : uint8_t { kQueued, kJoined, kFull, kClosed };

  InFlight(ScanQueue& queue, Counters& counters) : queue_(queue), counters_(counters) {}

  // How a scan is asked for.
  struct Ask {
    int32_t access = VSAPI_ACCESS_ON_DEMAND;
    Lane lane = Lane::kHigh;
    size_t low_limit = 0;     // of the low lane, when lane is kLow
    uint64_t generation = 0;  // number of the current one
  };
  // Joins the request for the target's content or begins one. `ticket` (may be null) gets its slot
  // `slot` linked, unless the answer is kFull or kClosed.
  Admitted Admit(const Target& target, const Ask& ask, const std::shared_ptr<Ticket>& ticket,
                 size_t slot);

  // The deadline has come: takes the ticket's open slots out of their requests and settles them
  // with `decision`. True if the caller is to release the ticket.
  bool Expire(Ticket& ticket, const vsapi_decision& decision);

  // A worker begins with a request it has taken: pins the generation that `current` gives, under
  // the lock that newcomers take. Returns what to scan.
  struct Claim {
    Target target;
    std::shared_ptr<Generation> generation;
    int32_t access = 0;
  };
  Claim Begin(ScanRequest& request, const std::function<std::shared_ptr<Generation>()>& current);

  // The first target can't be read any more (gone or changed): its waiters are settled with
  // `decision`. Returns the next one, or nothing if there was none and the request is finished.
  std::optional<Target> DropFirst(ScanRequest& request, const vsapi_decision& decision);
  // The same, but a last target stays, and the request with it.
  std::optional<Target> DropFirstOfMany(ScanRequest& request, const vsapi_decision& decision);

  // The targets from number `first` on, that the result is still to be applied to; only the first
  // one if the result is `item_scoped`.
  std::vector<Target> TargetsFrom(ScanRequest& request, size_t first, bool item_scoped);

  // Settles each waiter of the `applied` first targets with what `decide` says of its target and
  // access class, and ends the request; false if it goes on because more have joined meanwhile. An
  // item-scoped result ends it for the first target and queues the request again for the others.
  using Decide = std::function<vsapi_decision(size_t target, int32_t access)>;
  bool Finish(ScanRequest& request, size_t applied, bool item_scoped, const Decide& decide);

  // Settles everybody who waits with `decision`, and asks every scan at the vendor to stop.
  void GiveUp(const vsapi_decision& decision);
  bool given_up() const { return given_up_.load(std::memory_order_relaxed); }
  size_t scanning() const { return scanning_.load(std::memory_order_relaxed); }
  size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct DigestHash {
    size_t operator()(const vsapi_digest& digest) const;
  };
  struct DigestEqual {
    bool operator()(const vsapi_digest& a, const vsapi_digest& b) const;
  };
  struct Shard {
    Mutex mutex;
    std::unordered_map<vsapi_digest, ScanRequest*, DigestHash, DigestEqual> shown
        VSAPI_GUARDED_BY(mutex);
    std::deque<ScanRequest> all VSAPI_GUARDED_BY(mutex);  // stable addresses, reused
    std::vector<ScanRequest*> free VSAPI_GUARDED_BY(mutex);
  };
  using Tickets = std::vector<std::shared_ptr<Ticket>>;

  Shard& ShardOf(const vsapi_digest& digest);
  ScanRequest& TakeFreeLocked(Shard& shard) VSAPI_REQUIRES(shard.mutex);
  void RetireLocked(Shard& shard, ScanRequest& request) VSAPI_REQUIRES(shard.mutex);
  Admitted JoinLocked(ScanRequest& request, const Target& target, const Ask& ask,
                      const std::shared_ptr<Ticket>& ticket, size_t slot);
  Admitted BeginLocked(Shard& shard, const Target& target, const Ask& ask,
                       const std::shared_ptr<Ticket>& ticket, size_t slot)
      VSAPI_REQUIRES(shard.mutex);
  static void LinkLocked(ScanRequest& request, size_t target, int32_t access,
                         const std::shared_ptr<Ticket>& ticket, size_t slot);
  // Settles and unlinks the waiters of the first `targets` targets; tickets to release go to
  // `done`.
  static void SettleLocked(ScanRequest& request, size_t targets, const Decide& decide,
                           Tickets& done);
  // Takes the first target out; waiters of the others keep pointing at theirs.
  static void ForgetFirstLocked(ScanRequest& request);
  void QueueAgainLocked(Shard& shard, ScanRequest& request, Tickets& done)
      VSAPI_REQUIRES(shard.mutex);
  static void Release(const Tickets& tickets);

  ScanQueue& queue_;
  Counters& counters_;
  std::atomic<uint64_t> next_number_ = 1;
  std::atomic<size_t> scanning_ = 0;
  std::atomic<size_t> size_ = 0;
  std::atomic<bool> given_up_ = false;  // set once, by shutdown
  std::array<Shard, 16> shards_;
};

}  // namespace vsapi::engine
