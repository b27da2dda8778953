// SPDX-License-Identifier: Apache-2.0
//
// A host's store that costs nothing: contents in memory, stamps forgotten. An item's key is the
// number of its content; its digest is made up, so that the same bytes can be scanned again and
// again as if they were new.
//
// Thread safety: Add before the store is attached; the rest from any thread.
#pragma once

#include <vsapi/host/engine.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace vsapi::bench {

class MemoryStore final : public Store {
 public:
  // `applied` is told of each outcome, on the thread that writes it.
  using Applied = std::function<void(const Outcome&)>;
  explicit MemoryStore(std::vector<std::string> contents, Applied applied = {})
      : contents_(std::move(contents)), applied_(std::move(applied)) {}

  size_t size() const { return contents_.size(); }

  // The item of content `number` (any: it wraps around), never seen before.
  Item NewItem(uint32_t mdb, uint64_t number) const {
    static std::atomic<uint64_t> next = 1;
    Item item = {};
    item.struct_size = sizeof item;
    item.mdb = mdb;
    item.kind = VSAPI_ITEM_BODY;
    const uint64_t serial = next.fetch_add(1, std::memory_order_relaxed);
    // Spread over all bytes, as a real digest would be.
    for (uint64_t word = 0, mixed = serial; word < 4; ++word) {
      mixed = (mixed + 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9;
      mixed ^= mixed >> 31;
      std::memcpy(item.digest.bytes + 8 * word, &mixed, sizeof mixed);
    }
    const uint64_t content = number % contents_.size();
    item.size = contents_[content].size();
    item.key.size = sizeof content + sizeof serial;
    std::memcpy(item.key.bytes, &content, sizeof content);
    std::memcpy(item.key.bytes + sizeof content, &serial, sizeof serial);
    return item;
  }

  int32_t OpenContent(const Item& item, std::unique_ptr<Content>& content) override {
    WaitWhileHeld();
    content = std::make_unique<Opened>(contents_[ContentOf(item)]);
    return VSAPI_OK;
  }
  int32_t ReadStamp(const Item& item, Stamp& stamp) override {
    if (!keeps_stamps_) return VSAPI_OK;
    const std::lock_guard lock(mutex_);
    const auto kept = kept_.find(KeyOf(item.digest));
    if (kept != kept_.end()) stamp = kept->second;
    return VSAPI_OK;
  }
  int32_t Apply(std::span<Outcome> outcomes) override {
    for (Outcome& outcome : outcomes) Keep(outcome);
    if (!outcomes.empty() && keeps_next_stamp_.exchange(false)) {
      const std::lock_guard lock(mutex_);
      stamp_ = outcomes.back().stamp;
    }
    return VSAPI_OK;
  }

  // From now on there is always more for a background thread; before there is nothing.
  void NeverRunOut() { is_endless_ = true; }
  int32_t NextStale(const Level&, StalePage& page) override {
    for (; is_endless_ && page.count < page.room; ++page.count) {
      Item& item = page.items[page.count];
      item = NewItem(item.mdb, page.count);
      page.cursor = item.key;
    }
    page.messages = page.count;
    return VSAPI_OK;
  }

  // What is judged while it does so has its stamp when it is asked for again, as in a store that
  // keeps a content once.
  void KeepStamps(bool keeps) { keeps_stamps_ = keeps; }
  // The content that an item made here is of.
  static uint64_t ContentOf(const Item& item) {
    uint64_t number = 0;
    std::memcpy(&number, item.key.bytes, sizeof number);
    return number;
  }

  // The stamp of the next outcome is kept, to be looked at after a flush.
  void KeepNextStamp() { keeps_next_stamp_ = true; }
  Stamp stamp() const {
    const std::lock_guard lock(mutex_);
    return stamp_;
  }

  // Scans that begin now wait in OpenContent until they are let go: what is queued stays queued.
  void Hold() { held_ = true; }
  void LetGo() {
    {
      const std::lock_guard lock(mutex_);
      held_ = false;
    }
    let_go_.notify_all();
  }

 private:
  class Opened final : public Content {
   public:
    explicit Opened(const std::string& bytes) : bytes_(bytes) {}
    uint64_t size() const override { return bytes_.size(); }
    const void* data() const override { return bytes_.data(); }

   private:
    const std::string& bytes_;
  };

  static std::string KeyOf(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.bytes), sizeof digest.bytes};
  }
  void Keep(Outcome& outcome) {
    outcome.result = VSAPI_OK;
    if (applied_) applied_(outcome);
    if (!keeps_stamps_) return;
    const std::lock_guard lock(mutex_);
    kept_[KeyOf(outcome.item->digest)] = outcome.stamp;
  }

  void WaitWhileHeld() {
    if (!held_.load(std::memory_order_relaxed)) return;
    std::unique_lock lock(mutex_);
    let_go_.wait(lock, [this] { return !held_.load(); });
  }

  const std::vector<std::string> contents_;
  const Applied applied_;
  std::atomic<bool> is_endless_ = false;
  std::atomic<bool> keeps_next_stamp_ = false;
  std::atomic<bool> keeps_stamps_ = false;
  std::atomic<bool> held_ = false;  // written under mutex_ when it turns false
  mutable std::mutex mutex_;
  std::condition_variable let_go_;
  Stamp stamp_ = {};                   // guarded by mutex_
  std::map<std::string, Stamp> kept_;  // by digest; guarded by mutex_
};

}  // namespace vsapi::bench
