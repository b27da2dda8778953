// SPDX-License-Identifier: Apache-2.0
#include "submissions.h"

#include <algorithm>
#include <new>
#include <utility>

#include "text.h"

namespace vsapi::engine {
namespace {

// Number of the message, then that of the part.
struct PartKey {
  uint64_t message;
  uint64_t part;
};

vsapi_key KeyOf(const PartKey& place) {
  vsapi_key key = {};
  key.size = sizeof place;
  std::memcpy(key.bytes, &place, sizeof place);
  return key;
}

PartKey PlaceOf(const vsapi_key& key) {
  PartKey place = {};
  if (key.size == sizeof place) std::memcpy(&place, key.bytes, sizeof place);
  return place;
}

// A content of a message that is open, and keeps that.
struct Opened {
  std::shared_ptr<Submission> of;
  vsapi_content content = {};
};

Opened& OpenedOf(vsapi_content* content) { return *static_cast<Opened*>(content->handle); }

std::string LineOf(const char* text) {
  constexpr size_t kLongestId = 998;  // of a line of mail
  return text == nullptr ? "" : CleanLine(text, kLongestId);
}

}  // namespace

// ---- One message --------------------------------------------------------------------------------

Submission::Submission(const vsapi_message& message, uint64_t number, uint32_t mdb)
    : source_(message.source), message_id_(LineOf(message.message_id)) {
  std::memcpy(&reader_, message.reader,
              std::min<size_t>(message.reader->struct_size, sizeof reader_));
  items_.resize(message.part_count);
  for (size_t part = 0; part < items_.size(); ++part) {
    vsapi_item& item = items_[part];
    CopyItem(*VSAPI_AT(const vsapi_item, message.parts, part), item);
    host_places_.push_back({item.mdb, item.key});
    item.mdb = mdb;
    item.key = KeyOf({number, part});
    item.message = number;
  }
}

Submission::~Submission() {
  if (is_owned_ && reader_.release != nullptr) reader_.release(source_);
}

int32_t Submission::Open(size_t part, vsapi_content& content) const {
  if (part >= items_.size()) return VSAPI_E_GONE;
  vsapi_item item = items_[part];
  item.mdb = host_places_[part].mdb;
  item.key = host_places_[part].key;
  return reader_.open_content(source_, &item, &content);
}

void Submission::Replace(size_t part, Replacement replacement) {
  const MutexLock lock(mutex_);
  replacements_.emplace(part, std::move(replacement));
}

const Submission::Replacement* Submission::ReplacementOf(size_t part) const {
  const MutexLock lock(mutex_);
  const auto found = replacements_.find(part);
  return found == replacements_.end() ? nullptr : &found->second;
}

// ---- All of them --------------------------------------------------------------------------------

const vsapi_store_table Submissions::kTable = {sizeof(vsapi_store_table),
                                               OpenContent,
                                               ReadContent,
                                               Property,
                                               CloseContent,
                                               ReadStamp,
                                               Apply,
                                               nullptr,
                                               nullptr};

std::shared_ptr<Submission> Submissions::Add(const vsapi_message& message, uint32_t mdb) {
  uint64_t number;
  {
    const MutexLock lock(mutex_);
    number = ++last_number_;
  }
  auto submission = std::make_shared<Submission>(message, number, mdb);
  const MutexLock lock(mutex_);
  if (known_.size() >= ended_) ForgetEnded();
  known_.emplace(number, submission);
  return submission;
}

void Submissions::ForgetEnded() {
  std::erase_if(known_, [](const auto& each) { return each.second.expired(); });
  ended_ = std::max<size_t>(64, 2 * known_.size());
}

std::shared_ptr<Submission> Submissions::Find(const vsapi_item& item) {
  const MutexLock lock(mutex_);
  const auto found = known_.find(PlaceOf(item.key).message);
  return found == known_.end() ? nullptr : found->second.lock();
}

// ---- As a store ---------------------------------------------------------------------------------

int32_t Submissions::OpenContent(void* self, const vsapi_item* item, vsapi_content* content) try {
  auto opened = std::make_unique<Opened>();
  opened->of = static_cast<Submissions*>(self)->Find(*item);
  if (opened->of == nullptr) return VSAPI_E_GONE;  // nobody waits for it any more
  opened->content.struct_size = sizeof opened->content;
  const int32_t status = opened->of->Open(PlaceOf(item->key).part, opened->content);
  if (status != VSAPI_OK) return status;
  content->size = opened->content.size;
  content->data = opened->content.data;
  content->handle = opened.release();
  return VSAPI_OK;
} catch (const std::bad_alloc&) {
  return VSAPI_E_NO_MEMORY;
}

int32_t Submissions::ReadContent(void*, vsapi_content* content, uint64_t offset, void* buffer,
                                 size_t size, size_t* got) {
  Opened& opened = OpenedOf(content);
  const Submission& of = *opened.of;
  if (of.reader().read_content == nullptr) return VSAPI_E_READ_FAILED;
  return of.reader().read_content(of.source(), &opened.content, offset, buffer, size, got);
}

int32_t Submissions::Property(void*, vsapi_content* content, uint32_t id, uint32_t index,
                              vsapi_value* value) {
  Opened& opened = OpenedOf(content);
  const Submission& of = *opened.of;
  if (of.reader().property == nullptr) return VSAPI_E_ABSENT;
  return of.reader().property(of.source(), &opened.content, id, index, value);
}

void Submissions::CloseContent(void*, vsapi_content* content) {
  const std::unique_ptr<Opened> opened(&OpenedOf(content));
  opened->of->reader().close_content(opened->of->source(), &opened->content);
}

int32_t Submissions::ReadStamp(void* self, const vsapi_item* item, vsapi_stamp* stamp) {
  auto& submissions = *static_cast<Submissions*>(self);
  const MutexLock lock(submissions.mutex_);
  const auto found = submissions.stamps_.find(item->digest);
  if (found != submissions.stamps_.end()) *stamp = found->second;
  return VSAPI_OK;
}

int32_t Submissions::Apply(void* self, vsapi_outcome* outcomes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    vsapi_outcome& outcome = *VSAPI_AT(vsapi_outcome, outcomes, i);
    try {
      outcome.result = static_cast<Submissions*>(self)->ApplyOne(outcome);
    } catch (const std::bad_alloc&) {
      outcome.result = VSAPI_E_NO_MEMORY;
    }
  }
  return VSAPI_OK;
}

