// SPDX-License-Identifier: Apache-2.0
//
// One scan in flight of one content under one generation, with the items it is for (targets), the
// callers that wait for it (waiters), and the threads that scan it (runs: one, or for a while two).
//
//    refused             Admit: low            Admit: high
//   +------- kFree --------------> kLow            |
//   |        ^ ^ ^                  |  Promote     v
//   +--------+ | |                  +----------> kHigh
//              | |                  |              |
//              | |                  +---- Take ----+
//              | |  no item left           v
//              | +-------------------- kTaken
//              | |                         | Begin: a generation is pinned
//              | |  no item left           v             a client joins: Hurry
//              | +------------------- kScanning <------------------------------> kSecond
//              | |                     |     ^           its place is taken back   |  |
//              | |          Claim:     |     | the second run, or the first,       |  | Take
//              | |    first result     |     | failed: the other one goes on       |  v
//              | +---------------------|-----+------------------------------- kTwice
//              |                       v                 Claim                     |  |
//              +----------------- kApplying <--------------------------------------+--+
//                Finish                | Finish of a result that holds for one item alone:
//                                      | the others are queued again
//                                      +--> kLow, kHigh
//
//               Admit: background              Take
//         kFree ------------------> kOffered ---------> kTaken
//                                    |    |   Promote
//                                    |    +-----------> kHigh
//                                    |        TakeBack
//                                    +----------------> kLow, kFree
//
//               PushLow: full, the oldest goes       LeaveOne: nobody waits
//         kLow ---------------------------> kTaken ----------------------------> kFree
//                                              |   a client came meanwhile
//                                              +-------------------------------> kHigh
//
// kLow, kHigh and kSecond are in a lane of the queue; kSecond is in the high lane while one thread
// scans it already. kOffered is in none: a background thread has it in hand, and takes it as soon
// as no high one is queued, or gives it back when it is stopped. Into and out of a lane a request
// moves under the queue's lock, all other arrows under the lock of the table's shard that its
// digest belongs to ("shard"). Its state is one word: the phase, and the number of the life, so
// that who took a request from the queue sees at Begin whether it is still the one.
//
// Requests and targets are kept by the in-flight table, which hands them out again and again.
#pragma once

#include <array>
#include <atomic>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/unordered_set_hook.hpp>
#include <cstdint>
#include <cstring>
#include <memory>

#include "clock.h"
#include "trace.h"
#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {

class Generation;
class Mdb;
class Ticket;
class Worker;
struct ScanRun;
struct ScanRequest;

enum class Lane : uint8_t { kLow = VSAPI_LANE_LOW, kHigh = VSAPI_LANE_HIGH };
enum class Phase : uint8_t {
  kFree,
  kOffered,
  kLow,
  kHigh,
  kTaken,
  kScanning,
  kSecond,
  kTwice,
  kApplying
};

// One atomic word: written under the lock of its place, read under another one or none.
class RequestState {
 public:
  Phase phase() const { return static_cast<Phase>(word_.load(std::memory_order_acquire) & 0xff); }
  uint64_t life() const { return word_.load(std::memory_order_acquire) >> 8; }
  // False if the phase is not `from` (any more).
  bool Move(Phase from, Phase to) {
    uint64_t word = word_.load(std::memory_order_relaxed);
    while (static_cast<Phase>(word & 0xff) == from)
      if (word_.compare_exchange_weak(word, (word & ~uint64_t{0xff}) | static_cast<uint8_t>(to),
                                      std::memory_order_acq_rel))
        return true;
    return false;
  }
  // Free, and the next life has begun.
  void End() { word_.store((life() + 1) << 8, std::memory_order_release); }

 private:
  std::atomic<uint64_t> word_ = 0;
};

// A host's item in our own size: that of an older host ends sooner, that of a younger one knows
// more.
inline void CopyItem(const vsapi_item& of_host, vsapi_item& item) {
  if (of_host.struct_size >= sizeof item) {
    item = of_host;
  } else {
    item = {};
    std::memcpy(&item, &of_host, of_host.struct_size);
  }
  item.struct_size = sizeof item;
}

// Who waits, for the vendor and the events.
struct Asker {
  char client[24] = "";  // by which protocol
  char user[64] = "";
  int32_t access = 0;  // VSAPI_ACCESS_...
  TimePoint at;
};

