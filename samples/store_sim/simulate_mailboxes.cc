// SPDX-License-Identifier: Apache-2.0
#include "simulate_mailboxes.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "error.h"

namespace store_sim {
namespace {

constexpr size_t kPage = 1'000;
constexpr size_t kRecent = 20;

}  // namespace

std::vector<Mdb*> PrivateMdbs(const Store& store) {
  std::vector<Mdb*> mdbs;
  for (const auto& mdb : store.mdbs())
    if (mdb->kind() == MdbKind::kPrivate) mdbs.push_back(mdb.get());
  if (mdbs.empty()) throw Error("the store has no private MDB; make one with `store_sim init`");
  return mdbs;
}

Mailboxes::Mailboxes(const Store& store, uint64_t count) : mdbs_(PrivateMdbs(store)), all_(count) {
  for (Mdb* each : mdbs_)
    ForEachSeen(*this, *each, [&](uint64_t mailbox, const StoredMessage& message) {
      all_[mailbox].push_back({each, message.number});
    });
}

std::string Mailboxes::NameOf(uint64_t mailbox) {
  char name[32];
  std::snprintf(name, sizeof name, "user-%04llu", static_cast<unsigned long long>(mailbox + 1));
  return name;
}

std::optional<uint64_t> Mailboxes::Find(const std::string& name) const {
  constexpr std::string_view kPrefix = "user-";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  uint64_t number = 0;
  std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), number);
  const bool is_one = number > 0 && number <= count() && NameOf(number - 1) == name;
  return is_one ? std::optional(number - 1) : std::nullopt;
}

void Mailboxes::Add(uint64_t mailbox, const Place& place) {
  const std::lock_guard lock(mutex_);
  all_[mailbox].push_back(place);
}

void Mailboxes::Replace(uint64_t mailbox, const Place& from, const Place& to) {
  const std::lock_guard lock(mutex_);
  std::replace(all_[mailbox].begin(), all_[mailbox].end(), from, to);
}

std::optional<Mailboxes::Place> Mailboxes::Pick(uint64_t mailbox, uint64_t dice) const {
  const std::lock_guard lock(mutex_);
  const auto& places = all_[mailbox];
  if (places.empty()) return std::nullopt;
  const size_t from = dice % 5 == 0 ? places.size() : std::min(places.size(), kRecent);
  return places[places.size() - 1 - dice / 5 % from];
}

std::vector<Mailboxes::Place> Mailboxes::Newest(uint64_t mailbox, size_t count) const {
  const std::lock_guard lock(mutex_);
  const auto& places = all_[mailbox];
  const size_t taken = std::min(places.size(), count);
  return {places.end() - static_cast<ptrdiff_t>(taken), places.end()};
}

void ForEachSeen(const Mailboxes& mailboxes, Mdb& mdb,
                 const std::function<void(uint64_t mailbox, const StoredMessage&)>& take) {
  for (int64_t after = 0;;) {
    const auto numbers = mdb.Numbers(after, kPage);
    if (numbers.empty()) return;
    for (const int64_t number : numbers) {
      const auto message = mdb.FindWithoutParts(number);
      if (!message) continue;
      for (const Placement& place : message->placements)
        if (const auto mailbox = mailboxes.Find(place.mailbox)) take(*mailbox, *message);
    }
    after = numbers.back();
  }
}

}  // namespace store_sim
