// SPDX-License-Identifier: Apache-2.0
//
// Counts what opening came to, and prints it as a table that one can read at a glance.
//
// Thread safety: one thread.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <ostream>

#include "message_answer.h"
#include "scanning.h"

namespace store_sim {

class OpenReport {
 public:
  // The table is about what happens from now on.
  explicit OpenReport(vsapi::Engine& engine)
      : engine_(engine), before_(CountersOf(engine)), began_(std::chrono::steady_clock::now()) {}

  void Add(const StoredMessage& message, std::span<const vsapi::Decision> decisions,
           Outcome outcome);
  void AddUnreadable() { Count(Outcome::kUnavailable); }

  uint64_t messages() const { return messages_; }
  void Print(std::ostream& out) const;

 private:
  void Count(Outcome outcome);
  void CountItem(const StoredPart& part, const vsapi::Decision& decision);
  std::map<std::string, uint64_t> SinceBegin() const;

  vsapi::Engine& engine_;
  const Counters before_;
  const std::chrono::steady_clock::time_point began_;
  uint64_t messages_ = 0;
  std::array<uint64_t, 4> outcomes_{};  // by Outcome
  uint64_t items_ = 0;
  uint64_t bytes_ = 0;
  uint64_t clean_ = 0;
  uint64_t infected_ = 0;
  uint64_t unscanned_ = 0;
  std::map<std::string, uint64_t> findings_;    // of infected items
  std::map<std::string, uint64_t> not_judged_;  // by verdict
};

}  // namespace store_sim
