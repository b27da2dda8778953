// SPDX-License-Identifier: Apache-2.0
//
// One attached messaging database: the host's store behind a shared reference, the stamps that are
// decided and not written yet, and the one thread that writes outcomes, in groups.
//
// Thread safety: all of it from any thread.
//
// Invariants
//  1. The store is called only while it is attached; `release` comes after its last call returned.
//  2. A clean stamp counts from Write until it is written: ReadStamp gives it before the store
//  does.
//  3. Outcomes are written in the order they came; each `done` is called exactly once: on the
//  writer
//     thread, after the store made it durable or failed to, or at once if there is no store any
//     more.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "counters.h"
#include "event_log.h"
#include "scan_request.h"
#include "vendor_proxy.h"

namespace vsapi::engine {

// What is to be done to an item, with all it needs until it is written.
struct OutcomeDraft {
  vsapi_item item = {};
  int32_t action = VSAPI_ACTION_STAMP;
  vsapi_stamp stamp = {};
  vsapi_attempt attempt = {};
  bool is_outdated = false;  // its generation serves no more: it counts only when it is written
  std::shared_ptr<const ScanReport> report;  // findings, replacement, text; may be null
  std::function<void(int32_t result)> done;  // may be null
};

class Mdb : public std::enable_shared_from_this<Mdb> {
 public:
  // `server` is the host's name for vendors, or "".
  Mdb(std::string name, const vsapi_store_table& table, void* store, EventLog& events,
      Counters& counters, std::string server = "");
  ~Mdb();  // detaches

  const std::string& name() const { return name_; }

  // VSAPI_E_GONE once detached, VSAPI_E_CHANGED or VSAPI_E_READ_FAILED as the store says.
  int32_t OpenContent(const vsapi_item& item, std::unique_ptr<ScanContent>& content);
  // The newest stamp of the item: decided but not written yet, else the store's.
  int32_t ReadStamp(const vsapi_item& item, vsapi_stamp& stamp);
  // Queues an outcome for the writer.
  void Write(OutcomeDraft outcome);
  // Waits until all that was queued so far is written. Not to be called by `done`.
  void Flush();
  // Writes what is queued, then lets go of the store. Later writes are answered VSAPI_E_GONE. Not
  // to be called by `done`.
  void Detach();
  // The same, but waits at most until `deadline`; false if the store still holds its writer. Then
  // this object must outlive that.
  bool DetachBy(Clock& clock, TimePoint deadline);

 private:
  // Calls `release` when the last user lets go; not before `attached`: until then the host owns it.
  class Store {
   public:
    Store(const vsapi_store_table& functions, void* store) : table(functions), self(store) {}
    ~Store() {
      if (attached && table.release != nullptr) table.release(self);
    }
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    const vsapi_store_table table;
    void* const self;
    bool attached = false;
  };
  class OpenedContent;
  struct DigestHash {
    size_t operator()(const vsapi_digest& digest) const;
  };
  struct DigestEqual {
    bool operator()(const vsapi_digest& a, const vsapi_digest& b) const;
  };

  std::shared_ptr<Store> store() const;
  void Run();
  void AwaitChange(Clock& clock, TimePoint deadline) VSAPI_REQUIRES(mutex_);
  void WriteGroup(std::vector<OutcomeDraft>& group);
  std::vector<int32_t> Apply(const std::vector<OutcomeDraft>& group);
  bool ReadDecided(const vsapi_item& item, vsapi_stamp& stamp);
  // True if nothing was queued before it.
  bool QueueLocked(OutcomeDraft& outcome) VSAPI_REQUIRES(mutex_);
  void Forget(const OutcomeDraft& outcome);
  void Report(const OutcomeDraft& outcome, int32_t result);

  const std::string name_;
  const std::string server_;
  EventLog& events_;
  Counters& counters_;
  mutable Mutex mutex_;
  CondVar to_write_;                                       // for the writer
  CondVar written_changed_;                                // for those who wait for it
  std::shared_ptr<Store> store_ VSAPI_GUARDED_BY(mutex_);  // null once detached
  std::vector<OutcomeDraft> queue_ VSAPI_GUARDED_BY(mutex_);
  uint64_t queued_ VSAPI_GUARDED_BY(mutex_) = 0;   // outcomes so far
  uint64_t written_ VSAPI_GUARDED_BY(mutex_) = 0;  // of these, and their `done` called
  bool detaching_ VSAPI_GUARDED_BY(mutex_) = false;
  bool writer_ended_ VSAPI_GUARDED_BY(mutex_) = false;
  // A content-scoped stamp on its way to the store, for so many items.
  struct Decided {
    vsapi_stamp stamp = {};
    vsapi_key key = {};  // of the item that it was queued for last
    size_t outcomes = 0;
  };
  std::unordered_map<vsapi_digest, Decided, DigestHash, DigestEqual> decided_
      VSAPI_GUARDED_BY(mutex_);
  std::thread writer_ VSAPI_GUARDED_BY(mutex_);
};

// The MDBs by the numbers that items carry. Kept until the engine goes, detached ones too: a scan
// may let go of one on the thread that writes for it.
class MdbTable {
 public:
  uint32_t Add(std::shared_ptr<Mdb> mdb);
  std::shared_ptr<Mdb> Find(uint32_t number) const;
  std::vector<std::shared_ptr<Mdb>> all() const;

 private:
  mutable Mutex mutex_;
  std::vector<std::shared_ptr<Mdb>> mdbs_ VSAPI_GUARDED_BY(mutex_);
};

}  // namespace vsapi::engine