// An item that the result of a request is applied to. Constant while linked but for the last two.
struct Target : boost::intrusive::unordered_set_base_hook<> {
  Mdb* mdb = nullptr;
  vsapi_item item = {};  // `struct_size` is the engine's own
  ScanRequest* request = nullptr;
  Target* next = nullptr;     // of the same request, or free; shard
  bool applied = false;       // of who applies the result, as is
  int32_t result = VSAPI_OK;  // what that came to
};

// The targets from `first` to `last`, fixed while others may be added behind them.
struct Targets {
  bool empty() const { return first == nullptr; }
  // `each` may let go of its target.
  template <class Each>
  void ForEach(Each each) const {
    for (Target *at = first, *next = nullptr; at != nullptr; at = next) {
      next = at == last ? nullptr : at->next;
      each(*at);
    }
  }
  Target* first = nullptr;
  Target* last = nullptr;
};

// One place in a ticket that waits for one request. Linked: all fields guarded by the shard.
struct Waiter : boost::intrusive::list_base_hook<> {
  Ticket* ticket = nullptr;
  size_t slot = 0;                 // in the ticket
  ScanRequest* request = nullptr;  // not null exactly while linked
  Target* target = nullptr;        // of the request
  int32_t access = VSAPI_ACCESS_ON_DEMAND;
  int32_t result = VSAPI_OK;  // of the target, once answered
  size_t shard = 0;           // of the request; constant once linked
};
using WaiterList = boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>>;

struct InLane;
struct InTable;
using LaneHook = boost::intrusive::list_base_hook<boost::intrusive::tag<InLane>>;
using TableHook = boost::intrusive::unordered_set_base_hook<boost::intrusive::tag<InTable>>;

struct ScanRequest : LaneHook, TableHook {
  void SetAccess(int32_t why, TimePoint since) {
    access = why;
    access_since = since;
  }

  RequestState state;

  size_t shard = 0;          // constant: it is used again for contents of that shard alone
  vsapi_digest digest = {};  // constant while not free
  uint64_t number = 0;       // constant while not free

  Targets targets;                         // shard; the first one is what is read
  WaiterList waiters;                      // shard
  std::shared_ptr<Generation> generation;  // shard; pinned when the scan begins
  int32_t access = 0;                      // shard; the most urgent reason so far
  TimePoint access_since;                  // shard; since when that is one
  bool is_traced = false;                  // shard; somebody who waits wants to know the steps
  bool is_urgent = false;                  // shard; somebody asked for it in the high lane
  std::array<ScanRun*, 2> runs = {};       // shard; the threads at work on it

  Lane lane = Lane::kLow;  // queue while in a lane, else constant: the one it was first taken from
  TimePoint queued_at;     // queue while in a lane, else constant
  bool is_unlimited = false;  // shard; in the low lane it takes none of the places there
};

// What a thread got from the queue.
struct Taken {
  ScanRequest* request = nullptr;
  uint64_t life = 0;
  bool is_second = false;  // another thread scans it already
};

// One thread's work on one request; on that thread's stack. In the request's `runs` from Begin to
// Claim, and only for so long known to others.
struct ScanRun {
  ScanRun(const Taken& from, Worker& by) : taken(from), worker(by) {}
  ScanRequest& request() const { return *taken.request; }

  const Taken taken;
  Worker& worker;
  std::atomic<bool> cancelled = false;  // by others; read by the vendor
  // As they were when it began.
  uint64_t number = 0;
  int32_t access = 0;
  Lane lane = Lane::kHigh;
  TimePoint access_since;
  bool is_traced = false;
  bool is_urgent = false;
  std::shared_ptr<Generation> generation;
  Mdb* mdb = nullptr;
  vsapi_item item;                         // to be read
  char client[sizeof Asker::client] = "";  // of the first one who waits
  ScanTimes times;                         // of its thread
};

// VSAPI_ACCESS_... by urgency: on-demand, transport, proactive, background.
inline bool IsMoreUrgent(int32_t access, int32_t than) { return than == 0 || access < than; }
inline bool IsClient(int32_t access) { return access <= VSAPI_ACCESS_TRANSPORT; }

}  // namespace vsapi::engine
