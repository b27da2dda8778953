// SPDX-License-Identifier: Apache-2.0
#include "mapi_way.h"

#include "error.h"
#include "mdb_look.h"

namespace store_sim::ways {
namespace {

// Until it looks for new mail again; a product is told by the store.
constexpr std::chrono::milliseconds kBetweenPasses{10};
constexpr char kNotice[] = "The virus scanner has removed what stood here.\n";

}  // namespace

MapiWay::MapiWay(Places places) : places_(std::move(places)) {}

void MapiWay::Begin(Host& host, const Mailboxes& mailboxes) {
  host_ = &host;
  mailboxes_ = mailboxes.count();
  clamav_ = std::make_unique<vsapi::bench::DirectCall>(VSAPI_WAYS_VENDOR, places_.parameters());
  thread_ = std::jthread([this] { Run(); });
}

// In force when the message that is being scanned is done.
void MapiWay::Load() {
  std::unique_lock lock(mutex_);
  added_ = Clock::now();
  changed_.notify_all();
  changed_.wait(lock, [this] { return !added_; });
}

void MapiWay::End() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void MapiWay::Report(Records& records) {
  records.Add("overwritten_parts", static_cast<double>(overwritten_));
  records.Add("taken_out_messages", static_cast<double>(taken_out_));
  if (!rescanned_after_s_) return;
  // Until its owner's mailbox has been gone over, anybody may be given what is known by now.
  records.Add("protected_after", *rescanned_after_s_, "s");
  records.Add("rescanned_after", *rescanned_after_s_, "s");
}

void MapiWay::Run() {
  bool anything_new = true;
  while (GoesOn(anything_new)) {
    TakeNewDefinitions();
    anything_new = PassOverAll();
    if (since_ && !rescanned_after_s_)
      rescanned_after_s_ = std::chrono::duration<double>(Clock::now() - *since_).count();
  }
}

// What came last is scanned before it ends.
bool MapiWay::GoesOn(bool anything_new) {
  std::unique_lock lock(mutex_);
  if (!anything_new) changed_.wait_for(lock, kBetweenPasses, [this] { return over_ || added_; });
  return !over_ || anything_new || added_;
}

// True: something was scanned.
bool MapiWay::PassOverAll() {
  bool anything_new = false;
  for (uint64_t mailbox = 0; mailbox < mailboxes_; ++mailbox)
    for (const auto& mdb : host_->store().mdbs()) anything_new |= PassOver(*mdb, mailbox);
  return anything_new;
}

bool MapiWay::PassOver(Mdb& mdb, uint64_t mailbox) {
  const std::string name = Mailboxes::NameOf(mailbox);
  bool anything_new = false;
  for (const int64_t number : AllNumbers(mdb, {name, ""})) {
    if (HasNewDefinitions()) return true;
    if (!seen_.emplace(mailbox, number).second) continue;
    anything_new = true;
    if (!ScanMessage(mdb, name, number)) seen_.erase({mailbox, number});
  }
  return anything_new;
}

// False: it was changed, and has to be looked at again.
bool MapiWay::ScanMessage(Mdb& mdb, const std::string& mailbox, int64_t number) {
  const auto message = mdb.Find(number);
  if (!message) return true;  // gone meanwhile
  for (const StoredPart& part : message->parts) {
    if (!IsBad(mdb, part)) continue;
    TakeAway(mdb, mailbox, *message, part);
    return false;
  }
  return true;
}

bool MapiWay::IsBad(Mdb& mdb, const StoredPart& part) {
  const auto content = mdb.ReadContent(part.content);
  return content && clamav_->Judge(*content) != VSAPI_VERDICT_CLEAN;
}

// What its owner has moved or changed meanwhile is left for the next look.
void MapiWay::TakeAway(Mdb& mdb, const std::string& mailbox, const StoredMessage& message,
                       const StoredPart& part) try {
  if (Overwrite(mdb, mailbox, message, part)) return;
  mdb.TakeOut(message.number, message.digest, mailbox, std::nullopt);
  ++taken_out_;
} catch (const DatabaseError&) {
  throw;
} catch (const Error&) {
  return;
}

bool MapiWay::Overwrite(Mdb& mdb, const std::string& mailbox, const StoredMessage& message,
                        const StoredPart& part) try {
  std::vector<NewItem> new_items;
  const ItemPlace item{message.number, part.ordinal};
  mdb.SavePart(item, part.content, mailbox, kNotice, new_items, {});
  ++overwritten_;
  return true;
} catch (const Error&) {
  return false;
}

bool MapiWay::HasNewDefinitions() {
  const std::lock_guard lock(mutex_);
  return added_.has_value();
}

// Nothing is scanned while they load.
void MapiWay::TakeNewDefinitions() {
  const std::lock_guard lock(mutex_);
  if (!added_) return;
  clamav_ = std::make_unique<vsapi::bench::DirectCall>(VSAPI_WAYS_VENDOR, places_.parameters());
  seen_.clear();
  since_ = *added_;
  rescanned_after_s_.reset();
  added_.reset();
  changed_.notify_all();
}

}  // namespace store_sim::ways
