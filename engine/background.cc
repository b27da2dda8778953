// SPDX-License-Identifier: Apache-2.0
#include "background.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <new>
#include <thread>

#include "platform.h"
#include "stamp.h"
#include "words.h"

namespace vsapi::engine {
namespace {

constexpr size_t kPage = 64;  // items that are asked of the store at a time

std::string SecondsSince(TimePoint begun, TimePoint now) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", std::chrono::duration<double>(now - begun).count());
  return text;
}

// Keys that are keys, and a cursor that has moved on: else a walk would never end.
bool IsSound(const vsapi_stale_page& page, const vsapi_key& before) {
  const auto is_key = [](const vsapi_key& key) { return key.size <= sizeof key.bytes; };
  const vsapi_item* const items = page.items;
  return page.count <= page.room && is_key(page.cursor) && !SameKey(before, page.cursor) &&
         std::all_of(items, items + page.count, [&](const auto& item) { return is_key(item.key); });
}

}  // namespace

// One MDB's thread.
class Background::Sweep {
 public:
  Sweep(Background& all, uint32_t number, Mdb& of, size_t session)
      : mdb(of), all_(all), number_(number), worker_(session, Role::kAny) {}

  void Begin() {
    thread_ = std::thread([this] { Run(); });
  }
  void Look() {
    const MutexLock lock(mutex_);
    wake_.NotifyOne();
  }
  void Overflowed() {
    if (!overflowed_.exchange(true)) Look();
  }
  // Ends the thread soon; its scan too, if that is for nobody else.
  void Stop();

  size_t session() const { return worker_.session(); }
  void JoinThread() { thread_.join(); }
  void LeaveBehind() { thread_.detach(); }

  Mdb& mdb;
  bool ended = false;  // the background's

 private:
  struct Totals {
    uint64_t scanned = 0;
    uint64_t found = 0;
  };

  void Run();
  bool CanWalk();
  bool AwaitReason();
  bool HasReasonLocked() VSAPI_REQUIRES(mutex_);
  bool IsOn() const;
  void Pass();
  bool Walk(Totals& totals);
  size_t NextPage(vsapi_key& cursor);
  size_t Accept(int32_t status, const vsapi_stale_page& page, vsapi_key& cursor);
  void ScanItem(const vsapi_item& item, Totals& totals);
  Scanner::Ran ScanTaken(const Taken& taken);
  void LogBegun();
  void LogEnded(const Totals& totals, TimePoint begun, bool complete);

  Background& all_;
  const uint32_t number_;  // of the MDB
  Worker worker_;
  std::array<vsapi_item, kPage> items_ = {};
  uint64_t passed_ = 0;  // generation under which the last whole pass began; 0: none counts

  std::atomic<bool> stopping_ = false;    // set once; read by whatever the thread does
  std::atomic<bool> overflowed_ = false;  // set by others; taken back when a pass begins
  Mutex mutex_;
  CondVar wake_;
  Taken scans_ VSAPI_GUARDED_BY(mutex_);  // what it has at the vendor
  std::thread thread_;
};

// ---- One MDB ------------------------------------------------------------------------------------

void Background::Sweep::Stop() {
  Taken scans;
  stopping_ = true;
  {
    const MutexLock lock(mutex_);
    wake_.NotifyOne();
    scans = scans_;
  }
  if (scans.request != nullptr) all_.in_flight_.CancelFor(&mdb, scans);
}

void Background::Sweep::Run() {
  platform::SetThreadName("vsapi-bg-" + mdb.name());
  worker_.Lower();
  for (bool goes_on = AwaitReason() && CanWalk(); goes_on; goes_on = AwaitReason()) {
    if (overflowed_) all_.queue_.AwaitDrained(stopping_);
    overflowed_ = false;
    Pass();
  }
  const MutexLock lock(all_.mutex_);
  ended = true;
  all_.ended_changed_.NotifyAll();
}

