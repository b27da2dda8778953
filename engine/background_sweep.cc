// SPDX-License-Identifier: Apache-2.0
#include "background_sweep.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include "platform.h"
#include "stamp.h"
#include "words.h"

namespace vsapi::engine {
namespace {

std::string SecondsSince(TimePoint begun, TimePoint now) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", std::chrono::duration<double>(now - begun).count());
  return text;
}

uint32_t WantedBy(const Settings& settings) {
  uint32_t wanted = 0;
  if (settings.background_only_unscanned != 0) wanted |= VSAPI_STALE_UNSCANNED;
  if (settings.background_attachments_only != 0) wanted |= VSAPI_STALE_WITH_ATTACHMENTS;
  return wanted;
}

// Keys that are keys, and a cursor that has moved on: else a walk would never end.
bool IsSound(const vsapi_stale_page& page, const vsapi_key& before) {
  const auto is_key = [](const vsapi_key& key) { return key.size <= sizeof key.bytes; };
  const vsapi_item* const items = page.items;
  return page.count <= page.room && is_key(page.cursor) && !SameKey(before, page.cursor) &&
         std::all_of(items, items + page.count, [&](const auto& item) { return is_key(item.key); });
}

// Tells those who open something of the MDB, as long as it lives.
class CatchingUp {
 public:
  explicit CatchingUp(Mdb& mdb) : mdb_(mdb) { mdb_.BeginCatchingUp(this); }
  ~CatchingUp() { mdb_.EndCatchingUp(this); }
  CatchingUp(const CatchingUp&) = delete;
  CatchingUp& operator=(const CatchingUp&) = delete;

 private:
  Mdb& mdb_;
};

}  // namespace

BackgroundSweep::BackgroundSweep(const Parts& parts, uint32_t number, Mdb& mdb, size_t session,
                                 std::function<void(BackgroundSweep&)> on_end)
    : parts_(parts),
      number_(number),
      mdb_(mdb),
      on_end_(std::move(on_end)),
      worker_(session, Role::kAny),
      pace_(parts.clock),
      retry_(parts.clock),
      follow_up_(parts.clock) {}

void BackgroundSweep::Begin() {
  thread_ = std::thread([this] { Run(); });
}

void BackgroundSweep::Look() {
  const MutexLock lock(mutex_);
  wake_.NotifyOne();
}

void BackgroundSweep::Overflowed() {
  if (!overflowed_.exchange(true)) Look();
}

void BackgroundSweep::LeaveToAnother() {
  stopping_ = true;
  Look();
}

void BackgroundSweep::Stop() {
  Taken scans;
  stopping_ = true;
  {
    const MutexLock lock(mutex_);
    wake_.NotifyOne();
    scans = scans_;
  }
  if (scans.request != nullptr) parts_.in_flight.CancelFor(&mdb_, scans);
}

void BackgroundSweep::Run() {
  platform::SetThreadName("vsapi-bg-" + mdb_.name());
  worker_.Lower();
  for (bool goes_on = AwaitReason() && CanWalk(); goes_on; goes_on = AwaitReason()) {
    if (!AwaitTurn()) continue;
    // A pass for another reason finds those too.
    if (overflowed_ && passed_ == ScopeNow()) parts_.queue.AwaitDrained(stopping_);
    overflowed_ = false;
    Pass();
  }
  on_end_(*this);
}

bool BackgroundSweep::CanWalk() {
  vsapi_stale_page page = {};
  page.struct_size = sizeof page;
  page.items = items_.data();
  return mdb_.NextStale(LevelNow(), page) != VSAPI_E_ABSENT;
}

// False: it is to end.
bool BackgroundSweep::AwaitReason() {
  const MutexLock lock(mutex_);
  while (!stopping_ && !HasReasonLocked()) {
    const TimePoint due = DueAgainAt();
    if (due == TimePoint::max())
      wake_.Wait(mutex_);
    else
      parts_.clock.WaitUntil(wake_, mutex_, due);
  }
  return !stopping_;
}

TimePoint BackgroundSweep::DueAgainAt() {
  if (!IsOn()) return TimePoint::max();
  return std::min(retry_.DueAt(mdb_.failures()), follow_up_.DueAt(mdb_.changes()));
}

// What was passed before it was switched off counts no more.
bool BackgroundSweep::HasReasonLocked() {
  if (IsOn()) return overflowed_ || passed_ != ScopeNow() || parts_.clock.Now() >= DueAgainAt();
  passed_ = {};
  return false;
}

bool BackgroundSweep::IsOn() const {
  return parts_.generations.identity().serving && !parts_.generations.is_lost() &&
         parts_.generations.settings().BackgroundFor(mdb_.name());
}

BackgroundSweep::Scope BackgroundSweep::ScopeNow() const {
  const Settings& settings = parts_.generations.settings();
  return {.generation = parts_.generations.identity().generation,
          .isolations = parts_.generations.isolations(),
          .since = parts_.generations.background_since(),
          .wanted = WantedBy(settings),
          .age_limit_s = settings.background_age_limit_s,
          .scans_rtf = settings.scan_rtf != 0};
}

vsapi_level BackgroundSweep::LevelNow() const {
  const Generations& generations = parts_.generations;
  return LevelOf(generations.identity(), generations.background_since(), parts_.clock.WallNs());
}

