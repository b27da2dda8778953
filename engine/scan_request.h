// SPDX-License-Identifier: Apache-2.0
//
// One scan in flight of one content under one generation, with the items it is for (targets) and
// the callers that wait for it (waiters).
//
//              Admit                      Take                    report
//   (free) ------------> kPending ---------------> kScanning -------------> kApplying ---> (free)
//                        | low lane                     |                       |
//                        |  Promote                     | again, up to twice    | item-scoped: the
//                        other v                              |                       | targets are
//                        queued again high lane                      +--> kPending           +-->
//                        kPending
//
// Requests live in the in-flight table, which hands out free ones again; a pointer to one is good
// while its phase is not free. Each field names the lock that guards it: "shard" is the lock of the
// table's shard that the digest belongs to, "queue" the lock of the scan queue.
#pragma once

#include <atomic>
#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <memory>
#include <vector>

#include "clock.h"
#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {

class Generation;
class Mdb;
class Ticket;
struct ScanRequest;

// An item that the result of a request is applied to.
struct Target {
  std::shared_ptr<Mdb> mdb;
  vsapi_item item;  // `struct_size` is the engine's own
};

// `item` may come from a younger host that knows more fields.
inline Target MakeTarget(std::shared_ptr<Mdb> mdb, const vsapi_item& item) {
  Target target{std::move(mdb), item};
  target.item.struct_size = sizeof target.item;
  return target;
}

// One place in a ticket that waits for one request. Linked: all fields guarded by the shard.
struct Waiter : boost::intrusive::list_base_hook<> {
  std::shared_ptr<Ticket> ticket;  // set while linked, so that the ticket outlives the link
  ScanRequest* request = nullptr;  // not null exactly while linked
  size_t slot = 0;                 // in the ticket
  size_t target = 0;               // in the request
  vsapi_digest digest = {};        // of the request; constant once linked
  int32_t access = VSAPI_ACCESS_ON_DEMAND;
};
using WaiterList = boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>>;

enum class Phase : uint8_t { kFree, kPending, kScanning, kApplying };
enum class Lane : uint8_t { kLow = VSAPI_LANE_LOW, kHigh = VSAPI_LANE_HIGH };

struct ScanRequest : boost::intrusive::list_base_hook<> {
  vsapi_digest digest = {};  // constant while not free
  uint64_t number = 0;       // constant while not free

  Phase phase = Phase::kFree;              // shard
  std::vector<Target> targets;             // shard; the first one is what is read
  WaiterList waiters;                      // shard
  std::shared_ptr<Generation> generation;  // shard; pinned when the scan is claimed
  int32_t access = 0;                      // shard; the most urgent reason so far

  bool queued = false;     // queue
  Lane lane = Lane::kLow;  // queue
  TimePoint queued_at;     // queue

  std::atomic<bool> cancelled = false;  // set by shutdown, read by the scanning thread
};

// VSAPI_ACCESS_... by urgency: on-demand, transport, proactive, background.
inline bool IsMoreUrgent(int32_t access, int32_t than) { return than == 0 || access < than; }

}  // namespace vsapi::engine
