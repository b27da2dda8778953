// SPDX-License-Identifier: Apache-2.0
#include "simulate_run.h"

#include <algorithm>
#include <condition_variable>
#include <set>
#include <thread>

#include "error.h"
#include "mdb_coverage.h"

namespace store_sim {
namespace {

using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::nanoseconds;

constexpr size_t kMostNamed = 10;
constexpr std::chrono::milliseconds kBetweenLooks{50};
constexpr int kLooksInASecond = 20;
// After so many looks without anything at work or becoming current, nothing more is expected: 15 s,
// for what a killed host was scanning waits until a worker process has loaded the definitions.
constexpr std::chrono::milliseconds kBetweenSettled{250};
constexpr int kIdleLooks = 60;

nanoseconds Nanoseconds(double seconds) {
  return duration_cast<nanoseconds>(duration<double>(seconds));
}

// The simulated time of day: "13:05".
std::string TimeOfDay(const Profile& profile, double at_s) {
  const auto minutes =
      (profile.begins + static_cast<int64_t>(at_s * profile.speed)) / 60 % (24 * 60);
  const auto two = [](int64_t number) {
    return std::string(number < 10 ? "0" : "") + std::to_string(number);
  };
  return two(minutes / 60) + ":" + two(minutes % 60);
}

// False: stopped before.
bool WaitUntil(std::chrono::steady_clock::time_point time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_until(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

Simulation::Simulation(Scene scene, Progress& progress)
    : scene_([&] {
        scene.at_s = [this] { return at_s(); };
        return std::move(scene);
      }()),
      progress_(progress),
      clients_(scene_),
      reached_(Nanoseconds(scene_.ledger.reached_s())),
      begin_(Clock::now() - reached_),
      arrivals_(scene_.profile, scene_.seed),
      mail_(scene_.profile, MailSeed(scene_.seed, scene_.ledger.starts())) {}

Outturn Simulation::Run(const std::stop_token& stop) {
  {
    const std::jthread watch([this](const std::stop_token& over) { Watch(over); });
    Act(stop);
    outturn_.acted_s = at_s();
    Settle(stop);
  }
  outturn_.stopped = stop.stop_requested();
  FindLost();
  if (!outturn_.stopped) scene_.ledger.End();
  outturn_.results = scene_.ledger.results();
  return std::move(outturn_);
}

void Simulation::Act(const std::stop_token& stop) {
  const bool closed = scene_.profile.closed;
  std::vector<std::jthread> threads;
  for (uint64_t i = 0; i < scene_.profile.clients; ++i)
    threads.emplace_back([&] { closed ? ActOneByOne(stop) : ActBySchedule(stop); });
  if (closed) ActBySchedule(stop);  // what is to happen at a time of the day
}

void Simulation::ActBySchedule(const std::stop_token& stop) {
  while (const auto work = TakeNext()) {
    const auto intended = begin_ + work->arrival.at;
    if (!WaitUntil(intended, stop)) return;
    clients_.Do(work->arrival, work->mail, intended);
  }
}

void Simulation::ActOneByOne(const std::stop_token& stop) {
  const auto end = begin_ + Nanoseconds(scene_.profile.seconds);
  Clock::duration think{};
  while (const auto work = Think(think)) {
    const auto intended = Clock::now() + think;
    if (intended >= end || !WaitUntil(intended, stop)) return;
    clients_.Do(work->arrival, work->mail, Clock::now());
  }
}

// What a killed process has done already is passed over.
std::optional<Simulation::Work> Simulation::TakeNext() {
  const std::lock_guard lock(mutex_);
  while (const auto next = arrivals_.Next())
    if (next->at >= reached_) return Work{*next, MailFor(*next)};
  return std::nullopt;
}

std::optional<Simulation::Work> Simulation::Think(Clock::duration& think) {
  const std::lock_guard lock(mutex_);
  const auto next = arrivals_.Choose();
  if (!next) return std::nullopt;
  think = next->think;
  return Work{next->arrival, MailFor(next->arrival)};
}

std::string Simulation::MailFor(const Arrival& arrival) {
  const bool needs_mail =
      arrival.action == Action::kDeliver || arrival.action == Action::kMailToAll;
  return needs_mail ? mail_.Compose(Token(scene_.seed, arrival.number), arrival.dice) : "";
}

void Simulation::Settle(const std::stop_token& stop) {
  const double since_s = at_s();
  uint64_t current = 0;
  for (int idle = 0; idle < kIdleLooks; ++idle) {
    QueueLook look = LookAtQueue();
    AddCoverage(look);
    outturn_.last = look;
    outturn_.settled_s = at_s() - since_s;
    if (look.current == look.items || outturn_.settled_s >= scene_.profile.settle_seconds) return;
    if (look.current > current || look.scanning + look.high + look.low > 0) idle = 0;
    current = look.current;
    if (!WaitUntil(Clock::now() + kBetweenSettled, stop)) return;
  }
}

void Simulation::FindLost() {
  std::set<std::string> there;
  const auto name = [](const std::string& token, uint64_t mailbox) {
    return token + " of " + Mailboxes::NameOf(mailbox);
  };
  for (Mdb* mdb : scene_.mailboxes.mdbs())
    ForEachSeen(scene_.mailboxes, *mdb, [&](uint64_t mailbox, const StoredMessage& message) {
      there.insert(name(TokenIn(message.details.subject), mailbox));
    });
  for (const auto& [token, mailboxes] : scene_.ledger.results().stored) {
    for (const uint64_t mailbox : mailboxes) {
      if (there.contains(name(token, mailbox))) continue;
      if (++outturn_.lost_count <= kMostNamed) outturn_.lost.push_back(name(token, mailbox));
    }
  }
}

// Ends each second by the most that was seen in it.
void Simulation::Watch(const std::stop_token& stop) {
  QueueLook most;
  for (int look = 1; WaitUntil(Clock::now() + kBetweenLooks, stop); ++look) {
    const QueueLook now = LookAtQueue();
    most.high = std::max(most.high, now.high);
    most.low = std::max(most.low, now.low);
    most.scanning = std::max(most.scanning, now.scanning);
    most.waiters = std::max(most.waiters, now.waiters);
    if (look % kLooksInASecond != 0) continue;
    EndSecond(most);
    most = {};
  }
}

void Simulation::EndSecond(QueueLook look) try {
  AddCoverage(look);
  const double now_s = at_s();
  scene_.ledger.EndSecond(now_s, look);
  progress_.Update(static_cast<uint64_t>(now_s), static_cast<uint64_t>(scene_.profile.seconds),
                   TimeOfDay(scene_.profile, now_s) + ", " + std::to_string(scene_.ledger.done()) +
                       " done, queued " + std::to_string(look.high) + " high " +
                       std::to_string(look.low) + " low, " +
                       std::to_string(look.items - look.current) + " not current");
} catch (const Error& error) {
  scene_.ledger.Trouble(error.what());
}

QueueLook Simulation::LookAtQueue() {
  const vsapi::Status status = scene_.scanning.engine().Status();
  QueueLook look;
  look.high = status.queued_high;
  look.low = status.queued_low;
  look.scanning = status.scanning;
  look.waiters = status.waiters;
  return look;
}

void Simulation::AddCoverage(QueueLook& look) {
  scene_.scanning.Flush();
  const vsapi::Status status = scene_.scanning.engine().Status();
  for (const auto& mdb : scene_.store.mdbs()) {
    const Coverage coverage = CoverageOf(scene_.store.folder() / (mdb->name() + ".db"), status);
    look.items += coverage.items;
    look.current += coverage.current;
  }
}

double Simulation::at_s() const { return duration<double>(Clock::now() - begin_).count(); }

}  // namespace store_sim