bool Background::Sweep::CanWalk() {
  vsapi_stale_page page = {};
  page.struct_size = sizeof page;
  page.items = items_.data();
  const vsapi_level level = LevelOf(all_.generations_.identity(), all_.clock_.WallNs());
  return mdb.NextStale(level, page) != VSAPI_E_ABSENT;
}

// False: it is to end.
bool Background::Sweep::AwaitReason() {
  const MutexLock lock(mutex_);
  while (!stopping_ && !HasReasonLocked()) wake_.Wait(mutex_);
  return !stopping_;
}

// What was passed before it was switched off counts no more.
bool Background::Sweep::HasReasonLocked() {
  if (IsOn()) return overflowed_ || passed_ != all_.generations_.identity().generation;
  passed_ = 0;
  return false;
}

bool Background::Sweep::IsOn() const {
  return all_.generations_.identity().serving &&
         all_.generations_.settings().BackgroundFor(mdb.name());
}

// What fails is not tried again before there is another reason: nothing here polls.
void Background::Sweep::Pass() {
  passed_ = all_.generations_.identity().generation;
  const TimePoint begun = all_.clock_.Now();
  Totals totals;
  try {
    LogBegun();
    const bool complete = Walk(totals);
    if (!complete) passed_ = 0;
    LogEnded(totals, begun, complete);
  } catch (const std::exception& failure) {
    all_.Report(mdb, failure.what());
  }
}

// False if it was stopped on its way.
bool Background::Sweep::Walk(Totals& totals) {
  vsapi_key cursor = {};
  for (;;) {
    if (stopping_ || !IsOn()) return false;
    const size_t count = NextPage(cursor);
    if (count == 0) return true;
    for (size_t i = 0; i < count; ++i) {
      if (stopping_ || !IsOn()) return false;
      ScanItem(items_[i], totals);
    }
    mdb.Flush();  // the store says what is left by what it has
  }
}

size_t Background::Sweep::NextPage(vsapi_key& cursor) {
  vsapi_item blank = {};
  blank.struct_size = sizeof blank;
  blank.mdb = number_;
  items_.fill(blank);
  vsapi_stale_page page = {};
  page.struct_size = sizeof page;
  page.cursor = cursor;
  page.items = items_.data();
  page.room = items_.size();
  const vsapi_level level = LevelOf(all_.generations_.identity(), all_.clock_.WallNs());
  const int32_t status = mdb.NextStale(level, page);
  if (status == VSAPI_E_GONE) return 0;
  return Accept(status, page, cursor);
}

size_t Background::Sweep::Accept(int32_t status, const vsapi_stale_page& page, vsapi_key& cursor) {
  if (status == VSAPI_OK && page.count > 0 && !IsSound(page, cursor)) status = VSAPI_E_CONTRACT;
  if (status != VSAPI_OK) {
    all_.Report(mdb, StatusText(status));
    return 0;
  }
  cursor = page.cursor;
  all_.counters_.Add(Counter::kBackgroundMessages, page.messages);
  all_.counters_.Add(Counter::kBackgroundFolders, page.folders);
  return page.count;
}

// Where its content is in flight already the item gets that result.
void Background::Sweep::ScanItem(const vsapi_item& item, Totals& totals) {
  Taken offered;
  const auto admitted =
      all_.in_flight_.Admit(&mdb, item,
                            {.access = VSAPI_ACCESS_BACKGROUND,
                             .lane = Lane::kLow,
                             .generation = all_.generations_.identity().generation,
                             .now = all_.clock_.Now(),
                             .offered = &offered});
  if (admitted != InFlight::Admitted::kQueued) return;
  const Taken taken = all_.queue_.TakeOffered(offered, stopping_);
  if (taken.request == nullptr) return all_.in_flight_.TakeBack(offered);
  const Scanner::Ran ran = ScanTaken(taken);
  if (ran != Scanner::Ran::kNothing) ++totals.scanned;
  if (ran == Scanner::Ran::kFound) ++totals.found;
}

