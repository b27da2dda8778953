// SPDX-License-Identifier: Apache-2.0
//
// Keeps the results of a simulation while it runs, and in a file what must outlive its process: a
// line of JSON for each message that was stored, each exposure, and each second. A simulation that
// was killed goes on from there, and loses at most its last second.
//
// Thread safety: any thread.
#pragma once

#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json_fwd.hpp>

#include "simulate_results.h"

namespace store_sim {

class Ledger {
 public:
  // In memory only.
  Ledger() = default;
  // Throws Error if the file is that of another simulation (`identity`), or of one that is over.
  Ledger(const std::filesystem::path& file, const std::string& identity);

  // It is so late: 0, or where a killed one was.
  double reached_s() const;

  // Of the program, this one included; above 1: it was killed.
  uint64_t starts() const;

  // It was acknowledged to who sent it.
  void Stored(const std::string& token, const std::vector<uint64_t>& mailboxes);
  void Took(Action action, std::chrono::nanoseconds latency);
  void Asked(Answered answered, std::chrono::nanoseconds latency);
  void Gone();  // what was asked for is there no more
  void Given(uint64_t bytes);
  void Exposed(const Exposure& exposure);
  void Trouble(const std::string& text);
  // What was done since the last one belongs to this second.
  void EndSecond(double at_s, const QueueLook& queue);
  void End();

  Results results() const;
  // Actions done, the last second's included.
  uint64_t done() const;

 private:
  void Restore(const std::filesystem::path& file, const std::string& identity);
  void Read(const nlohmann::json& line, const std::string& identity);
  void WriteLocked(const nlohmann::json& line);
  void EndSecondLocked(double at_s, const QueueLook& queue, const Tally& tally);
  void KeepLocked(const Exposure& exposure);

  mutable std::mutex mutex_;  // guards all below
  std::ofstream file_;
  Results results_;
  Tally second_;  // since the last second
};

}  // namespace store_sim
