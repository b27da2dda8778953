// SPDX-License-Identifier: Apache-2.0
#include "generations.h"

#include <algorithm>
#include <utility>

#include "registry.h"
#include "registry_edit.h"
#include "text.h"

namespace vsapi::engine {
namespace {

constexpr auto kSettingsPeriod = std::chrono::seconds(60);
constexpr int kBuildNice = 10;

}  // namespace

Generations::Generations(Source source, Clock& clock, EventLog& events)
    : source_(std::move(source)),
      clock_(clock),
      events_(events),
      vendors_(clock, events, vendor_times_),
      record_(source_.state_folder, clock, events) {
  identities_.push_back(std::make_unique<const Identity>());
  identity_.store(identities_.back().get(), std::memory_order_release);
  all_settings_.push_back(std::make_unique<const Settings>());
  settings_.store(all_settings_.back().get(), std::memory_order_release);
}

Generations::~Generations() { Stop(TimePoint::max()); }

bool Generations::ReadSettings(std::string& problem) {
  std::vector<SettingValue> values;
  if (!source_.settings_file.empty() && !ReadRegistry(source_.settings_file, values, problem))
    return false;
  if (HasWrongEnabled(values, problem)) return false;
  std::vector<std::string> problems;
  file_asks_reload_ = MakeSettings(values, problems).reload_now != 0;
  for (const auto& [name, text] : source_.overrides) {
    auto value = ParseSetting(name, text, "", problem);
    if (!value) return false;
    values.push_back(*std::move(value));
  }
  problems.clear();
  Settings settings = MakeSettings(values, problems);
  TakeSettings(std::move(settings));
  LogProblems(problems);
  return true;
}

// Once for each change: the file is read every minute.
void Generations::LogProblems(const std::vector<std::string>& problems) {
  if (problems == logged_problems_) return;
  for (const std::string& text : problems) events_.Log(EventId::kSettingWrong, text);
  logged_problems_ = problems;
}

// What the first reading makes of the defaults is no change.
void Generations::TakeSettings(Settings now) {
  const Settings& before = settings();
  const bool is_first = !std::exchange(were_read_, true);
  if (now == before) return;
  all_settings_.push_back(std::make_unique<const Settings>(std::move(now)));
  settings_.store(all_settings_.back().get(), std::memory_order_release);
  events_.Configure(EventJournal::OptionsOf(settings(), source_.settings_file));
  if (is_first) return;
  std::string text;
  for (const std::string& change : Differences(before, settings()))
    text += (text.empty() ? "" : "; ") + change;
  events_.Log(EventId::kSettingsChanged, text);
  on_change_();
}

// Once for each reason, unless somebody asks: the file is read every minute.
void Generations::LogMalformed(const std::string& problem, bool forced) {
  if (Note(malformed_, problem) || forced) events_.Log(EventId::kSettingsMalformed, problem);
}

std::string Generations::problem() const {
  const MutexLock lock(mutex_);
  return malformed_.empty() ? refusal_ : malformed_;
}

// Is it another one than before?
bool Generations::Note(std::string& place, std::string problem) {
  if (place == problem) return false;
  const MutexLock lock(mutex_);
  place = std::move(problem);
  return true;
}

void Generations::Start(Crew crew) {
  crew_ = std::move(crew);
  if (!source_.settings_file.empty())
    watch_.emplace(source_.settings_file, [this] { FileChanged(); });
  thread_ = std::thread([this] { Run(); });
  Reload();
}

bool Generations::Stop(TimePoint deadline) {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    wake_.NotifyAll();
    done_.NotifyAll();
    if (!thread_.joinable()) return true;
    while (!ended_ && clock_.Now() < deadline) {
      if (deadline == TimePoint::max())
        done_.Wait(mutex_);
      else
        clock_.WaitUntil(done_, mutex_, deadline);
    }
    if (!ended_) {
      thread_.detach();  // left behind, with this object
      return false;
    }
  }
  thread_.join();
  return true;
}

