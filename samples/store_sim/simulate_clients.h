// SPDX-License-Identifier: Apache-2.0
//
// What the clients of a simulation do with a store and its engine, one action at a time, as mail
// programs would: whoever is allowed a message reads it, and is told to the ledger when what was
// read is bad by the truth.
//
// Thread safety: any thread; many act at once.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <span>

#include "scanning.h"
#include "simulate_arrivals.h"
#include "simulate_definitions.h"
#include "simulate_ledger.h"
#include "simulate_mailboxes.h"
#include "simulate_truth.h"

namespace store_sim {

// What a simulation is about; all of it outlives its clients.
struct Scene {
  // Has whoever protects the store load what was added to the definitions. Throws Error where that
  // fails.
  using Load = std::function<void()>;
  // What stands before the store: may this mail come in to these mailboxes?
  using Gate = std::function<bool(const std::string& mail, const std::vector<std::string>& to)>;

  const Profile& profile;
  const Store& store;
  Scanning& scanning;
  Mailboxes& mailboxes;
  Truth& truth;
  Ledger& ledger;
  SimulatedDefinitions* definitions;  // nullptr: none are added
  Load load;
  uint64_t seed;
  Gate gate;                     // empty: all mail may
  std::function<double()> at_s;  // the time of the simulation
};

class SimulatedClients {
 public:
  using Clock = std::chrono::steady_clock;

  explicit SimulatedClients(const Scene& scene) : scene_(scene) {}

  // Does it. It is timed from `intended`, when it was to begin. `mail` is what is delivered.
  void Do(const Arrival& arrival, const std::string& mail, Clock::time_point intended);

 private:
  // Where a copy of a message stands.
  struct Target {
    uint64_t mailbox;
    const char* folder;
  };
  // Who asked for it, and what was known then.
  struct Asker {
    std::string user;
    Truth::Known known;
  };

  struct Question;

  bool Act(const Arrival& arrival, const std::string& mail);
  bool Deliver(const Arrival& arrival, const std::string& mail);
  bool MailToAll(const Arrival& arrival, const std::string& mail);
  bool Open(const Arrival& arrival);
  bool OpenNewest(uint64_t mailbox, size_t count);
  void OpenTogether(std::span<const Mailboxes::Place> places, uint64_t mailbox);
  void AskTogether(std::span<Question> questions, const std::string& user);
  bool Forward(const Arrival& arrival);
  bool Move(const Arrival& arrival);
  bool UpdateDefinitions();

  void Put(const std::string& token, const std::string& mail, const std::vector<Target>& targets);
  bool MayComeIn(const std::string& mail, const std::vector<Target>& targets) const;
  std::string Ask(const Mailboxes::Place& place, uint64_t mailbox);
  std::optional<std::string> Take(Mdb& mdb, const StoredMessage& message, const Asker& asker);
  Asker AskerOf(uint64_t mailbox) const;

  const Scene scene_;
  std::mutex definitions_mutex_;  // one update at a time
};

}  // namespace store_sim
