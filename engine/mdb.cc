// SPDX-License-Identifier: Apache-2.0
#include "mdb.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "mdb_store.h"

namespace vsapi::engine {
namespace {

bool CountsAtOnce(const OutcomeDraft& outcome) {
  return outcome.action == VSAPI_ACTION_STAMP && outcome.stamp.scope == VSAPI_SCOPE_CONTENT &&
         !outcome.done && !outcome.is_outdated;
}

// What the engine itself knows of the place.
int32_t Give(const char* text, vsapi_value* value) {
  if (*text == '\0') return VSAPI_E_ABSENT;
  value->type = VSAPI_TYPE_TEXT;
  value->text = text;
  value->text_size = std::strlen(text);
  return VSAPI_OK;
}

}  // namespace

// ---- Content ------------------------------------------------------------------------------------

Mdb::Content::Content(std::shared_ptr<Store> store, const vsapi_content& content,
                      const char* client)
    : store_(std::move(store)), content_(content), client_(client) {}

Mdb::Content::~Content() { store_->table.close_content(store_->self, &content_); }

int32_t Mdb::Content::Read(uint64_t offset, void* buffer, size_t size, size_t* got) {
  if (content_.data == nullptr) {
    if (store_->table.read_content == nullptr) return VSAPI_E_READ_FAILED;
    return store_->Heard(
        store_->table.read_content(store_->self, &content_, offset, buffer, size, got));
  }
  *got = offset < content_.size ? std::min<uint64_t>(size, content_.size - offset) : 0;
  if (*got > 0) std::memcpy(buffer, static_cast<const char*>(content_.data) + offset, *got);
  return VSAPI_OK;
}

int32_t Mdb::Content::Property(uint32_t id, uint32_t index, vsapi_value* value) {
  const int32_t status = store_->table.property == nullptr
                             ? static_cast<int32_t>(VSAPI_E_ABSENT)
                             : store_->table.property(store_->self, &content_, id, index, value);
  if (status != VSAPI_E_ABSENT || index > 0) return status;
  if (id == VSAPI_PROPERTY_MDB) return Give(store_->mdb.c_str(), value);
  if (id == VSAPI_PROPERTY_CLIENT_PROTOCOL) return Give(client_, value);
  return id == VSAPI_PROPERTY_SERVER ? Give(store_->server.c_str(), value) : status;
}

int32_t Mdb::OpenContent(const vsapi_item& item, std::optional<Content>& content,
                         const char* client) {
  auto from = store();
  if (!from) return VSAPI_E_GONE;
  vsapi_content opened = {};
  opened.struct_size = sizeof opened;
  const int32_t status = from->HeardOfContent(from->table.open_content(from->self, &item, &opened));
  if (status != VSAPI_OK) return status;
  content.emplace(std::move(from), opened, client);
  return VSAPI_OK;
}

// ---- Stamps -------------------------------------------------------------------------------------

int32_t Mdb::ReadStamp(const vsapi_item& item, vsapi_stamp& stamp) {
  std::shared_ptr<Store> from;
  if (FindDecided(item, stamp, from)) return VSAPI_OK;
  if (!from) return VSAPI_E_GONE;
  stamp = {};
  return from->Heard(from->table.read_stamp(from->self, &item, &stamp));
}

// The store may keep stamps by item: another item of a content that was just decided gets its own.
bool Mdb::FindDecided(const vsapi_item& item, vsapi_stamp& stamp, std::shared_ptr<Store>& from) {
  bool wakes = false;
  {
    const MutexLock lock(mutex_);
    from = store_;
    const auto decided = decided_.find(item.digest);
    if (decided == decided_.end()) return false;
    stamp = decided->second.stamp;
    if (detaching_ || SameKey(decided->second.key, item.key)) return true;
    OutcomeDraft outcome;
    CopyItem(item, outcome.item);
    outcome.stamp = stamp;
    outcome.since = decided->second.since;
    wakes = QueueLocked(std::move(outcome));
  }
  if (wakes) to_write_.NotifyOne();
  return true;
}

void Mdb::BeginCatchingUp(const void* pass) { catching_up_.store(pass, std::memory_order_relaxed); }

void Mdb::EndCatchingUp(const void* pass) {
  catching_up_.compare_exchange_strong(pass, nullptr, std::memory_order_relaxed);
}

bool Mdb::can_be_swept() const {
  const auto from = store();
  return from && from->table.next_stale != nullptr;
}

int32_t Mdb::NextStale(const vsapi_level& level, vsapi_stale_page& page) {
  const auto from = store();
  return from ? from->Heard(from->table.next_stale(from->self, &level, &page)) : VSAPI_E_GONE;
}

// ---- Writing ------------------------------------------------------------------------------------

Mdb::Mdb(std::string name, const vsapi_store_table& table, void* store, EventLog& events,
         Counters& counters, Clock& clock, std::string server)
    : name_(std::move(name)),
      events_(events),
      counters_(counters),
      clock_(clock),
      store_(std::make_shared<Store>(table, store, name_, std::move(server), reasons_)),
      writer_([this] { Run(); }) {
  const MutexLock lock(mutex_);
  spares_.reserve(4 * kGroup);
  store_->attached = true;
}

Mdb::~Mdb() { Detach(); }

std::shared_ptr<Mdb::Store> Mdb::store() const {
  const MutexLock lock(mutex_);
  return store_;
}

void Mdb::Write(OutcomeDraft outcome) {
  int32_t refused = VSAPI_OK;
  bool wakes = false;
  try {
    const MutexLock lock(mutex_);
    if (store_ == nullptr || detaching_)
      refused = VSAPI_E_GONE;
    else
      wakes = QueueLocked(std::move(outcome));
  } catch (const std::bad_alloc&) {
    refused = VSAPI_E_NO_MEMORY;
    outcome.result = refused;
    Report(outcome, 1);
  }
  if (wakes) to_write_.NotifyOne();
  if (refused != VSAPI_OK && outcome.done) outcome.done(refused);
}

bool Mdb::QueueLocked(OutcomeDraft&& outcome) {
  if (queue_.empty()) gathers_until_ = clock_.Now() + kGatherTime;
  queue_.push_back(std::move(outcome));  // or nothing has happened
  ++queued_;
  if (CountsAtOnce(queue_.back())) ShowLocked(queue_.back());
  if (queue_.back().done || queue_.size() == kGroup) return HurryLocked();
  if (writer_is_ != Writer::kIdle) return false;
  writer_is_ = Writer::kWrites;  // one wake-up is enough
  return true;
}

// Without the memory for it the stamp counts when it is written.
void Mdb::ShowLocked(OutcomeDraft& outcome) {
  try {
    Decided& shown = DecidedLocked(outcome.item.digest);
    if (shown.stamp.generation <= outcome.stamp.generation) {
      shown.stamp = outcome.stamp;
      shown.since = outcome.since;
    }
    shown.key = outcome.item.key;
    ++shown.outcomes;
    outcome.is_shown = true;
  } catch (const std::bad_alloc&) {
    outcome.is_shown = false;
  }
}

Mdb::Decided& Mdb::DecidedLocked(const vsapi_digest& digest) {
  const auto decided = decided_.find(digest);
  if (decided != decided_.end()) return decided->second;
  if (spares_.empty()) return decided_[digest];
  DecidedTable::node_type spare = std::move(spares_.back());
  spares_.pop_back();
  spare.key() = digest;
  spare.mapped() = {};
  return decided_.insert(std::move(spare)).position->second;
}

// What is queued is to be written now.
bool Mdb::HurryLocked() {
  const bool wakes = !is_urgent_ && writer_is_ != Writer::kWrites;
  is_urgent_ = true;
  return wakes;
}

void Mdb::Flush() {
  const MutexLock lock(mutex_);
  const uint64_t so_far = queued_;
  if (!queue_.empty() && HurryLocked()) to_write_.NotifyOne();
  while (written_ < so_far) written_changed_.Wait(mutex_);
}

void Mdb::Detach() { DetachBy(clock_, TimePoint::max()); }

bool Mdb::DetachBy(Clock& clock, TimePoint deadline) {
  std::thread writer;
  std::shared_ptr<Store> last;  // let go of after the lock: the store's `release` may take its time
  {
    const MutexLock lock(mutex_);
    detaching_ = true;
    to_write_.NotifyOne();
    while (writer_is_ != Writer::kEnded && clock.Now() < deadline) AwaitChange(clock, deadline);
    if (writer_is_ != Writer::kEnded) {
      if (writer_.joinable()) writer_.detach();  // left behind, with this object
      return false;
    }
    writer = std::move(writer_);
    last.swap(store_);
    decided_.clear();
  }
  if (writer.joinable()) writer.join();
  return true;
}

// A deadline of "never" is past what the system's clock can wait for.
void Mdb::AwaitChange(Clock& clock, TimePoint deadline) {
  if (deadline == TimePoint::max())
    written_changed_.Wait(mutex_);
  else
    clock.WaitUntil(written_changed_, mutex_, deadline);
}

}  // namespace vsapi::engine