int32_t Generations::Reload() {
  const MutexLock lock(mutex_);
  if (stopping_) return VSAPI_E_STATE;
  const uint64_t mine = ++asked_;
  wake_.NotifyAll();
  while (answered_ < mine && !stopping_) done_.Wait(mutex_);
  if (answered_ < mine) return VSAPI_E_STATE;
  switch (last_outcome_) {
    case Outcome::kBadSettings:
      return VSAPI_E_ARGUMENT;
    case Outcome::kRefused:
      return VSAPI_E_INTERNAL;
    case Outcome::kWaits:
      return VSAPI_E_BUSY;
    default:
      return VSAPI_OK;
  }
}

// In this order: what has just been loaded is seen.
bool Generations::HasNone() const {
  return !loading_.load(std::memory_order_acquire) && !identity().serving;
}

void Generations::AwaitLoaded() {
  if (!loading_.load(std::memory_order_acquire)) return;
  const MutexLock lock(mutex_);
  while (loading_ && !nobody_waits_) done_.Wait(mutex_);
}

void Generations::StopWaiting() {
  const MutexLock lock(mutex_);
  nobody_waits_ = true;
  done_.NotifyAll();
}

void Generations::SetLoading(bool loading) {
  const MutexLock lock(mutex_);
  loading_.store(loading, std::memory_order_release);
  done_.NotifyAll();
}

std::shared_ptr<Generation> Generations::current() const {
  const MutexLock lock(mutex_);
  return current_;
}

bool Generations::is_lost() const {
  const MutexLock lock(mutex_);  // a copy would keep one that retires
  return current_ && current_->vendor().is_lost();
}

// What ignores stamps ignores those of the generation that serves not: it would say the same again.
uint64_t Generations::background_since() const {
  const Identity& now = identity();
  return settings().background_ignore_stamp != 0 ? now.generation : now.since_generation;
}

void Generations::Retired() {
  {
    const MutexLock lock(mutex_);
    retired_waits_ = true;
  }
  wake_.NotifyAll();
}

void Generations::WantIsolated() {
  {
    const MutexLock lock(mutex_);
    wants_isolated_ = true;
  }
  wake_.NotifyAll();
}

void Generations::FileChanged() { LookSoon(); }

void Generations::LookSoon() {
  {
    const MutexLock lock(mutex_);
    file_changed_ = true;
  }
  wake_.NotifyAll();
}

void Generations::Run() {
  platform::SetThreadName("vsapi-control");
  TimePoint next_look = clock_.Now() + kSettingsPeriod;
  mutex_.Lock();
  while (!stopping_) {
    const uint64_t asked = asked_;
    const bool is_asked = asked > answered_;
    const bool is_time = file_changed_ || clock_.Now() >= next_look;
    if (!is_asked && !is_time && !retired_waits_ && !wants_isolated_) {
      clock_.WaitUntil(wake_, mutex_, next_look);
      continue;
    }
    retired_waits_ = file_changed_ = false;
    const bool isolates = std::exchange(wants_isolated_, false);
    mutex_.Unlock();
    if (is_time) next_look = clock_.Now() + kSettingsPeriod;
    const Outcome outcome = is_asked || is_time ? Refresh(is_asked) : Outcome::kNothingToDo;
    if (isolates || (is_time && isolation_waits_)) Isolate();
    LetGoOfRetired();
    mutex_.Lock();
    answered_ = asked;
    if (is_asked) last_outcome_ = outcome;
    done_.NotifyAll();
  }
  if (current_) retired_.push_back(std::move(current_));
  mutex_.Unlock();
  LetGoOfRetired();  // what a hung scan still uses stays, and is never unmapped
  vendors_.Forget();
  const MutexLock lock(mutex_);
  ended_ = true;
  done_.NotifyAll();
}

Generations::Outcome Generations::Refresh(bool forced) {
  if (!Reread(forced)) return Outcome::kBadSettings;
  WatchLibrary();
  if (!file_asks_reload_) reload_answered_ = false;
  const bool file_asks = file_asks_reload_ && !reload_answered_;
  if (!forced && !file_asks && !Changed()) return Outcome::kNothingToDo;
  const Outcome outcome = Rebuild(file_asks);
  if (file_asks && outcome != Outcome::kWaits) ResetReloadNow();
  return outcome;
}

