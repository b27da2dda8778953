// SPDX-License-Identifier: Apache-2.0
//
// One attached messaging database: the host's store behind a shared reference, the stamps that are
// decided and not written yet, and the one thread that writes outcomes, in groups.
//
// Thread safety: all of it from any thread.
//
// Invariants
//  1. The store is called only while it is attached; `release` comes after its last call returned.
//  2. A clean stamp counts from Write until it is written: ReadStamp gives it before the store.
//  3. Outcomes are written in the order they came; each `done` is called exactly once: on the
//     writer thread, after the store made it durable or failed to, or at once if it could not be
//     queued.
//  4. Clean stamps are gathered: the writer is woken when there are kGroup of them, or the first
//     has waited kGatherTime, or somebody waits for what is queued. Then it writes all there is.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "counters.h"
#include "event_log.h"
#include "scan_request.h"
#include "stamp.h"
#include "vendor_call.h"

namespace vsapi::engine {

// What is to be done to an item, with all it needs until it is written.
struct OutcomeDraft {
  vsapi_item item = {};
  int32_t action = VSAPI_ACTION_STAMP;
  vsapi_stamp stamp = {};
  vsapi_attempt attempt = {};
  uint64_t since = 0;        // of the generation that judged: vsapi_level.since_generation
  bool is_outdated = false;  // other definitions serve now: it counts only when it is written
  std::shared_ptr<const ScanReport> report = {};  // findings, replacement, text; may be null
  std::function<void(int32_t result)> done = {};  // may be null; somebody waits for it otherwise
  bool is_shown = false;                          // of the MDB: it counts already
  int32_t result = VSAPI_E_INTERNAL;
};

class Mdb {
  class Store;

 public:
  // `server` is the host's name for vendors, or "".
  Mdb(std::string name, const vsapi_store_table& table, void* store, EventLog& events,
      Counters& counters, Clock& clock, std::string server = "");
  ~Mdb();  // detaches

  const std::string& name() const { return name_; }
  // No: it is messages on their way, whose outcomes are counted as such.
  bool is_store() const { return is_store_; }
  void set_is_no_store() { is_store_ = false; }  // before it is used
  // How often something was left undone so far, which a later pass may find: since the store has
  // failed, reading, or writing a group or some of it, or as the vendor could not scan then.
  uint64_t failures() const { return reasons_->failures.load(std::memory_order_relaxed); }
  void LeaveUndone() { reasons_->AddFailure(); }
  // How often items of it have changed or moved so far, as far as the engine has come to know: an
  // outcome has changed a message, or an item was not there any more to be read or stamped. What is
  // there now may be offered by nobody.
  uint64_t changes() const { return reasons_->changes.load(std::memory_order_acquire); }
  // For each of both. Before it is used; called on any thread, with no lock held.
  void set_on_reason(std::function<void()> on_reason) { reasons_->on_one = std::move(on_reason); }

  static constexpr size_t kGroup = 256;
  static constexpr auto kGatherTime = std::chrono::milliseconds(20);

  // An item's content, open for reading as long as it lives.
  class Content final : public ScanContent {
   public:
    Content(std::shared_ptr<Store> store, const vsapi_content& content, const char* client);
    ~Content() override;
    Content(const Content&) = delete;
    Content& operator=(const Content&) = delete;
    uint64_t size() const override { return content_.size; }
    const void* data() const override { return content_.data; }
    int32_t Read(uint64_t offset, void* buffer, size_t size, size_t* got) override;
    int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) override;

   private:
    const std::shared_ptr<Store> store_;
    vsapi_content content_;
    const char* const client_;
  };

  // VSAPI_E_GONE once detached, else as the store says. `client` is the protocol by which somebody
  // asks, for vendors, or ""; it outlives the content.
  int32_t OpenContent(const vsapi_item& item, std::optional<Content>& content,
                      const char* client = "");
  // The newest stamp of the item: decided but not written yet, else the store's.
  int32_t ReadStamp(const vsapi_item& item, vsapi_stamp& stamp);
  // A background pass over it is under way.
  bool is_catching_up() const { return catching_up_.load(std::memory_order_relaxed) != nullptr; }
  // Of several the one that began last counts: the thread of another one hangs, maybe for ever.
  void BeginCatchingUp(const void* pass);
  void EndCatchingUp(const void* pass);
  // Can the store say what is to be scanned again?
  bool can_be_swept() const;
  // As vsapi_store_table.next_stale; VSAPI_E_GONE once detached.
  int32_t NextStale(const vsapi_level& level, vsapi_stale_page& page);
  // Queues an outcome for the writer. What can't be queued for lack of memory comes back as such.
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
  // A content-scoped stamp on its way to the store, for so many items.
  struct Decided {
    vsapi_stamp stamp = {};
    uint64_t since = 0;  // as OutcomeDraft.since
    vsapi_key key = {};  // of the item that it was queued for last
    size_t outcomes = 0;
  };
  // For a later pass. Of its own, so that whoever still reads content of a store that was let go of
  // may count too.
  struct Reasons {
    void AddFailure() {
      failures.fetch_add(1, std::memory_order_relaxed);
      if (on_one) on_one();
    }
    void AddChange() {
      changes.fetch_add(1, std::memory_order_release);
      if (on_one) on_one();
    }
    std::atomic<uint64_t> failures = 0;  // publishes nothing
    std::atomic<uint64_t> changes = 0;   // publishes what the store did before, to the next pass
    std::function<void()> on_one;
  };
  using DecidedTable = std::unordered_map<vsapi_digest, Decided, DigestHash, DigestEqual>;
  // What the writer is at.
  enum class Writer : uint8_t { kIdle, kGathers, kWrites, kEnded };

