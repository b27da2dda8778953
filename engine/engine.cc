// SPDX-License-Identifier: Apache-2.0
#include "engine.h"

#include <algorithm>

#include "text.h"

namespace vsapi::engine {
namespace {

constexpr auto kGrace = std::chrono::milliseconds(200);
constexpr auto kFailedStartShutdown = std::chrono::seconds(10);

}  // namespace

Engine::Engine(Options options, Clock& clock)
    : clock_(clock),
      server_(std::move(options.server)),
      events_(clock, std::move(options.on_event)),
      slots_(options.source.state_folder, slots_problem_),
      poison_(options.source.state_folder, events_),
      generations_(std::move(options.source), clock, events_),
      queue_(clock),
      in_flight_(queue_, counters_),
      scanner_(in_flight_, generations_, slots_, poison_, faults_, clock, events_, counters_,
               histograms_),
      on_demand_(in_flight_, generations_, mdbs_, clock, counters_, histograms_),
      transport_(on_demand_, generations_, submissions_, mdbs_, clock, events_, counters_, server_),
      background_({in_flight_, queue_, scanner_, generations_, clock, events_, counters_}),
      proactive_(in_flight_, generations_, mdbs_, background_, clock, counters_),
      pool_(
          queue_, [this](const Taken& taken, Worker& worker) { scanner_.Run(taken, worker); },
          Background::kSessions),
      watchdog_({slots_, poison_, faults_, generations_, on_demand_, background_, pool_, clock,
                 events_}) {
  in_flight_.set_hurry(WorkerPool::MayLift() ? InFlight::Hurry::kLift
                                             : InFlight::Hurry::kSecondScan);
  generations_.set_on_change([this] { Changed(); });
  TakeWhatWasLeftBehind();
}

// Durable in the one place before it is gone from the other; else it stays there.
void Engine::TakeWhatWasLeftBehind() {
  if (!slots_problem_.empty()) events_.Log(EventId::kStateNotKept, slots_problem_);
  bool are_kept = true;
  for (const ScanSlot::Call& call : slots_.left_behind())
    are_kept &= poison_.Add(call.content, call.judge, "was being scanned when the process died");
  are_kept ? slots_.ForgetLeftBehind() : slots_.KeepLeftBehind();
}

// On the control thread: settings, generation, or that this has got processes of its own.
void Engine::Changed() {
  const Identity& identity = generations_.identity();
  if (identity.serving) poison_.Keep(JudgeOf(identity));
  if (identity.serving && poison_.size() > 0) generations_.WantIsolated();
  background_.Look();
}

std::unique_ptr<Engine> Engine::Create(Options options, Clock& clock, std::string& problem) {
  std::unique_ptr<Engine> engine(new Engine(std::move(options), clock));
  if (!engine->generations_.ReadSettings(problem)) return nullptr;
  try {
    engine->Start();
  } catch (...) {
    if (!engine->Shutdown(kFailedStartShutdown)) static_cast<void>(engine.release());
    throw;
  }
  return engine;
}

void Engine::Start() {
  const size_t threads = ThreadsWanted();
  on_demand_.set_threads(threads);
  watchdog_.Start();  // the first call of a vendor may hang too
  generations_.Start({.threads = [this] { return LookForThreadsWanted(); },
                      .sessions = [this] { return SessionsWanted(); },
                      .changed = [this] { ResizePool(); }});
  pool_.Start(threads);
  events_.Log(EventId::kEngineStarted, "", {{"threads", std::to_string(threads)}});
}

// With those of the threads that take the place of hung ones.
size_t Engine::SessionsWanted() {
  const size_t threads = ThreadsWanted();
  return pool_.SessionsFor(threads) + generations_.settings().MaxHungThreads(threads);
}

size_t Engine::LookForThreadsWanted() {
  processors_ = platform::UsableProcessors();
  return ThreadsWanted();
}

size_t Engine::ThreadsWanted() {
  const unsigned cpus = processors_.load().count;
  const Settings& settings = generations_.settings();
  const uint64_t asked = settings.ThreadsOutOfRange(cpus) ? settings.scanning_threads : 0;
  if (asked != 0 && asked != told_out_of_range_)
    events_.Log(EventId::kSettingWrong, "ScanningThreads " + std::to_string(asked) +
                                            " is out of range for " + std::to_string(cpus) +
                                            " processors; the default is used");
  told_out_of_range_ = asked;
  return settings.PoolThreads(cpus);
}

// On the control thread, when a generation has a session for each.
void Engine::ResizePool() {
  const size_t threads = ThreadsWanted();
  if (pool_.size() == 0 || pool_.size() == threads) return;  // not started yet, or nothing to do
  try {
    pool_.Resize(threads);
  } catch (const std::exception& failure) {
    events_.Log(EventId::kSettingWrong, "ScanningThreads " + std::to_string(threads) + ": only " +
                                            std::to_string(pool_.size()) +
                                            " threads could be started (" + failure.what() + ")");
  }
  on_demand_.set_threads(pool_.size());
}

uint32_t Engine::Attach(const std::string& name, const vsapi_store_table& table, void* store) {
  auto mdb = std::make_unique<Mdb>(name, table, store, events_, counters_, clock_, server_);
  mdb->set_on_reason([this, &mdb = *mdb] { background_.Look(mdb); });
  const uint32_t number = mdbs_.Add(std::move(mdb));
  background_.Attach(number, *mdbs_.Find(number));
  return number;
}

// First the store, so that background, which can't open any content of it then, has nothing at the
// vendor but what is cancelled here.
void Engine::Detach(Mdb& mdb) {
  mdb.Detach();
  background_.Detach(mdb);
}

bool Engine::Shutdown(Duration deadline) {
  const TimePoint end = clock_.Now() + deadline;
  {
    const MutexLock lock(mutex_);
    if (begun_) {  // by another thread, or by this one in a callback
      while (!ended_ && clock_.Now() < end) clock_.WaitUntil(end_changed_, mutex_, end);
      return ended_ && !left_behind_;
    }
    begun_ = true;
  }
  const bool left_behind = !StopBy(end);
  const MutexLock lock(mutex_);
  left_behind_ = left_behind;
  ended_ = true;
  end_changed_.NotifyAll();
  return !left_behind;
}

// False if something of the vendor's, a store's or the host's event sink does not come back.
bool Engine::StopBy(TimePoint end) {
  watchdog_.Stop();
  queue_.Close();
  AnswerLeftOvers();
  generations_.StopWaiting();
  background_.Stop();
  size_t hung = pool_.Join(clock_, end);
  end = std::max(end, clock_.Now() + kGrace);  // what does not hang needs a moment all the same
  hung += background_.Join(end);
  AnswerLeftOvers();
  size_t blocked = 0;
  for (Mdb* const mdb : mdbs_.all()) blocked += mdb->DetachBy(clock_, end) ? 0 : 1;
  const bool control_hangs = !generations_.Stop(end);
  const bool left_behind = hung + blocked > 0 || control_hangs;
  if (left_behind)
    events_.Log(EventId::kThreadsAbandoned, std::to_string(hung) + " scanning thread(s)" +
                                                (control_hangs ? " and the control thread" : "") +
                                                " hang in the vendor, " + std::to_string(blocked) +
                                                " store(s) do not come back: left behind");
  events_.Log(EventId::kEngineStopped);
  return events_.Close(std::max(end, clock_.Now() + kGrace)) && !left_behind;
}

void Engine::AnswerLeftOvers() {
  const vsapi_decision closed = MakeDecision(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN);
  in_flight_.GiveUp(closed);
  for (Taken left; (left = queue_.TakeLeft()).request != nullptr;)
    in_flight_.HandBack(left, closed);
}

void Engine::FillStatus(vsapi_status_report& report) const {
  const Identity& identity = generations_.identity();
  const ScanQueue::Depth depth = queue_.depth();
  report.enabled = identity.enabled;
  report.serving = identity.serving;
  report.threads = static_cast<uint32_t>(pool_.size());
  report.threads_high = static_cast<uint32_t>(pool_.kept_for_high());
  report.queued_high = static_cast<uint32_t>(depth.high);
  report.queued_low = static_cast<uint32_t>(depth.low);
  report.scanning = static_cast<uint32_t>(in_flight_.scanning());
  report.waiters = static_cast<uint32_t>(on_demand_.waiters());
  CopyText(identity.vendor, report.vendor, sizeof report.vendor);
  report.version = identity.version;
  report.generation = identity.generation;
  report.signatures = identity.signatures;
  report.definitions_built_ns = identity.definitions_built_ns;
  report.definitions = identity.definitions;
  report.processors = processors_.load().count;
  report.threads_by = ThreadsBy();
  report.nice_low = pool_.nice_low();
  CopyText(CleanLine(generations_.problem(), sizeof report.problem - 1), report.problem,
           sizeof report.problem);
  report.since_generation = generations_.background_since();
  report.catching_up = MdbsCatchingUp();
  const Settings& settings = generations_.settings();
  report.grace = settings.background_grace != 0;
  report.profile = settings.ProfileNumber();
  report.open_retry_delay_ms = report.profile == 10 ? settings.open_retry_delay_ms : 0;
  report.hung = static_cast<uint32_t>(watchdog_.hung());
  report.may_raise = in_flight_.hurry() == InFlight::Hurry::kLift;
}

uint32_t Engine::MdbsCatchingUp() const {
  const auto all = mdbs_.all();
  return static_cast<uint32_t>(
      std::count_if(all.begin(), all.end(), [](const Mdb* mdb) { return mdb->is_catching_up(); }));
}

int32_t Engine::ThreadsBy() const {
  const Settings& settings = generations_.settings();
  const platform::Processors processors = processors_;
  if (settings.scanning_threads != 0 && !settings.ThreadsOutOfRange(processors.count))
    return VSAPI_THREADS_BY_SETTING;
  return processors.by_cgroup ? VSAPI_THREADS_BY_CGROUP : VSAPI_THREADS_BY_AFFINITY;
}

std::array<vsapi_vendor_times, kControlCalls> Engine::ControlTimes() const {
  const TimePoint now = clock_.Now();
  std::array<vsapi_vendor_times, kControlCalls> all;
  for (size_t i = 0; i < all.size(); ++i) {
    const auto call = static_cast<ControlCall>(i);
    const VendorTimes::Times times = generations_.vendor_times().Of(call, now);
    const auto ns = [](Duration time) { return static_cast<uint64_t>(time.count()); };
    all[i] = {sizeof all[i],  NameOf(call),      times.calls,
              ns(times.last), ns(times.longest), ns(times.running)};
  }
  return all;
}

}  // namespace vsapi::engine
