// SPDX-License-Identifier: Apache-2.0
#include "in_flight_shard.h"

#include <functional>
#include <string_view>

namespace vsapi::engine {

size_t InFlightShard::PlaceHash::operator()(const Place& place) const {
  const std::string_view key(reinterpret_cast<const char*>(place.key->bytes), place.key->size);
  return std::hash<std::string_view>()(key) ^ reinterpret_cast<uintptr_t>(place.request) / 64;
}

bool InFlightShard::PlaceEqual::operator()(const Place& a, const Place& b) const {
  return a.request == b.request && a.mdb == b.mdb && SameKey(*a.key, *b.key);
}

void InFlightShard::Number(size_t number, size_t shards) {
  const MutexLock lock(mutex);
  number_ = number;
  shards_ = shards;
  next_request_ = number + shards;
}

bool InFlightShard::HasSparesLocked() const { return !free_.empty() && free_targets_ != nullptr; }

void InFlightShard::Grow() {
  std::list<std::array<ScanRequest, kBlock>> requests(1);
  std::list<std::array<Target, kBlock>> targets(1);
  for (ScanRequest& request : requests.front()) request.shard = number_;
  const MutexLock lock(mutex);
  for (ScanRequest& request : requests.front()) free_.push_back(request);
  for (Target& target : targets.front()) PutBackLocked(target);
  requests_.splice(requests_.end(), requests);
  targets_.splice(targets_.end(), targets);
}

ScanRequest* InFlightShard::FindLocked(const vsapi_digest& digest) {
  const auto found = shown_.find(digest);
  return found == shown_.end() ? nullptr : &*found;
}

void InFlightShard::ShowLocked(ScanRequest& request) { shown_.insert(request); }

void InFlightShard::HideLocked(ScanRequest& request) {
  if (request.TableHook::is_linked()) shown_.erase(shown_.iterator_to(request));
}

ScanRequest& InFlightShard::TakeLocked() {
  ScanRequest& request = free_.front();
  free_.pop_front();
  request.number = next_request_;
  next_request_ += shards_;
  ++live;
  return request;
}

void InFlightShard::EndLocked(ScanRequest& request) {
  HideLocked(request);
  while (!request.targets.empty()) ForgetFirstLocked(request);
  if (request.state.phase() == Phase::kApplying) --scanning;
  --live;
  request.generation = nullptr;
  request.state.End();
  free_.push_front(request);  // the one whose memory is warm is used again first
}

Target& InFlightShard::AddTargetLocked(ScanRequest& request, Mdb* mdb, const vsapi_item& item) {
  const auto found = places_.find(Place{&request, mdb, &item.key});
  if (found != places_.end()) return *found;
  Target& target = *free_targets_;
  free_targets_ = target.next;
  target.mdb = mdb;
  CopyItem(item, target.item);
  AppendLocked(request, target);
  return target;
}

void InFlightShard::AppendLocked(ScanRequest& request, Target& target) {
  target.request = &request;
  target.next = nullptr;
  target.applied = false;
  target.result = VSAPI_OK;
  (request.targets.empty() ? request.targets.first : request.targets.last->next) = &target;
  request.targets.last = &target;
  places_.insert(target);
}

void InFlightShard::ForgetFirstLocked(ScanRequest& request) {
  Target& first = *request.targets.first;
  const bool was_last = &first == request.targets.last;
  request.targets = was_last ? Targets{} : Targets{first.next, request.targets.last};
  places_.erase(places_.iterator_to(first));
  PutBackLocked(first);
}

void InFlightShard::MoveLocked(ScanRequest& from, ScanRequest& into) {
  for (Waiter& waiter : from.waiters) {
    const Target& old = *waiter.target;
    const auto same = places_.find(Place{&into, old.mdb, &old.item.key});
    if (same != places_.end()) waiter.target = &*same;
    waiter.request = &into;
  }
  into.waiters.splice(into.waiters.end(), from.waiters);
  for (Target *target = from.targets.first, *next = nullptr; target != nullptr; target = next) {
    next = target->next;
    places_.erase(places_.iterator_to(*target));
    const auto same = places_.find(Place{&into, target->mdb, &target->item.key});
    same == places_.end() ? AppendLocked(into, *target) : PutBackLocked(*target);
  }
  from.targets = {};
}

void InFlightShard::PutBackLocked(Target& target) {
  target.next = free_targets_;
  free_targets_ = &target;
}

}  // namespace vsapi::engine