// A replacement is another content; its stamp is that one's.
int32_t Submissions::ApplyOne(const vsapi_outcome& outcome) {
  if (outcome.action == VSAPI_ACTION_REPLACE) {
    const auto submission = Find(*outcome.item);
    if (submission == nullptr) return VSAPI_E_GONE;
    submission->Replace(
        PlaceOf(outcome.item->key).part,
        {{static_cast<const char*>(outcome.replacement), outcome.replacement_size}, outcome.stamp});
  } else if (outcome.action != VSAPI_ACTION_ATTEMPT && outcome.stamp.scope == VSAPI_SCOPE_CONTENT) {
    Keep(outcome.item->digest, outcome.stamp);
  }
  return VSAPI_OK;
}

void Submissions::Keep(const vsapi_digest& digest, const vsapi_stamp& stamp) {
  const MutexLock lock(mutex_);
  const auto [at, is_new] = stamps_.try_emplace(digest, stamp);
  if (!is_new) {
    if (at->second.generation <= stamp.generation) at->second = stamp;
    return;
  }
  if (oldest_.size() < kMostStamps) return oldest_.push_back(digest);
  stamps_.erase(std::exchange(oldest_[next_], digest));
  next_ = (next_ + 1) % kMostStamps;
}

}  // namespace vsapi::engine