Scanner::Ran Background::Sweep::ScanTaken(const Taken& taken) {
  {
    const MutexLock lock(mutex_);
    scans_ = taken;
  }
  const Scanner::Ran ran = all_.scanner_.Run(taken, worker_);
  const MutexLock lock(mutex_);
  scans_ = {};
  return ran;
}

void Background::Sweep::LogBegun() {
  all_.events_.Log(EventId::kBackgroundBegun, "", {{"mdb", mdb.name()}});
}

void Background::Sweep::LogEnded(const Totals& totals, TimePoint begun, bool complete) {
  all_.events_.Log(EventId::kBackgroundEnded, "",
                   {{"mdb", mdb.name()},
                    {"how", complete ? "ended" : "stopped"},
                    {"scanned", std::to_string(totals.scanned)},
                    {"found", std::to_string(totals.found)},
                    {"seconds", SecondsSince(begun, all_.clock_.Now())}});
}

// ---- All of them --------------------------------------------------------------------------------

Background::Background(InFlight& in_flight, ScanQueue& queue, Scanner& scanner,
                       Generations& generations, Clock& clock, EventLog& events, Counters& counters)
    : in_flight_(in_flight),
      queue_(queue),
      scanner_(scanner),
      generations_(generations),
      clock_(clock),
      events_(events),
      counters_(counters) {}

Background::~Background() = default;

void Background::Attach(uint32_t number, Mdb& mdb) {
  if (!mdb.can_be_swept()) return;
  const MutexLock lock(mutex_);
  if (stopping_) return;
  ReapLocked();
  const size_t session = FreeSessionLocked();
  if (session == kSessions)
    return Report(mdb, std::to_string(kSessions) + " other MDBs have all the sessions for it");
  try {
    std::list<std::unique_ptr<Sweep>> one;
    one.push_back(std::make_unique<Sweep>(*this, number, mdb, session));
    one.back()->Begin();
    sweeps_.splice(sweeps_.end(), one);
  } catch (const std::exception& failure) {
    Report(mdb, failure.what());
  }
}

size_t Background::FreeSessionLocked() const {
  size_t session = 0;
  const auto is_taken = [&](const auto& sweep) { return sweep->session() == session; };
  while (std::any_of(sweeps_.begin(), sweeps_.end(), is_taken)) ++session;
  return session;
}

void Background::ReapLocked() {
  sweeps_.remove_if([](const auto& sweep) {
    if (sweep->ended) sweep->JoinThread();
    return sweep->ended;
  });
}

void Background::Detach(const Mdb& mdb) {
  const MutexLock lock(mutex_);
  for (const auto& sweep : sweeps_)
    if (&sweep->mdb == &mdb) sweep->Stop();
  queue_.Rouse();
}

void Background::Overflowed(const Mdb& mdb) {
  const MutexLock lock(mutex_);
  for (const auto& sweep : sweeps_)
    if (&sweep->mdb == &mdb) sweep->Overflowed();
}

void Background::Look() {
  const MutexLock lock(mutex_);
  for (const auto& sweep : sweeps_) sweep->Look();
}

void Background::Stop() {
  const MutexLock lock(mutex_);
  stopping_ = true;
  for (const auto& sweep : sweeps_) sweep->Stop();
}

bool Background::HaveAllEndedLocked() const {
  return std::all_of(sweeps_.begin(), sweeps_.end(),
                     [](const auto& sweep) { return sweep->ended; });
}

size_t Background::Join(TimePoint deadline) {
  const MutexLock lock(mutex_);
  while (!HaveAllEndedLocked() && clock_.Now() < deadline)
    clock_.WaitUntil(ended_changed_, mutex_, deadline);
  ReapLocked();
  for (const auto& sweep : sweeps_) sweep->LeaveBehind();
  return sweeps_.size();
}

void Background::Report(const Mdb& mdb, const std::string& what) {
  try {
    events_.Log(EventId::kBackgroundFails, what, {{"mdb", mdb.name()}});
  } catch (const std::bad_alloc&) {
    return;  // the next pass finds it
  }
}

}  // namespace vsapi::engine
