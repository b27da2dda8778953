// SPDX-License-Identifier: Apache-2.0
//
// Who does what when: the arrivals of a profile in the order of their times, the same for the same
// seed. They come at random (a Poisson process) at the rate of [each day], as the hours of the day
// have it; those of [at HH:MM] all at their time.
//
// Thread safety: one thread at a time.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "mail_mix_random.h"
#include "simulate_profile.h"

namespace store_sim {

struct Arrival {
  std::chrono::nanoseconds at{};  // since the beginning; in a closed loop: nobody is waited for
  Action action = Action::kOpen;
  uint64_t mailbox = 0;
  uint64_t number = 0;  // of this arrival, from 1
  uint64_t dice = 0;    // decides whatever else is to be chosen
};

class Arrivals {
 public:
  Arrivals(const Profile& profile, uint64_t seed);

  // None: the profile's time is over. In a closed loop these are the moments alone.
  std::optional<Arrival> Next();

  // What a client of a closed loop does next, and how long it thinks before. None: nothing is done
  // but at moments.
  struct Thought {
    Arrival arrival;
    std::chrono::nanoseconds think;
  };
  std::optional<Thought> Choose();

 private:
  struct Burst {
    double at_s;
    Action action;
    uint64_t left;
  };

  double NextRandomAfter(double at_s);
  double Exponential();
  Arrival Make(double at_s, Action action);
  Action ChooseAction();

  const Profile profile_;
  const double each_day_;  // actions of one mailbox in a day
  const double sum_of_hours_;
  MixRandom random_;
  std::vector<Burst> bursts_;  // the next one last
  double random_at_s_;
  uint64_t number_ = 0;
};

}  // namespace store_sim
