// SPDX-License-Identifier: Apache-2.0
#include "mdb.h"

#include <algorithm>
#include <cstring>

#include "platform.h"
#include "stamp.h"
#include "words.h"

namespace vsapi::engine {
namespace {

bool CountsAtOnce(const OutcomeDraft& outcome) {
  return outcome.action == VSAPI_ACTION_STAMP && outcome.stamp.scope == VSAPI_SCOPE_CONTENT &&
         !outcome.done && !outcome.is_outdated;
}

}  // namespace

class Mdb::OpenedContent final : public ScanContent {
 public:
  OpenedContent(std::shared_ptr<Store> store, const vsapi_content& content, std::string mdb,
                std::string server)
      : store_(std::move(store)),
        content_(content),
        mdb_(std::move(mdb)),
        server_(std::move(server)) {}
  ~OpenedContent() override { store_->table.close_content(store_->self, &content_); }
  OpenedContent(const OpenedContent&) = delete;
  OpenedContent& operator=(const OpenedContent&) = delete;

  uint64_t size() const override { return content_.size; }
  const void* data() const override { return content_.data; }
  int32_t Read(uint64_t offset, void* buffer, size_t size, size_t* got) override {
    if (content_.data != nullptr) return Copy(offset, buffer, size, got);
    if (store_->table.read_content == nullptr) return VSAPI_E_READ_FAILED;
    return store_->table.read_content(store_->self, &content_, offset, buffer, size, got);
  }
  int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) override {
    const int32_t status = store_->table.property == nullptr
                               ? static_cast<int32_t>(VSAPI_E_ABSENT)
                               : store_->table.property(store_->self, &content_, id, index, value);
    if (status != VSAPI_E_ABSENT || index > 0) return status;
    if (id == VSAPI_PROPERTY_MDB) return Give(mdb_, value);
    return id == VSAPI_PROPERTY_SERVER ? Give(server_, value) : status;
  }

 private:
  // What the engine itself knows of the place.
  static int32_t Give(const std::string& text, vsapi_value* value) {
    if (text.empty()) return VSAPI_E_ABSENT;
    value->type = VSAPI_TYPE_TEXT;
    value->text = text.c_str();
    value->text_size = text.size();
    return VSAPI_OK;
  }
  int32_t Copy(uint64_t offset, void* buffer, size_t size, size_t* got) const {
    *got = offset < content_.size ? std::min<uint64_t>(size, content_.size - offset) : 0;
    if (*got > 0) std::memcpy(buffer, static_cast<const char*>(content_.data) + offset, *got);
    return VSAPI_OK;
  }

  const std::shared_ptr<Store> store_;
  vsapi_content content_;
  const std::string mdb_;
  const std::string server_;
};

size_t Mdb::DigestHash::operator()(const vsapi_digest& digest) const {
  size_t hash;
  std::memcpy(&hash, digest.bytes, sizeof hash);
  return hash;
}

bool Mdb::DigestEqual::operator()(const vsapi_digest& a, const vsapi_digest& b) const {
  return SameDigest(a, b);
}

Mdb::Mdb(std::string name, const vsapi_store_table& table, void* store, EventLog& events,
         Counters& counters, std::string server)
    : name_(std::move(name)),
      server_(std::move(server)),
      events_(events),
      counters_(counters),
      store_(std::make_shared<Store>(table, store)),
      writer_([this] { Run(); }) {
  store_->attached = true;
}

Mdb::~Mdb() { Detach(); }

std::shared_ptr<Mdb::Store> Mdb::store() const {
  const MutexLock lock(mutex_);
  return store_;
}

int32_t Mdb::OpenContent(const vsapi_item& item, std::unique_ptr<ScanContent>& content) {
  auto from = store();
  if (!from) return VSAPI_E_GONE;
  vsapi_content opened = {};
  opened.struct_size = sizeof opened;
  const int32_t status = from->table.open_content(from->self, &item, &opened);
  if (status == VSAPI_E_GONE || status == VSAPI_E_CHANGED) return status;
  if (status != VSAPI_OK) return VSAPI_E_READ_FAILED;
  content = std::make_unique<OpenedContent>(std::move(from), opened, name_, server_);
  return VSAPI_OK;
}

int32_t Mdb::ReadStamp(const vsapi_item& item, vsapi_stamp& stamp) {
  if (ReadDecided(item, stamp)) return VSAPI_OK;
  const auto from = store();
  if (!from) return VSAPI_E_GONE;
  stamp = {};
  return from->table.read_stamp(from->self, &item, &stamp);
}

// The store may keep stamps by item: another item of a content that was just decided gets its own.
bool Mdb::ReadDecided(const vsapi_item& item, vsapi_stamp& stamp) {
  bool is_first = false;
  {
    const MutexLock lock(mutex_);
    const auto decided = decided_.find(item.digest);
    if (decided == decided_.end()) return false;
    stamp = decided->second.stamp;
    if (detaching_ || SameKey(decided->second.key, item.key)) return true;
    OutcomeDraft outcome;
    outcome.item = MakeTarget(nullptr, item).item;
    outcome.stamp = stamp;
    is_first = QueueLocked(outcome);
  }
  if (is_first) to_write_.NotifyOne();
  return true;
}

void Mdb::Write(OutcomeDraft outcome) {
  bool gone = false;
  bool is_first = false;
  {
    const MutexLock lock(mutex_);
    gone = store_ == nullptr || detaching_;
    if (!gone) is_first = QueueLocked(outcome);
  }
  if (gone && outcome.done) outcome.done(VSAPI_E_GONE);
  if (is_first) to_write_.NotifyOne();
}

