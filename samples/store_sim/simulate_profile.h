// SPDX-License-Identifier: Apache-2.0
//
// What a simulation is told to do: a text of `[section]`, `key = value` and `# remark` lines. The
// table of all keys is in the README; a test holds it against the one here.
//
// Thread safety: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <istream>
#include <span>
#include <string>
#include <vector>

namespace store_sim {

// What clients do. The names are those of the profile and of the results.
enum class Action : uint8_t {
  kDeliver,
  kOpen,
  kPreview,
  kSynchronise,
  kForward,
  kMove,
  kMailToAll,
  kDefinitions,  // the administrator's
};
inline constexpr size_t kActions = 8;
inline constexpr std::array<const char*, kActions> kActionNames{
    "deliver", "open", "preview", "synchronise", "forward", "move", "mail_to_all", "definitions"};
inline const char* NameOf(Action action) { return kActionNames[static_cast<size_t>(action)]; }

struct Profile {
  // So many of each action at once, at a time of the day.
  struct Moment {
    int64_t second_of_day = 0;
    std::array<uint64_t, kActions> counts = {};
  };

  uint64_t mailboxes = 20;
  uint64_t messages = 200;

  bool closed = false;
  uint64_t clients = 16;
  double think_seconds = 1;
  uint64_t preview_messages = 20;

  double seconds = 60;
  double settle_seconds = 120;
  int64_t begins = 8 * 3600;  // second of the day
  double speed = 60;
  std::array<double, 24> hours{};

  std::array<double, kActions> each_day{};

  double infected_percent = 0;
  double sleeping_percent = 0;

  std::vector<Moment> moments;
};

// Throws Error("NAME:LINE: what is wrong; what to do").
Profile ReadProfile(std::istream& text, const std::string& name);
Profile ReadProfileFile(const std::string& file);

struct ProfileKey {
  const char* section;
  const char* name;
};
// Those of a fixed section; the actions stand in [each day] and [at HH:MM].
std::vector<ProfileKey> ProfileKeys();

}  // namespace store_sim
