// SPDX-License-Identifier: Apache-2.0
#include "engine_store.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "error.h"
#include "item_content.h"

namespace store_sim {
namespace {

// Above it the same disk fails in ever new words.
constexpr size_t kMostTold = 20;

int32_t StatusOf(const DatabaseError& error) {
  switch (error.code()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return VSAPI_E_BUSY;
    case SQLITE_NOMEM:
      return VSAPI_E_NO_MEMORY;
    case SQLITE_FULL:
      return VSAPI_E_NO_ROOM;
    case SQLITE_READONLY:
      return VSAPI_E_READ_ONLY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return VSAPI_E_DAMAGED;
    default:
      return VSAPI_E_READ_FAILED;
  }
}

vsapi_key KeyOf(const ItemPlace& place) {
  vsapi_key key = {};
  key.size = sizeof place;
  std::memcpy(key.bytes, &place, sizeof place);
  return key;
}

ItemPlace PlaceOf(const vsapi_key& key) {
  ItemPlace place;
  std::memcpy(&place, key.bytes, sizeof place);
  return place;
}
static_assert(sizeof(ItemPlace) == 16);

int32_t KindOf(PartKind kind) {
  switch (kind) {
    case PartKind::kWhole:
      return VSAPI_ITEM_MESSAGE;
    case PartKind::kBody:
      return VSAPI_ITEM_BODY;
    case PartKind::kRtfBody:
      return VSAPI_ITEM_RTF_BODY;
    default:
      return VSAPI_ITEM_ATTACHMENT;
  }
}

vsapi_digest ToEngine(const Digest& digest) {
  vsapi_digest to;
  std::copy(digest.begin(), digest.end(), to.bytes);
  return to;
}

Digest FromEngine(const vsapi_digest& digest) {
  Digest from;
  std::copy(std::begin(digest.bytes), std::end(digest.bytes), from.begin());
  return from;
}

template <size_t N>
void CopyText(const std::string& text, char (&to)[N]) {
  text.copy(to, N - 1);
}

Stamp FromEngine(const vsapi::Stamp& stamp) {
  Stamp from;
  from.vendor = stamp.vendor;
  from.version = stamp.version;
  from.definitions = FromEngine(stamp.definitions);
  from.generation = stamp.generation;
  from.verdict = stamp.verdict;
  from.finding = stamp.finding;
  from.time_ns = stamp.time_ns;
  from.scope = stamp.scope;
  return from;
}

Stamp StampFrom(const vsapi::Outcome& outcome) {
  Stamp from = FromEngine(outcome.stamp);
  from.action = outcome.action;
  if (VSAPI_HAS_FIELD(&outcome, vsapi_outcome, since_generation))
    from.since = outcome.since_generation;
  return from;
}

Level FromEngine(const vsapi::Level& level) {
  Level from{level.vendor, level.version, FromEngine(level.definitions)};
  if (VSAPI_HAS_FIELD(&level, vsapi_level, since_generation)) from.since = level.since_generation;
  return from;
}

vsapi::Item MakeItem(uint32_t number, const ItemPlace& place, PartKind kind, const Digest& digest,
                     uint64_t size) {
  vsapi::Item item = {};
  item.struct_size = sizeof item;
  item.mdb = number;
  item.kind = KindOf(kind);
  item.size = size;
  item.digest = ToEngine(digest);
  item.key = KeyOf(place);
  item.message = static_cast<uint64_t>(place.message);
  return item;
}

MarkChange ChangeOf(const vsapi::Outcome& outcome) {
  MarkChange change;
  change.content = FromEngine(outcome.item->digest);
  change.item = PlaceOf(outcome.item->key);
  if (outcome.action == VSAPI_ACTION_ATTEMPT) {
    change.mark.attempt = Attempt{outcome.attempt.count, outcome.attempt.not_before_ns,
                                  FromEngine(outcome.attempt.definitions)};
  } else {
    change.mark.stamp = StampFrom(outcome);
    if (outcome.replacement_size > 0)
      change.replacement.assign(static_cast<const char*>(outcome.replacement),
                                outcome.replacement_size);
  }
  return change;
}

vsapi_key KeyOf(const StalePlace& place) {
  const int64_t numbers[] = {place.own_stamps, place.risk, place.content, place.item.message,
                             place.item.ordinal};
  vsapi_key key = {};
  key.size = sizeof numbers;
  std::memcpy(key.bytes, numbers, sizeof numbers);
  return key;
}

StalePlace StalePlaceOf(const vsapi_key& key) {
  if (key.size == 0) return {};
  int64_t numbers[5] = {};
  std::memcpy(numbers, key.bytes, sizeof numbers);
  return {numbers[0] != 0, numbers[1], numbers[2], {numbers[3], numbers[4]}};
}

StaleWanted WantedOf(const vsapi::Level& level, const vsapi::StalePage& page) {
  StaleWanted wanted{
      .now_ns = level.now_ns, .definitions = FromEngine(level.definitions), .room = page.room};
  if (!VSAPI_HAS_FIELD(&page, vsapi_stale_page, received_since_ns)) return wanted;
  wanted.unscanned = (page.wanted & VSAPI_STALE_UNSCANNED) != 0;
  wanted.with_attachments = (page.wanted & VSAPI_STALE_WITH_ATTACHMENTS) != 0;
  wanted.received_since_ns = page.received_since_ns;
  return wanted;
}

// May the loss of this outcome let content out, or cost a rescan at most?
bool IsHarmlessToLose(const vsapi::Outcome& outcome) {
  if (outcome.action == VSAPI_ACTION_ATTEMPT) return true;
  switch (outcome.stamp.verdict) {
    case VSAPI_VERDICT_CLEAN:
    case VSAPI_VERDICT_CLEAN_PERMANENT:
    case VSAPI_VERDICT_ENCRYPTED:
    case VSAPI_VERDICT_UNSUPPORTED:
      return true;
    default:
      return false;
  }
}

int32_t ResultOf(MarkOutcome outcome) {
  switch (outcome) {
    case MarkOutcome::kGone:
      return VSAPI_E_GONE;
    case MarkOutcome::kChanged:
      return VSAPI_E_CHANGED;
    case MarkOutcome::kApplied:
    case MarkOutcome::kOutrun:
      return VSAPI_OK;
    case MarkOutcome::kFailed:
      break;
  }
  return VSAPI_E_INTERNAL;
}

}  // namespace

EngineStore::EngineStore(std::shared_ptr<Mdb> mdb, Tell tell, bool background)
    : mdb_(std::move(mdb)), tell_(std::move(tell)), background_(background) {}

vsapi::Stamp EngineStore::StampOf(const Stamp& stamp) {
  vsapi::Stamp to = {};
  to.verdict = stamp.verdict;
  to.scope = stamp.scope;
  to.version = stamp.version;
  to.generation = stamp.generation;
  to.time_ns = stamp.time_ns;
  to.definitions = ToEngine(stamp.definitions);
  CopyText(stamp.vendor, to.vendor);
  CopyText(stamp.finding, to.finding);
  return to;
}

vsapi::Item EngineStore::ItemOf(uint32_t number, int64_t message, const StoredPart& part) {
  vsapi::Item item = MakeItem(number, {message, part.ordinal}, part.kind, part.content, part.size);
  if (part.mark.stamp) item.stamp = StampOf(*part.mark.stamp);
  return item;
}

vsapi::Item EngineStore::ItemOf(uint32_t number, const NewItem& item) {
  return MakeItem(number, item.place, item.kind, item.content.digest, item.content.size);
}

ItemPlace EngineStore::PlaceOf(const vsapi::Item& item) { return store_sim::PlaceOf(item.key); }

Stamp EngineStore::StampOf(const vsapi::Stamp& stamp, uint64_t since_generation) {
  Stamp from = FromEngine(stamp);
  if (stamp.generation >= since_generation) from.since = since_generation;
  return from;
}

int32_t EngineStore::OpenContent(const vsapi::Item& item,
                                 std::unique_ptr<vsapi::Content>& content) {
  return Guarded([&] {
    StoredPart part;
    if (const int32_t status = FindItem(item, part); status != VSAPI_OK) return status;
    auto bytes = mdb_->ReadContent(part.content);
    if (!bytes) return static_cast<int32_t>(VSAPI_E_GONE);
    // What is stamped must be what was scanned, also for the other messages that hold this content.
    if (Sha256(*bytes) != part.content) {
      throw DatabaseError(mdb_->name() + "/" + std::to_string(PlaceOf(item).message) + " part " +
                              part.path + ": " + kNotWhatWasStored,
                          SQLITE_CORRUPT);
    }
    content = std::make_unique<ItemContent>(*mdb_, PlaceOf(item).message, std::move(part),
                                            std::move(*bytes));
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t EngineStore::ReadStamp(const vsapi::Item& item, vsapi::Stamp& stamp) {
  return Guarded([&] {
    StoredPart part;
    const int32_t status = FindItem(item, part);
    if (status == VSAPI_OK && part.mark.stamp) stamp = StampOf(*part.mark.stamp);
    return status;
  });
}

int32_t EngineStore::Apply(std::span<vsapi::Outcome> outcomes) {
  return Guarded([&] {
    std::vector<MarkChange> changes;
    for (const vsapi::Outcome& outcome : outcomes) changes.push_back(ChangeOf(outcome));
    const bool harmless = std::all_of(outcomes.begin(), outcomes.end(), IsHarmlessToLose);
    const auto results =
        mdb_->ApplyMarks(changes, harmless ? Durability::kGrouped : Durability::kDurable);
    for (size_t i = 0; i < results.size(); ++i) outcomes[i].result = ResultOf(results[i]);
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t EngineStore::NextStale(const vsapi::Level& level, vsapi::StalePage& page) {
  if (!background_) return VSAPI_E_ABSENT;
  if (page.room == 0) return VSAPI_OK;
  return Guarded([&] {
    const auto is_current = [&](const Stamp& stamp) {
      const vsapi::Stamp asked = StampOf(stamp);
      return vsapi_stamp_is_current(&asked, &level) != 0;
    };
    const Level now = FromEngine(level);
    if (page.cursor.size == 0 && mdb_->IsSwept(now)) return static_cast<int32_t>(VSAPI_OK);
    StalePlace at = StalePlaceOf(page.cursor);
    int64_t message = at.item.message;
    for (const StaleItem& stale : mdb_->NextStale(is_current, WantedOf(level, page), at)) {
      vsapi::Item& item = page.items[page.count++];
      item = MakeItem(item.mdb, stale.place, stale.kind, stale.content.digest, stale.content.size);
      if (stale.place.message != message) ++page.messages;
      message = stale.place.message;
    }
    page.cursor = KeyOf(at);
    if (page.count == 0) page.folders = mdb_->FinishFolders(now, is_current);
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t EngineStore::FindItem(const vsapi::Item& item, StoredPart& part) {
  if (item.key.size != sizeof(ItemPlace)) return VSAPI_E_GONE;
  auto found = mdb_->FindPart(PlaceOf(item));
  if (!found) return VSAPI_E_GONE;
  if (found->content != FromEngine(item.digest)) return VSAPI_E_CHANGED;
  part = std::move(*found);
  return VSAPI_OK;
}

template <typename Work>
int32_t EngineStore::Guarded(Work work) {
  try {
    return work();
  } catch (const DatabaseError& error) {
    TellOnce(error.what());
    return StatusOf(error);
  } catch (const Error& error) {
    TellOnce(error.what());
    return VSAPI_E_INTERNAL;
  }
}

void EngineStore::TellOnce(const std::string& line) {
  {
    const std::lock_guard lock(told_mutex_);
    if (told_.size() >= kMostTold || !told_.insert(line).second) return;
  }
  tell_(line);
}

}  // namespace store_sim