  std::shared_ptr<Store> store() const;
  // A stamp that is decided and not written yet; else the store, to ask it.
  bool FindDecided(const vsapi_item& item, vsapi_stamp& stamp, std::shared_ptr<Store>& from);
  // True if the writer is to be woken.
  bool QueueLocked(OutcomeDraft&& outcome) VSAPI_REQUIRES(mutex_);
  void ShowLocked(OutcomeDraft& outcome) VSAPI_REQUIRES(mutex_);
  Decided& DecidedLocked(const vsapi_digest& digest) VSAPI_REQUIRES(mutex_);
  bool HurryLocked() VSAPI_REQUIRES(mutex_);

  void Run();
  bool IsDueLocked() const VSAPI_REQUIRES(mutex_);
  void SleepLocked() VSAPI_REQUIRES(mutex_);
  void WriteGroup();
  int32_t Apply();
  void FillOutcomes();
  void FillOutcome(const OutcomeDraft& draft, vsapi_outcome& outcome);
  void Forget();
  void ReportGroup();
  void Report(const OutcomeDraft& outcome, size_t count);
  void CountChange();
  void TellHowItGoes(bool has_failed);
  void AwaitChange(Clock& clock, TimePoint deadline) VSAPI_REQUIRES(mutex_);

  const std::string name_;
  bool is_store_ = true;
  EventLog& events_;
  Counters& counters_;
  Clock& clock_;
  const std::shared_ptr<Reasons> reasons_ = std::make_shared<Reasons>();
  mutable Mutex mutex_;
  CondVar to_write_;                                       // for the writer
  CondVar written_changed_;                                // for those who wait for it
  std::shared_ptr<Store> store_ VSAPI_GUARDED_BY(mutex_);  // null once detached
  std::vector<OutcomeDraft> queue_ VSAPI_GUARDED_BY(mutex_);
  TimePoint gathers_until_ VSAPI_GUARDED_BY(mutex_);  // while the queue is not empty
  bool is_urgent_ VSAPI_GUARDED_BY(mutex_) =
      false;                                       // what is queued is waited for; it is not empty
  uint64_t queued_ VSAPI_GUARDED_BY(mutex_) = 0;   // outcomes so far
  uint64_t written_ VSAPI_GUARDED_BY(mutex_) = 0;  // of these, and their `done` called
  bool detaching_ VSAPI_GUARDED_BY(mutex_) = false;
  Writer writer_is_ VSAPI_GUARDED_BY(mutex_) = Writer::kIdle;
  DecidedTable decided_ VSAPI_GUARDED_BY(mutex_);
  std::vector<DecidedTable::node_type> spares_ VSAPI_GUARDED_BY(mutex_);  // to be used again
  std::atomic<const void*> catching_up_ = nullptr;  // the pass; read by who opens
  // Of the writer alone, kept for their memory.
  std::vector<OutcomeDraft> group_;
  std::vector<vsapi_outcome> outcomes_;
  std::vector<vsapi_finding> findings_;
  bool fails_ = false;  // the store has not taken the last group
  std::thread writer_ VSAPI_GUARDED_BY(mutex_);
};

// The MDBs by the numbers that items carry. Kept until the engine goes, detached ones too: who has
// found one may use it for ever. Find takes no lock.
class MdbTable {
 public:
  uint32_t Add(std::unique_ptr<Mdb> mdb);
  Mdb* Find(uint32_t number) const;
  std::vector<Mdb*> all() const;

 private:
  // Filled from the front; a longer copy takes its place when it is full.
  struct List {
    explicit List(size_t capacity) : mdbs(capacity) {}
    std::vector<Mdb*> mdbs;
    std::atomic<size_t> size = 0;  // publishes the pointers before it
  };

  mutable Mutex mutex_;
  std::vector<std::unique_ptr<Mdb>> mdbs_ VSAPI_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<List>> lists_ VSAPI_GUARDED_BY(mutex_);  // all that ever were
  std::atomic<const List*> current_ = nullptr;                         // publishes the last one
};

}  // namespace vsapi::engine
