// SPDX-License-Identifier: Apache-2.0
//
// What a simulation came to, as values: how long clients took, what they were answered, who was
// given what was bad, what was stored, and second by second how it went.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulate_histogram.h"
#include "simulate_profile.h"

namespace store_sim {

// What became of a client's question for a message.
enum class Answered : uint8_t { kAllowed, kInfected, kInProgress, kUnavailable, kGone };
inline constexpr std::array<const char*, 5> kAnsweredNames{"allowed", "infected", "in progress",
                                                           "unavailable", "gone"};

// Of a time: what was done in it.
struct Tally {
  // By action, from when it was to begin; a preview and a synchronisation end with their last
  // message.
  std::array<LatencyHistogram, kActions> actions;
  LatencyHistogram messages;  // each one asked for, from then to its answer
  std::array<uint64_t, kAnsweredNames.size()> answers = {};
  uint64_t bytes = 0;  // given out

  void Merge(const Tally& other);
};

struct Exposure {
  std::string what;
  std::string message;
  std::string user;
  double at_s = 0;
};

struct QueueLook {
  uint64_t high = 0;
  uint64_t low = 0;
  uint64_t scanning = 0;
  uint64_t waiters = 0;
  uint64_t items = 0;
  uint64_t current = 0;  // of them
};

struct Second {
  double at_s = 0;
  QueueLook queue;
  std::array<uint64_t, kActions> done = {};
  double open_p50_ms = 0, open_p99_ms = 0;        // of the action open
  double message_p50_ms = 0, message_p99_ms = 0;  // of all messages asked for
};

struct Results {
  Tally all;
  std::vector<Second> seconds;
  std::vector<Exposure> exposures;
  uint64_t exposed = 0;                                 // the first of them are in `exposures`
  std::map<std::string, std::vector<uint64_t>> stored;  // by token: in which mailboxes
  std::vector<std::string> troubles;                    // the first of each kind
  uint64_t failed = 0;                                  // so often there was trouble
  uint64_t starts = 0;                                  // of the program; above 1: it was killed
};

}  // namespace store_sim
