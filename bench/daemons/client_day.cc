// SPDX-License-Identifier: Apache-2.0
#include "client_day.h"

#include <algorithm>

#include "timetable.h"

namespace vsapi::bench {
namespace {

// So many may be kept waiting before one is late; no more than the engine's default for MaxWaiters.
size_t ClientCount() { return std::min<size_t>(16, 4 * ThreadCount()); }

using Clock = std::chrono::steady_clock;

double Seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

Load LoadFor(const Run& run) {
  if (run.definitions == kSmall.name)
    return {run.mail.group("mail mix"), run.mail.group("clients: mail mix"),
            std::chrono::milliseconds(2)};
  return {run.mail.group("16 KiB"), run.mail.group("clients: 16 KiB"),
          std::chrono::milliseconds(20)};
}

void ClientDay::Add(const ClientDay& other) {
  waits.insert(waits.end(), other.waits.begin(), other.waits.end());
  unscanned += other.unscanned;
  missed += other.missed;
}

Samples ClientDay::Between(double from_s, double to_s) const {
  Samples samples;
  for (const Wait& wait : waits)
    if (wait.at_s >= from_s && wait.at_s < to_s) samples.Add(wait.ms);
  return samples;
}

ClientDay SpendDay(Run& run, Way& way, const Load& load, const std::function<bool()>& is_over) {
  const size_t count = ClientCount();
  std::vector<ClientDay> days(count);
  std::vector<Client> clients;
  for (size_t i = 0; i < count; ++i) clients.push_back(way.NewClient(run.mail));
  const auto begin = Clock::now();
  CallByTimetable(count, load.period, [&](size_t client, uint64_t number, Clock::time_point due) {
    if (is_over()) return false;
    const size_t item = load.clients.first + number % load.clients.count;
    run.mail.Refresh(item);
    const Answer answer = clients[client](item);
    ClientDay& day = days[client];
    if (answer == Answer::kNone)
      ++day.unscanned;
    else
      day.waits.push_back({Seconds(due - begin), 1e3 * Seconds(Clock::now() - due)});
    if (answer == Answer::kClean && run.mail.is_infected(item)) ++day.missed;
    return true;
  });
  ClientDay all;
  for (const ClientDay& day : days) all.Add(day);
  return all;
}

void RecordWaits(Run& run, const Subject& of, const Samples& waits_ms) {
  if (waits_ms.size() == 0) return;
  const auto record = [&](const char* name, double percent) {
    run.records.Add(of, name, "ms", waits_ms.Percentile(percent), Better::kLess);
  };
  record("p50", 50);
  record("p99", 99);
  record("p99.9", 99.9);
  Records::Points curve;
  for (int permille = 10; permille < 1000; permille += permille < 980 ? 10 : 1)
    curve.emplace_back(waits_ms.Percentile(permille / 10.0), permille / 10.0);
  run.records.AddCurve(of, "wait_cdf", "ms", curve);
}

}  // namespace vsapi::bench