// Another file in its place, or none, is seen at once, as are other settings.
void Generations::WatchLibrary() {
  const std::string file = VendorLibrary::Find(settings().library);
  if (settings().library.empty() || file == watched_library_) return;
  watched_library_ = file;
  library_watch_.emplace(file, [this] { LookSoon(); });
}

// So that an administrator sees it done, and may ask again.
void Generations::ResetReloadNow() {
  reload_answered_ = true;
  std::string problem;
  const auto zero = ParseSetting("ReloadNow", "0", "", problem);
  if (!WriteSetting(source_.settings_file, *zero, problem))
    events_.Log(EventId::kReloadNowStays, problem);
}

// A malformed file keeps the last good settings.
bool Generations::Reread(bool forced) {
  std::string problem;
  const bool good = ReadSettings(problem);
  if (good)
    Note(malformed_, "");
  else
    LogMalformed(problem, forced);
  return good;
}

bool Generations::Changed() const {
  if (OriginNow() != origin_ || waits_for_room_) return true;
  if (settings().IsEnabledAnywhere() && !identity().serving) return true;
  const auto generation = current();
  return generation && generation->vendor().HasNewerSignatures();
}

Generations::Origin Generations::OriginNow() const {
  const Settings& now = settings();
  return {now.IsEnabledAnywhere(),
          now.library,
          now.parameters,
          now.vendor,
          now.isolation + now.worker_program + now.worker_user + now.worker_cores +
              std::to_string(now.worker_memory_mib),
          now.version,
          crew_.threads(),
          platform::MarkOf(VendorLibrary::Find(now.library))};
}

Generations::Outcome Generations::Rebuild(bool forces_pass) {
  const Settings& now = settings();
  const bool is_wanted = now.IsEnabledAnywhere();
  waits_for_room_ = is_wanted && identity().serving && !HasRoom();
  if (waits_for_room_) return Outcome::kWaits;
  const size_t threads_before = origin_.threads;
  origin_ = OriginNow();
  if (!is_wanted) {
    Note(refusal_, "");
    PublishNone();
    crew_.changed();
    return Outcome::kPublished;
  }
  // From now on nothing goes out unscanned: while the first vendor loads, clients wait for it.
  SetLoading(!identity().serving);
  if (!identity().enabled) PublishNone();
  std::string problem;
  const bool is_built = BuildAndPublish(forces_pass, problem);
  SetLoading(false);
  if (is_built) {
    crew_.changed();
    return Outcome::kPublished;
  }
  LogRefusal(problem, now);
  origin_.threads = threads_before;  // what serves on has no sessions for more: tried again
  return Outcome::kRefused;
}

bool Generations::BuildAndPublish(bool forces_pass, std::string& problem) {
  const Settings& now = settings();
  const GenerationRecord::Entry entry = record_.Next(now.parameters, forces_pass);
  auto generation = Build(now, entry, problem);
  if (!generation) return false;
  record_.Serves(entry);
  const Identity identity = generation->identity();
  Note(refusal_, "");
  Publish(std::move(generation), identity);
  return true;
}

// Once for each reason: without a vendor it is tried again every minute.
void Generations::LogRefusal(const std::string& problem, const Settings& now) {
  if (!Note(refusal_, problem)) return;
  const bool serving = identity().serving;
  events_.Log(EventId::kVendorRefused,
              problem + (serving ? "; the running generation serves on" : ""),
              {{"library", now.library}});
  if (!serving) events_.Log(EventId::kNoVendor);
}

// Does a generation serve meanwhile? One that has lost its processes does not.
bool Generations::IsBeside() const {
  const auto serving = current();
  return serving && !serving->vendor().is_lost();
}

// Beside a generation that serves at a low priority: users scan meanwhile. Not where processes are
// started, which would have it for good: they load at it themselves.
std::shared_ptr<Generation> Generations::Build(const Settings& now,
                                               const GenerationRecord::Entry& entry,
                                               std::string& problem) {
  if (!IsBeside() || now.IsIsolated()) return BuildHere(now, entry, problem);
  std::shared_ptr<Generation> generation;
  problem = now.library + " ended the thread that loaded it";
  platform::RunLower(kBuildNice, [&] { generation = BuildHere(now, entry, problem); });
  return generation;
}

