// SPDX-License-Identifier: Apache-2.0
//
// One slot for each thread that scans, by the number of its vendor session: which content it has at
// the vendor now, and until when. Others see there who hangs. Where the slots are in a file, who
// starts next sees what was being scanned when the process died.
//
// Thread safety: Enter and Leave by the slot's thread, Overdue from any thread. Nothing is locked:
// a slot that changes while it is looked at is passed over.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "clock.h"
#include "platform.h"
#include "stamp.h"

namespace vsapi::engine {

// A cache line of its own: a scan writes no other one for this.
class alignas(64) ScanSlot {
 public:
  struct Call {
    vsapi_digest content = {};
    uint64_t judge = 0;   // JudgeOf who scans it
    uint64_t number = 0;  // of the request
    TimePoint began, deadline;
  };

  // Inside from construction to destruction; without a slot nothing is noted.
  class Visit {
   public:
    Visit(ScanSlot* slot, const Call& call) : slot_(slot) {
      if (slot_ != nullptr) slot_->Enter(call);
    }
    ~Visit() {
      if (slot_ != nullptr) slot_->Leave();
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

   private:
    ScanSlot* const slot_;
  };

  void Enter(const Call& call);
  void Leave() { judge_.store(0, std::memory_order_release); }
  // False: nothing is at the vendor, or it has just changed.
  bool Read(Call& call) const;

 private:
  using Word = std::atomic<uint64_t>;
  using Ticks = std::atomic<Duration::rep>;
  static_assert(Word::is_always_lock_free && Ticks::is_always_lock_free, "it is in a file");

  Word judge_;  // publishes the others; 0: nothing is at the vendor
  std::array<Word, sizeof(vsapi_digest) / sizeof(uint64_t)> content_;
  Word number_;
  Ticks began_, deadline_;
};

class ScanSlots {
 public:
  // More than any pool has threads. A session past it has no slot: it is neither watched nor noted.
  static constexpr size_t kSlots = 4096;

  // In a file of the folder; in memory alone if that is "", or, with `problem` filled, if it can't
  // be. Several processes may have the same folder.
  ScanSlots(const std::string& folder, std::string& problem);

  // What was at the vendor when processes died that had this folder before.
  std::vector<ScanSlot::Call> left_behind() const;
  // It is kept elsewhere now.
  void ForgetLeftBehind();
  // It could not be: it stays in the file, out of the way, for who starts next.
  void KeepLeftBehind();

  ScanSlot* of(size_t session);

  struct Overdue {
    size_t session = 0;
    ScanSlot::Call call;
  };
  // Those whose deadline is `grace` past, or more.
  std::vector<Overdue> FindOverdue(TimePoint now, Duration grace) const;

 private:
  using Memory = std::unique_ptr<platform::MappedFile>;
  void OpenFiles(const std::string& folder, std::string& problem);
  static std::span<ScanSlot> SlotsOf(const Memory& memory);

  std::vector<Memory> old_;  // of processes that are gone
  Memory memory_;
  std::span<ScanSlot> slots_;
  std::atomic<size_t> used_ = 0;  // so many of them ever were; they look after themselves
};

}  // namespace vsapi::engine
