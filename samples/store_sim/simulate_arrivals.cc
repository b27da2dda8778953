// SPDX-License-Identifier: Apache-2.0
#include "simulate_arrivals.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace store_sim {
namespace {

constexpr double kDay = 86'400;
constexpr double kNever = std::numeric_limits<double>::infinity();

double SumOf(const auto& numbers) { return std::accumulate(numbers.begin(), numbers.end(), 0.0); }

std::chrono::nanoseconds Seconds(double seconds) {
  return std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
}

}  // namespace

Arrivals::Arrivals(const Profile& profile, uint64_t seed)
    : profile_(profile),
      each_day_(SumOf(profile.each_day)),
      sum_of_hours_(SumOf(profile.hours)),
      random_(seed) {
  for (const Profile::Moment& moment : profile_.moments) {
    const double wait =
        std::fmod(static_cast<double>(moment.second_of_day - profile_.begins) + kDay, kDay);
    for (double at_s = wait / profile_.speed; at_s < profile_.seconds;
         at_s += kDay / profile_.speed)
      for (size_t action = 0; action < kActions; ++action)
        bursts_.push_back({at_s, static_cast<Action>(action), moment.counts[action]});
  }
  std::erase_if(bursts_, [](const Burst& burst) { return burst.left == 0; });
  std::stable_sort(bursts_.begin(), bursts_.end(),
                   [](const Burst& a, const Burst& b) { return a.at_s > b.at_s; });
  random_at_s_ = profile_.closed ? kNever : NextRandomAfter(0);
}

std::optional<Arrival> Arrivals::Next() {
  if (!bursts_.empty() && bursts_.back().at_s <= random_at_s_) {
    Burst& burst = bursts_.back();
    const Arrival arrival = Make(burst.at_s, burst.action);
    if (--burst.left == 0) bursts_.pop_back();
    return arrival;
  }
  if (random_at_s_ >= profile_.seconds) return std::nullopt;
  const Arrival arrival = Make(random_at_s_, ChooseAction());
  random_at_s_ = NextRandomAfter(random_at_s_);
  return arrival;
}

std::optional<Arrivals::Thought> Arrivals::Choose() {
  if (each_day_ == 0) return std::nullopt;
  const auto think = Seconds(Exponential() * profile_.think_seconds);
  return Thought{Make(0, ChooseAction()), think};
}

// Goes through the hours until as much is due as the dice ask for.
double Arrivals::NextRandomAfter(double at_s) {
  double due = Exponential();
  while (at_s < profile_.seconds) {
    const double day_s = static_cast<double>(profile_.begins) + at_s * profile_.speed;
    const double hour = std::floor(day_s / 3600);
    const double left_s = ((hour + 1) * 3600 - day_s) / profile_.speed;
    const double rate = static_cast<double>(profile_.mailboxes) * each_day_ *
                        profile_.hours[static_cast<size_t>(hour) % 24] / sum_of_hours_ / 3600 *
                        profile_.speed;
    if (due < rate * left_s) return at_s + due / rate;
    due -= rate * left_s;
    // A little more, lest rounding leaves it before the hour's end for ever.
    at_s += left_s + 1e-9;
  }
  return kNever;
}

double Arrivals::Exponential() {
  constexpr double kSteps = 1ull << 53;
  return -std::log((static_cast<double>(random_.Below(1ull << 53)) + 1) / kSteps);
}

Arrival Arrivals::Make(double at_s, Action action) {
  Arrival arrival;
  arrival.at = Seconds(at_s);
  arrival.action = action;
  arrival.mailbox = random_.Below(profile_.mailboxes);
  arrival.number = ++number_;
  arrival.dice = random_.Below(UINT64_MAX);
  return arrival;
}

Action Arrivals::ChooseAction() {
  double at = static_cast<double>(random_.Below(1ull << 53)) / (1ull << 53) * each_day_;
  Action chosen = Action::kOpen;
  for (size_t action = 0; action < kActions; ++action) {
    const double rate = profile_.each_day[action];
    if (rate == 0) continue;
    chosen = static_cast<Action>(action);
    if (at < rate) break;
    at -= rate;
  }
  return chosen;
}

}  // namespace store_sim