bool Mdb::QueueLocked(OutcomeDraft& outcome) {
  if (CountsAtOnce(outcome)) {
    Decided& decided = decided_[outcome.item.digest];
    if (decided.stamp.generation <= outcome.stamp.generation) decided.stamp = outcome.stamp;
    decided.key = outcome.item.key;
    ++decided.outcomes;
  }
  queue_.push_back(std::move(outcome));
  ++queued_;
  return queue_.size() == 1;
}

void Mdb::Flush() {
  const MutexLock lock(mutex_);
  const uint64_t so_far = queued_;
  while (written_ < so_far) written_changed_.Wait(mutex_);
}

void Mdb::Detach() {
  SystemClock clock;
  DetachBy(clock, TimePoint::max());
}

bool Mdb::DetachBy(Clock& clock, TimePoint deadline) {
  std::thread writer;
  std::shared_ptr<Store> last;  // let go of after the lock: the store's `release` may take its time
  {
    const MutexLock lock(mutex_);
    detaching_ = true;
    to_write_.NotifyOne();
    while (!writer_ended_ && clock.Now() < deadline) AwaitChange(clock, deadline);
    if (!writer_ended_) {
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

uint32_t MdbTable::Add(std::shared_ptr<Mdb> mdb) {
  const MutexLock lock(mutex_);
  mdbs_.push_back(std::move(mdb));
  return static_cast<uint32_t>(mdbs_.size());
}

std::shared_ptr<Mdb> MdbTable::Find(uint32_t number) const {
  const MutexLock lock(mutex_);
  return number >= 1 && number <= mdbs_.size() ? mdbs_[number - 1] : nullptr;
}

std::vector<std::shared_ptr<Mdb>> MdbTable::all() const {
  const MutexLock lock(mutex_);
  return mdbs_;
}

void Mdb::Run() {
  platform::SetThreadName("vsapi-wr-" + name_);
  mutex_.Lock();
  while (!detaching_ || !queue_.empty()) {
    if (queue_.empty()) {
      to_write_.Wait(mutex_);
      continue;
    }
    std::vector<OutcomeDraft> group = std::move(queue_);
    queue_.clear();
    mutex_.Unlock();
    WriteGroup(group);
    mutex_.Lock();
    written_ += group.size();
    written_changed_.NotifyAll();
  }
  writer_ended_ = true;
  written_changed_.NotifyAll();
  mutex_.Unlock();
}

void Mdb::WriteGroup(std::vector<OutcomeDraft>& group) {
  const std::vector<int32_t> results = Apply(group);
  for (size_t i = 0; i < group.size(); ++i) {
    Forget(group[i]);
    if (results[i] != VSAPI_OK) Report(group[i], results[i]);
    if (group[i].done) group[i].done(results[i]);
  }
}

// What each outcome came to. A store that fails as a whole has written none of them.
std::vector<int32_t> Mdb::Apply(const std::vector<OutcomeDraft>& group) {
  std::vector<std::vector<vsapi_finding>> findings(group.size());
  std::vector<vsapi_outcome> outcomes(group.size());
  for (size_t i = 0; i < group.size(); ++i) {
    const OutcomeDraft& draft = group[i];
    vsapi_outcome& outcome = outcomes[i];
    outcome = {};
    outcome.struct_size = sizeof outcome;
    outcome.action = draft.action;
    outcome.item = &draft.item;
    outcome.stamp = draft.stamp;
    outcome.attempt = draft.attempt;
    outcome.text = "";
    outcome.result = VSAPI_E_INTERNAL;
    if (draft.report == nullptr) continue;
    for (const Finding& finding : draft.report->findings)
      findings[i].push_back(
          {sizeof(vsapi_finding), finding.kind, finding.name.c_str(), finding.part_path.c_str()});
    outcome.findings = findings[i].data();
    outcome.finding_count = findings[i].size();
    outcome.text = draft.report->text.c_str();
    if (draft.action != VSAPI_ACTION_REPLACE) continue;
    outcome.replacement = draft.report->replacement.data();
    outcome.replacement_size = draft.report->replacement.size();
  }
  const auto to = store();
  std::vector<int32_t> results(group.size(), VSAPI_E_GONE);
  if (!to) return results;
  const int32_t status = to->table.apply(to->self, outcomes.data(), outcomes.size());
  for (size_t i = 0; i < group.size(); ++i)
    results[i] = status == VSAPI_OK ? outcomes[i].result : status;
  return results;
}

// The store has it now (or will never have it): its own stamp rules again once no other item's is
// on its way.
void Mdb::Forget(const OutcomeDraft& outcome) {
  if (!CountsAtOnce(outcome)) return;
  const MutexLock lock(mutex_);
  const auto decided = decided_.find(outcome.item.digest);
  if (--decided->second.outcomes == 0) decided_.erase(decided);
}

void Mdb::Report(const OutcomeDraft& outcome, int32_t result) {
  if (result == VSAPI_E_GONE || result == VSAPI_E_CHANGED) return;
  counters_.Add(Counter::kOutcomesNotWritten);
  events_.Log(
      EventId::kOutcomeNotWritten,
      "the store \"" + name_ + "\" could not write an outcome (" + StatusText(result) +
          "); the item stays as it was and is scanned again: " + "check the disk and the database",
      {{"mdb", name_}, {"finding", outcome.stamp.finding}});
}

}  // namespace vsapi::engine
