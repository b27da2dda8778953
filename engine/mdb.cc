// SPDX-License-Identifier: Apache-2.0
#include "mdb.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "platform.h"
#include "words.h"

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

// Calls `release` when the last user lets go; not before `attached`: until then the host owns it.
class Mdb::Store {
 public:
  Store(const vsapi_store_table& functions, void* store, std::string name, std::string of)
      : table(functions), self(store), mdb(std::move(name)), server(std::move(of)) {}
  ~Store() {
    if (attached && table.release != nullptr) table.release(self);
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  const vsapi_store_table table;
  void* const self;
  const std::string mdb, server;  // their names, for vendors
  bool attached = false;
};

// ---- Content ------------------------------------------------------------------------------------

Mdb::Content::Content(std::shared_ptr<Store> store, const vsapi_content& content,
                      const char* client)
    : store_(std::move(store)), content_(content), client_(client) {}

Mdb::Content::~Content() { store_->table.close_content(store_->self, &content_); }

int32_t Mdb::Content::Read(uint64_t offset, void* buffer, size_t size, size_t* got) {
  if (content_.data == nullptr) {
    if (store_->table.read_content == nullptr) return VSAPI_E_READ_FAILED;
    return store_->table.read_content(store_->self, &content_, offset, buffer, size, got);
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
  const int32_t status = from->table.open_content(from->self, &item, &opened);
  if (status == VSAPI_E_GONE || status == VSAPI_E_CHANGED) return status;
  if (status != VSAPI_OK) return VSAPI_E_READ_FAILED;
  content.emplace(std::move(from), opened, client);
  return VSAPI_OK;
}

// ---- Stamps -------------------------------------------------------------------------------------

int32_t Mdb::ReadStamp(const vsapi_item& item, vsapi_stamp& stamp) {
  std::shared_ptr<Store> from;
  if (FindDecided(item, stamp, from)) return VSAPI_OK;
  if (!from) return VSAPI_E_GONE;
  stamp = {};
  return from->table.read_stamp(from->self, &item, &stamp);
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

bool Mdb::can_be_swept() const {
  const auto from = store();
  return from && from->table.next_stale != nullptr;
}

int32_t Mdb::NextStale(const vsapi_level& level, vsapi_stale_page& page) {
  const auto from = store();
  return from ? from->table.next_stale(from->self, &level, &page) : VSAPI_E_GONE;
}

// ---- Writing ------------------------------------------------------------------------------------

Mdb::Mdb(std::string name, const vsapi_store_table& table, void* store, EventLog& events,
         Counters& counters, Clock& clock, std::string server)
    : name_(std::move(name)),
      events_(events),
      counters_(counters),
      clock_(clock),
      store_(std::make_shared<Store>(table, store, name_, std::move(server))),
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
    Report(outcome, refused);
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

// ---- The writer ---------------------------------------------------------------------------------

void Mdb::Run() {
  platform::SetThreadName("vsapi-wr-" + name_);
  mutex_.Lock();
  while (!detaching_ || !queue_.empty()) {
    if (!IsDueLocked()) {
      SleepLocked();
      continue;
    }
    group_.swap(queue_);
    is_urgent_ = false;
    mutex_.Unlock();
    WriteGroup();
    const size_t written = group_.size();
    group_.clear();
    mutex_.Lock();
    written_ += written;
    written_changed_.NotifyAll();
  }
  writer_is_ = Writer::kEnded;
  written_changed_.NotifyAll();
  mutex_.Unlock();
}

bool Mdb::IsDueLocked() const {
  if (queue_.empty()) return false;
  return is_urgent_ || detaching_ || queue_.size() >= kGroup || clock_.Now() >= gathers_until_;
}

void Mdb::SleepLocked() {
  writer_is_ = queue_.empty() ? Writer::kIdle : Writer::kGathers;
  if (queue_.empty())
    to_write_.Wait(mutex_);
  else
    clock_.WaitUntil(to_write_, mutex_, gathers_until_);
  writer_is_ = Writer::kWrites;
}

void Mdb::WriteGroup() {
  Apply();
  Forget();
  for (OutcomeDraft& draft : group_) {
    if (draft.result != VSAPI_OK) Report(draft, draft.result);
    if (draft.done) draft.done(draft.result);
  }
}

// A store that fails as a whole has written none of them.
void Mdb::Apply() {
  int32_t status = VSAPI_E_GONE;
  try {
    if (const auto to = store()) {
      FillOutcomes();
      status = to->table.apply(to->self, outcomes_.data(), outcomes_.size());
    }
  } catch (const std::bad_alloc&) {
    status = VSAPI_E_NO_MEMORY;
  }
  for (size_t i = 0; i < group_.size(); ++i)
    group_[i].result = status == VSAPI_OK ? outcomes_[i].result : status;
}

void Mdb::FillOutcomes() {
  size_t findings = 0;
  for (const OutcomeDraft& draft : group_)
    findings += draft.report ? draft.report->findings.size() : 0;
  findings_.clear();
  findings_.reserve(findings);  // so that pointers into it stay good
  outcomes_.assign(group_.size(), {});
  for (size_t i = 0; i < group_.size(); ++i) FillOutcome(group_[i], outcomes_[i]);
}

void Mdb::FillOutcome(const OutcomeDraft& draft, vsapi_outcome& outcome) {
  outcome.struct_size = sizeof outcome;
  outcome.action = draft.action;
  outcome.item = &draft.item;
  outcome.stamp = draft.stamp;
  outcome.attempt = draft.attempt;
  outcome.text = "";
  outcome.result = VSAPI_E_INTERNAL;
  outcome.since_generation = draft.since;
  if (draft.report == nullptr) return;
  outcome.findings = findings_.data() + findings_.size();
  outcome.finding_count = draft.report->findings.size();
  for (const Finding& finding : draft.report->findings)
    findings_.push_back(
        {sizeof(vsapi_finding), finding.kind, finding.name.c_str(), finding.part_path.c_str()});
  outcome.text = draft.report->text.c_str();
  if (draft.action != VSAPI_ACTION_REPLACE) return;
  outcome.replacement = draft.report->replacement.data();
  outcome.replacement_size = draft.report->replacement.size();
}

// The store has them now (or will never have them): its own stamps rule again where no other item's
// is on its way.
void Mdb::Forget() {
  const MutexLock lock(mutex_);
  for (const OutcomeDraft& draft : group_) {
    if (!draft.is_shown) continue;
    const auto shown = decided_.find(draft.item.digest);
    if (--shown->second.outcomes > 0) continue;
    if (spares_.size() < spares_.capacity())
      spares_.push_back(decided_.extract(shown));
    else
      decided_.erase(shown);
  }
}

void Mdb::Report(const OutcomeDraft& outcome, int32_t result) {
  if (result == VSAPI_E_GONE || result == VSAPI_E_CHANGED) return;
  counters_.Add(Counter::kOutcomesNotWritten);
  try {
    events_.Log(EventId::kOutcomeNotWritten,
                "the store \"" + name_ + "\" could not write an outcome (" + StatusText(result) +
                    "); the item stays as it was and is scanned again: check the disk and the "
                    "database",
                {{"mdb", name_}, {"finding", outcome.stamp.finding}});
  } catch (const std::bad_alloc&) {
    return;  // it is counted
  }
}

// ---- The table ----------------------------------------------------------------------------------

uint32_t MdbTable::Add(std::unique_ptr<Mdb> mdb) {
  const MutexLock lock(mutex_);
  if (lists_.empty() || mdbs_.size() == lists_.back()->mdbs.size()) {
    auto longer = std::make_unique<List>(std::max<size_t>(16, 2 * mdbs_.size()));
    for (size_t i = 0; i < mdbs_.size(); ++i) longer->mdbs[i] = mdbs_[i].get();
    longer->size = mdbs_.size();
    lists_.push_back(std::move(longer));
    current_.store(lists_.back().get(), std::memory_order_release);
  }
  mdbs_.push_back(std::move(mdb));
  List& list = *lists_.back();
  list.mdbs[mdbs_.size() - 1] = mdbs_.back().get();
  list.size.store(mdbs_.size(), std::memory_order_release);
  return static_cast<uint32_t>(mdbs_.size());
}

Mdb* MdbTable::Find(uint32_t number) const {
  const List* const list = current_.load(std::memory_order_acquire);
  if (list == nullptr || number < 1) return nullptr;
  return number <= list->size.load(std::memory_order_acquire) ? list->mdbs[number - 1] : nullptr;
}

std::vector<Mdb*> MdbTable::all() const {
  std::vector<Mdb*> all;
  const MutexLock lock(mutex_);
  for (const auto& mdb : mdbs_) all.push_back(mdb.get());
  return all;
}

}  // namespace vsapi::engine
