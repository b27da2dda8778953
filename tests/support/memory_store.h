// SPDX-License-Identifier: Apache-2.0
//
// A store in memory that keeps the rules of vsapi_store_table, counts its calls, records what is
// applied, and fails or waits where a test tells it to.
//
// A row keeps its content when it is replaced by a notice or quarantined: the stamp says that it is
// denied, and it can be judged anew under other definitions.
//
// Thread safety: all of it from any thread.
#ifndef VSAPI_TESTS_SUPPORT_MEMORY_STORE_H_
#define VSAPI_TESTS_SUPPORT_MEMORY_STORE_H_

#include <openssl/sha.h>
#include <vsapi/host/engine.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "support/gate.h"

namespace vsapi::test {

inline Digest DigestOf(std::string_view content) {
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.bytes);
  return digest;
}

inline bool SameDigest(const Digest& a, const Digest& b) {
  return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

class MemoryStore : public Store {
 public:
  struct Row {
    std::string content;
    std::string name;  // of the attachment, or ""
    Digest digest = {};
    Stamp stamp = {};
    vsapi_attempt attempt = {};
    int64_t received_ns = 0;
    int32_t kind = 0;  // VSAPI_ITEM_..., or 0: by whether it has a name
  };
  // One outcome as it came to Apply.
  struct Applied {
    std::string key;
    int32_t action;
    Stamp stamp;
    vsapi_attempt attempt;
    std::vector<std::string> findings;
    std::string replacement;
    std::string text;
    uint64_t since = 0;
  };

  // ---- The rows ---------------------------------------------------------------------------------

  // Puts a row or new content into it; returns the item as a client reads it with the row.
  Item Put(const std::string& key, const std::string& content, const std::string& name = "") {
    const std::lock_guard lock(mutex_);
    rows_[key] = Row{content, name, DigestOf(content), {}, {}};
    return ItemLocked(key);
  }
  void SetReceived(const std::string& key, int64_t time_ns) {
    const std::lock_guard lock(mutex_);
    rows_.at(key).received_ns = time_ns;
  }
  void SetKind(const std::string& key, int32_t kind) {
    const std::lock_guard lock(mutex_);
    rows_.at(key).kind = kind;
  }
  void Remove(const std::string& key) {
    const std::lock_guard lock(mutex_);
    rows_.erase(key);
  }
  void SetStamp(const std::string& key, const Stamp& stamp) {
    const std::lock_guard lock(mutex_);
    rows_.at(key).stamp = stamp;
  }
  Item ItemOf(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return ItemLocked(key);
  }
  bool Has(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return rows_.count(key) > 0;
  }
  Row row(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return rows_.at(key);
  }
  void set_mdb(uint32_t mdb) { mdb_ = mdb; }
  uint32_t mdb() const { return mdb_; }

  // ---- What the test wants to go wrong
  // ------------------------------------------------------------

  std::atomic<int32_t> open_status = VSAPI_OK;        // what OpenContent answers
  std::atomic<int32_t> read_stamp_status = VSAPI_OK;  // what ReadStamp answers
  std::atomic<int32_t> apply_status = VSAPI_OK;       // what Apply answers
  std::atomic<int32_t> outcome_result = VSAPI_OK;     // what each outcome of an Apply comes to
  std::atomic<int32_t> walk_status = VSAPI_OK;        // what NextStale answers
  std::atomic<bool> walk_stands_still = false;        // NextStale gives the same items for ever
  std::atomic<bool> in_memory = true;                 // else content is read, in short pieces
  std::atomic<bool> reads_fail = false;
  Gate apply_gate;  // each Apply passes it first
  Gate open_gate;   // each OpenContent passes it first

  // Called by each Apply before it returns: what else becomes of the rows. Set before the first.
  std::function<void()> after_apply;

  // ---- What happened
  // ------------------------------------------------------------------------------

  int opens() const { return opens_; }
  int open_contents() const { return open_contents_; }
  int stamps_read() const { return stamps_read_; }
  int applies() const { return applies_; }
  int walks() const { return walks_; }
  int calls() const { return opens_ + stamps_read_ + applies_; }
  std::vector<std::vector<Applied>> batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
  }
  // Every outcome that came, in order.
  std::vector<Applied> applied() const {
    std::vector<Applied> all;
    for (const auto& batch : batches()) all.insert(all.end(), batch.begin(), batch.end());
    return all;
  }

  // ---- Store
  // --------------------------------------------------------------------------------------

  int32_t OpenContent(const Item& item, std::unique_ptr<Content>& content) override {
    ++opens_;
    open_gate.Pass();
    if (open_status != VSAPI_OK) return open_status;
    const std::lock_guard lock(mutex_);
    Row row;
    const int32_t status = FindLocked(item, row);
    if (status == VSAPI_OK) content = std::make_unique<OpenedContent>(*this, std::move(row));
    return status;
  }

  int32_t ReadStamp(const Item& item, Stamp& stamp) override {
    ++stamps_read_;
    if (read_stamp_status != VSAPI_OK) return read_stamp_status;
    const std::lock_guard lock(mutex_);
    Row row;
    const int32_t status = FindLocked(item, row);
    stamp = row.stamp;
    return status;
  }

  int32_t Apply(std::span<Outcome> outcomes) override {
    ++applies_;
    apply_gate.Pass();
    const int32_t status = ApplyAll(outcomes);
    if (after_apply) after_apply();
    return status;
  }

  // By key; each row is a message, and all of them are a folder.
  int32_t NextStale(const Level& level, StalePage& page) override {
    if (page.room == 0) return walk_status;
    ++walks_;
    const std::lock_guard lock(mutex_);
    const std::string after(reinterpret_cast<const char*>(page.cursor.bytes), page.cursor.size);
    auto row = rows_.upper_bound(walk_stands_still ? "" : after);
    for (; row != rows_.end() && page.count < page.room; ++row) {
      const vsapi_attempt& attempt = row->second.attempt;
      const bool waits = attempt.not_before_ns > level.now_ns &&
                         SameDigest(attempt.definitions, level.definitions);
      if (waits || vsapi_stamp_is_current(&row->second.stamp, &level)) continue;
      if (!IsWanted(row->second, page)) continue;
      Item item = ItemLocked(row->first);
      item.mdb = page.items[page.count].mdb;
      page.items[page.count++] = item;
      page.cursor = item.key;
    }
    page.messages = page.count;
    page.folders = page.count == 0 ? 1 : 0;
    return walk_status;
  }

 private:
  class OpenedContent : public Content {
   public:
    OpenedContent(MemoryStore& store, Row row) : store_(store), row_(std::move(row)) {
      ++store_.open_contents_;
    }
    ~OpenedContent() override { --store_.open_contents_; }
    uint64_t size() const override { return row_.content.size(); }
    const void* data() const override { return store_.in_memory ? row_.content.data() : nullptr; }
    int32_t Read(uint64_t offset, void* buffer, size_t size, size_t* got) override {
      constexpr size_t kLongestRead = 7;
      if (store_.reads_fail) return VSAPI_E_READ_FAILED;
      const std::string piece = row_.content.substr(offset, std::min(size, kLongestRead));
      std::memcpy(buffer, piece.data(), piece.size());
      *got = piece.size();
      return VSAPI_OK;
    }
    int32_t Property(uint32_t id, uint32_t, vsapi_value* value) override {
      if (id != VSAPI_PROPERTY_ATTACHMENT_NAME || row_.name.empty()) return VSAPI_E_ABSENT;
      value->type = VSAPI_TYPE_TEXT;
      value->text = row_.name.c_str();
      value->text_size = row_.name.size();
      return VSAPI_OK;
    }

   private:
    MemoryStore& store_;
    const Row row_;
  };

  int32_t ApplyAll(std::span<Outcome> outcomes) {
    const std::lock_guard lock(mutex_);
    batches_.emplace_back();
    for (const Outcome& outcome : outcomes) batches_.back().push_back(Record(outcome));
    if (apply_status != VSAPI_OK) return apply_status;
    for (Outcome& outcome : outcomes)
      outcome.result = outcome_result == VSAPI_OK ? ApplyLocked(outcome) : outcome_result.load();
    return VSAPI_OK;
  }

  static bool IsWanted(const Row& row, const StalePage& page) {
    if ((page.wanted & VSAPI_STALE_UNSCANNED) && row.stamp.verdict != VSAPI_VERDICT_NONE)
      return false;
    if ((page.wanted & VSAPI_STALE_WITH_ATTACHMENTS) && row.name.empty()) return false;
    return row.received_ns >= page.received_since_ns;
  }

  static std::string KeyOf(const Item& item) {
    return {reinterpret_cast<const char*>(item.key.bytes), item.key.size};
  }

  Item ItemLocked(const std::string& key) const {
    const Row& row = rows_.at(key);
    Item item = {};
    item.struct_size = sizeof item;
    item.mdb = mdb_;
    item.kind = row.name.empty() ? VSAPI_ITEM_BODY : VSAPI_ITEM_ATTACHMENT;
    if (row.kind != 0) item.kind = row.kind;
    item.size = row.content.size();
    item.digest = row.digest;
    item.key.size = static_cast<uint8_t>(key.size());
    std::memcpy(item.key.bytes, key.data(), key.size());
    item.stamp = row.stamp;
    return item;
  }

  int32_t FindLocked(const Item& item, Row& row) const {
    const auto found = rows_.find(KeyOf(item));
    if (found == rows_.end()) return VSAPI_E_GONE;
    row = found->second;
    return SameDigest(row.digest, item.digest) ? VSAPI_OK : VSAPI_E_CHANGED;
  }

  static Applied Record(const Outcome& outcome) {
    Applied applied{
        KeyOf(*outcome.item), outcome.action,          outcome.stamp, outcome.attempt, {}, "",
        outcome.text,         outcome.since_generation};
    for (size_t i = 0; i < outcome.finding_count; ++i)
      applied.findings.push_back(outcome.findings[i].name);
    if (outcome.replacement != nullptr)
      applied.replacement.assign(static_cast<const char*>(outcome.replacement),
                                 outcome.replacement_size);
    return applied;
  }

  int32_t ApplyLocked(const Outcome& outcome) {
    Row found;
    if (const int32_t status = FindLocked(*outcome.item, found); status != VSAPI_OK) return status;
    if (found.stamp.generation > outcome.stamp.generation && outcome.action != VSAPI_ACTION_ATTEMPT)
      return VSAPI_OK;
    Row& row = rows_.at(KeyOf(*outcome.item));
    switch (outcome.action) {
      case VSAPI_ACTION_ATTEMPT:
        row.attempt = outcome.attempt;
        return VSAPI_OK;
      case VSAPI_ACTION_DELETE_PART:
      case VSAPI_ACTION_DELETE_MESSAGE:
        rows_.erase(KeyOf(*outcome.item));
        return VSAPI_OK;
      case VSAPI_ACTION_REPLACE:
        row.content.assign(static_cast<const char*>(outcome.replacement), outcome.replacement_size);
        row.digest = DigestOf(row.content);
        break;
      default:
        break;
    }
    row.stamp = outcome.stamp;
    return VSAPI_OK;
  }

  mutable std::mutex mutex_;
  std::map<std::string, Row> rows_;            // guarded by mutex_
  std::vector<std::vector<Applied>> batches_;  // guarded by mutex_
  std::atomic<uint32_t> mdb_ = 0;
  std::atomic<int> opens_ = 0, open_contents_ = 0, stamps_read_ = 0, applies_ = 0, walks_ = 0;
};

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_MEMORY_STORE_H_
