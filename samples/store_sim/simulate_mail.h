// SPDX-License-Identifier: Apache-2.0
//
// The mail of a simulation: everyday mail (mail_mix), some of it with the EICAR test file, some
// with a *sleeper*, which is harmless until a definitions update makes it known. Each message has a
// token in its subject, which stays whatever the engine has done to the message.
//
// Thread safety: one thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "mail_mix.h"
#include "simulate_arrivals.h"

namespace store_sim {

// There are so many sleepers, numbered from 0; each definitions update makes the next one known.
inline constexpr unsigned kSleepers = 8;
// What files of that sleeper begin with, and its signature hits.
std::string SleeperMark(unsigned sleeper);

// "[7.12]": of arrival 12 of a run with seed 7.
std::string Token(uint64_t seed, uint64_t number);
// "[7.0.12]": of the message 12 that is stored before it begins.
std::string FillToken(uint64_t seed, uint64_t number);
// "" if there is none.
std::string TokenIn(std::string_view subject);

// Each start of a simulation makes mail of its own; 0: what is stored before.
uint64_t MailSeed(uint64_t seed, uint64_t start);

class SimulatedMail {
 public:
  // Of the sleepers those come that a definitions update of the day makes known, at least one.
  SimulatedMail(const Profile& profile, uint64_t seed);

  std::string Compose(const std::string& token, uint64_t dice);

 private:
  std::string Sleeping(unsigned sleeper);

  const Profile profile_;
  const unsigned sleepers_;
  MailMix mix_;
  MixRandom random_;
};

// `raw` sent on with all that it carries, byte for byte, under a header of its own.
std::string Forwarded(std::string_view raw, const std::string& token, const std::string& sender);

}  // namespace store_sim
