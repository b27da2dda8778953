// SPDX-License-Identifier: Apache-2.0
#include "simulate_mail.h"

#include <algorithm>

#include "lines.h"

namespace store_sim {
namespace {

constexpr std::string_view kSubject = "\nSubject: ";

std::string WithToken(std::string raw, const std::string& token) {
  const size_t subject = raw.find(kSubject);
  return raw.insert(subject + kSubject.size(), token + " ");
}

bool IsBlank(std::string_view line) { return WithoutLineEnd(line).empty(); }
bool IsContinued(std::string_view line) { return line.front() == ' ' || line.front() == '\t'; }

bool SaysWhatTheBodyIs(std::string_view line) {
  constexpr std::string_view kContent = "content-";
  return line.size() > kContent.size() &&
         std::equal(kContent.begin(), kContent.end(), line.begin(),
                    [](char a, char b) { return a == (b | 0x20); });
}

unsigned SleepersOf(const Profile& profile) {
  uint64_t updates = 0;
  for (const Profile::Moment& moment : profile.moments)
    updates += moment.counts[static_cast<size_t>(Action::kDefinitions)];
  return static_cast<unsigned>(std::clamp<uint64_t>(updates, 1, kSleepers));
}

}  // namespace

std::string SleeperMark(unsigned sleeper) {
  return "OpenVSAPI store_sim: sleeper " + std::to_string(sleeper) +
         ", harmless until definitions know it.";
}

std::string Token(uint64_t seed, uint64_t number) {
  return "[" + std::to_string(seed) + "." + std::to_string(number) + "]";
}

std::string FillToken(uint64_t seed, uint64_t number) {
  return "[" + std::to_string(seed) + ".0." + std::to_string(number) + "]";
}

uint64_t MailSeed(uint64_t seed, uint64_t start) { return seed * 1'000'003 + start; }

std::string TokenIn(std::string_view subject) {
  const size_t begin = subject.find('['), end = subject.find(']', begin);
  if (end == subject.npos) return "";
  const std::string_view token = subject.substr(begin, end + 1 - begin);
  const bool is_ours = token.size() > 2 && token.find_first_not_of("[0123456789.]") == token.npos;
  return is_ours ? std::string(token) : "";
}

SimulatedMail::SimulatedMail(const Profile& profile, uint64_t seed)
    : profile_(profile), sleepers_(SleepersOf(profile)), mix_(seed), random_(seed) {}

std::string SimulatedMail::Compose(const std::string& token, uint64_t dice) {
  const double percent = static_cast<double>(dice % 100'000) / 1'000;
  if (percent < profile_.infected_percent) {
    const auto infected = mix_.Eicar();
    return WithToken(infected[dice / 100'000 % infected.size()], token);
  }
  if (percent < profile_.infected_percent + profile_.sleeping_percent)
    return WithToken(Sleeping(static_cast<unsigned>(dice / 100'000 % sleepers_)), token);
  return WithToken(mix_.Next(), token);
}

std::string SimulatedMail::Sleeping(unsigned sleeper) {
  return mix_.Carry({"sleeper.doc", "application/msword",
                     SleeperMark(sleeper) + random_.Prose(random_.Between(2'000, 40'000))});
}

std::string Forwarded(std::string_view raw, const std::string& token, const std::string& sender) {
  std::string forwarded = "From: " + sender +
                          "@example.org\nTo: others@example.org\nSubject: " + token +
                          " Fwd\nMIME-Version: 1.0\n";
  bool kept = false;
  while (!raw.empty() && !IsBlank(raw.substr(0, raw.find('\n')))) {
    const std::string_view line = TakeLine(raw);
    if (!IsContinued(line)) kept = SaysWhatTheBodyIs(line);
    if (kept) forwarded += line;
  }
  return forwarded + std::string(raw);
}

}  // namespace store_sim