// What fails is not tried again before there is another reason, or background_retry.h says so.
void BackgroundSweep::Pass() {
  const uint64_t failures = mdb_.failures();
  retry_.Begin(failures);
  uint64_t changes = mdb_.changes();
  follow_up_.Begin(changes);
  passed_ = ScopeNow();
  const TimePoint begun = parts_.clock.Now();
  Totals totals;
  try {
    LogBegun();
    const bool complete = Walk(totals);
    changes = mdb_.changes();  // who is told that it has ended changes the store after it
    if (!complete) passed_ = {};
    if (!complete)
      LogEnded(totals, begun, "stopped");
    else if (mdb_.failures() != failures)
      LogEnded(totals, begun, "met failures, and is to be made again");
    else if (totals.scanned > 0)
      LogEnded(totals, begun, "ended");
    else
      parts_.events.Log(EventId::kBackgroundIdle, "", {{"mdb", mdb_.name()}});
  } catch (const std::exception& failure) {
    changes = mdb_.changes();
    Report(parts_.events, mdb_, failure.what());
  }
  retry_.End(mdb_.failures());
  follow_up_.End(changes, totals.walked);
}

// False if it was stopped on its way.
bool BackgroundSweep::Walk(Totals& totals) {
  const CatchingUp while_it_lasts(mdb_);
  vsapi_key cursor = {};
  for (;;) {
    if (!AwaitTurn()) return false;
    const TimePoint asked = parts_.clock.Now();
    const size_t count = pace_.Do([&] { return NextPage(cursor); });
    totals.walked += parts_.clock.Now() - asked;
    if (count == 0) return true;
    for (size_t i = 0; i < count; ++i) {
      if (!AwaitTurn()) return false;
      ScanItem(items_[i], totals);
    }
    mdb_.Flush();  // the store says what is left by what it has
  }
}

// Until its pace lets it go on. False: it is to end, or was switched off.
bool BackgroundSweep::AwaitTurn() {
  const MutexLock lock(mutex_);
  for (;;) {
    if (stopping_ || !IsOn()) return false;
    const Duration pause = pace_.Pause(parts_.generations.settings());
    if (pause == Duration()) break;
    parts_.clock.WaitUntil(wake_, mutex_, parts_.clock.Now() + pause);
  }
  pace_.GoOn();
  return true;
}

size_t BackgroundSweep::NextPage(vsapi_key& cursor) {
  vsapi_stale_page page = BlankPage(cursor);
  const int32_t status = mdb_.NextStale(LevelNow(), page);
  if (status == VSAPI_E_GONE) return 0;
  return Accept(status, page, cursor);
}

vsapi_stale_page BackgroundSweep::BlankPage(const vsapi_key& cursor) {
  vsapi_item blank = {};
  blank.struct_size = sizeof blank;
  blank.mdb = number_;
  items_.fill(blank);
  const Scope scope = ScopeNow();
  vsapi_stale_page page = {};
  page.struct_size = sizeof page;
  page.cursor = cursor;
  page.items = items_.data();
  page.room = items_.size();
  page.wanted = scope.wanted;
  if (scope.age_limit_s != 0)
    page.received_since_ns =
        parts_.clock.WallNs() - static_cast<int64_t>(scope.age_limit_s) * 1'000'000'000;
  return page;
}

size_t BackgroundSweep::Accept(int32_t status, const vsapi_stale_page& page, vsapi_key& cursor) {
  if (status == VSAPI_OK && page.count > 0 && !IsSound(page, cursor)) status = VSAPI_E_CONTRACT;
  if (status != VSAPI_OK) {
    Report(parts_.events, mdb_, StatusText(status));
    return 0;
  }
  cursor = page.cursor;
  parts_.counters.Add(Counter::kBackgroundMessages, page.messages);
  parts_.counters.Add(Counter::kBackgroundFolders, page.folders);
  return page.count;
}

// Where its content is in flight already the item gets that result.
void BackgroundSweep::ScanItem(const vsapi_item& item, Totals& totals) {
  if (!parts_.generations.settings().ScansKind(item.kind)) return;
  Taken offered;
  const auto admitted =
      parts_.in_flight.Admit(&mdb_, item,
                             {.access = VSAPI_ACCESS_BACKGROUND,
                              .lane = Lane::kLow,
                              .generation = parts_.generations.identity().generation,
                              .now = parts_.clock.Now(),
                              .offered = &offered});
  if (admitted != InFlight::Admitted::kQueued) return;
  const Taken taken = parts_.queue.TakeOffered(offered, stopping_);
  if (taken.request == nullptr) return parts_.in_flight.TakeBack(offered);
  const Scanner::Ran ran = pace_.Do([&] { return ScanTaken(taken); });
  if (ran != Scanner::Ran::kNothing) ++totals.scanned;
  if (ran == Scanner::Ran::kFound) ++totals.found;
}

Scanner::Ran BackgroundSweep::ScanTaken(const Taken& taken) {
  {
    const MutexLock lock(mutex_);
    scans_ = taken;
  }
  const Scanner::Ran ran = parts_.scanner.Run(taken, worker_);
  const MutexLock lock(mutex_);
  scans_ = {};
  return ran;
}

void BackgroundSweep::LogBegun() {
  parts_.events.Log(EventId::kBackgroundBegun, "", {{"mdb", mdb_.name()}});
}

void BackgroundSweep::LogEnded(const Totals& totals, TimePoint begun, const char* how) {
  parts_.events.Log(EventId::kBackgroundEnded, "",
                    {{"mdb", mdb_.name()},
                     {"how", how},
                     {"scanned", std::to_string(totals.scanned)},
                     {"found", std::to_string(totals.found)},
                     {"seconds", SecondsSince(begun, parts_.clock.Now())}});
}

void BackgroundSweep::Report(EventLog& events, const Mdb& mdb, const std::string& what) {
  try {
    events.Log(EventId::kBackgroundFails, what, {{"mdb", mdb.name()}});
  } catch (const std::bad_alloc&) {
    return;  // the next pass finds it
  }
}

}  // namespace vsapi::engine