std::shared_ptr<Generation> Generations::BuildHere(const Settings& now,
                                                   const GenerationRecord::Entry& entry,
                                                   std::string& problem) {
  const uint64_t before = platform::ResidentMemory();
  auto vendor = vendors_.Start(
      now, crew_.sessions(), IsBeside() ? kBuildNice : 0, [this] { LookSoon(); }, problem);
  const uint64_t elsewhere = vendor ? vendor->memory_elsewhere() : 0;
  auto generation = vendor ? Generation::Build(std::move(vendor), now, entry, problem) : nullptr;
  const uint64_t after = platform::ResidentMemory();
  if (generation) instance_bytes_ = elsewhere + (after > before ? after - before : 0);
  return generation;
}

// It is lost with its processes, and then made anew. At full priority, for what has brought down
// the scanner waits for it, and maybe its client. Once for a generation, if it can't be done; once
// in a minute, if it is lost again.
void Generations::Isolate() {
  const auto generation = current();
  if (!generation || settings().IsIsolated()) return;
  if (generation->isolated() != nullptr && !generation->isolated()->is_lost()) return;
  const uint64_t number = generation->identity().generation;
  if (not_isolated_ == number) return;
  isolation_waits_ = isolated_ == number && clock_.Now() < isolated_at_ + kSettingsPeriod;
  if (isolation_waits_) return;
  std::string problem;
  auto vendor = vendors_.StartIsolated(
      settings(), crew_.sessions(), 0, [this] { WantIsolated(); }, problem);
  if (vendor) {
    generation->Isolate(std::move(vendor));
    isolated_ = number;
    isolated_at_ = clock_.Now();
    isolations_.fetch_add(1, std::memory_order_release);
    return on_change_();
  }
  not_isolated_ = number;
  events_.Log(EventId::kVendorRefused,
              "what has brought down its scanner stays unscanned: " + problem,
              {{"library", settings().library}});
}

// As much as the running instance took, and a tenth more.
bool Generations::HasRoom() {
  const uint64_t needed = instance_bytes_ + instance_bytes_ / 10;
  const uint64_t available = source_.available_memory();
  if (available >= needed) return true;
  constexpr uint64_t kMiB = 1 << 20;
  const std::string missing = std::to_string((needed - available) / kMiB + 1);
  Note(refusal_, "a second instance waits for memory: " + missing + " MiB are missing");
  events_.Log(EventId::kReloadWaits, "",
              {{"needed", std::to_string(needed / kMiB + 1)}, {"missing", missing}});
  return false;
}

void Generations::Publish(std::shared_ptr<Generation> generation, const Identity& identity) {
  isolation_waits_ = false;
  identities_.push_back(std::make_unique<const Identity>(identity));
  {
    const MutexLock lock(mutex_);
    if (current_) retired_.push_back(std::move(current_));
    current_ = std::move(generation);
    identity_.store(identities_.back().get(), std::memory_order_release);
  }
  on_change_();
  if (!identity.serving) return;
  events_.Log(
      EventId::kVendorLoaded, "",
      {{"vendor", identity.vendor},
       {"version", std::to_string(identity.version)},
       {"signatures", std::to_string(identity.signatures)},
       {"generation", std::to_string(identity.generation)},
       {"definitions", Hex(identity.definitions.bytes, sizeof identity.definitions.bytes)}});
}

void Generations::PublishNone() {
  Identity none;
  none.enabled = settings().IsEnabledAnywhere();
  Publish(nullptr, none);
}

// What their definitions took is given back at a low priority too.
void Generations::LetGoOfRetired() {
  std::vector<std::shared_ptr<Generation>> gone;
  for (auto& generation : retired_)
    if (generation.use_count() == 1) gone.push_back(std::move(generation));
  if (gone.empty()) return;
  std::erase(retired_, nullptr);
  const size_t count = gone.size();
  platform::RunLower(kBuildNice, [&gone] { gone.clear(); });
  events_.Log(EventId::kVendorRetired, "",
              {{"gone", std::to_string(count)}, {"left", std::to_string(retired_.size())}});
}

}  // namespace vsapi::engine
