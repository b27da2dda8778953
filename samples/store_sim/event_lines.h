// SPDX-License-Identifier: Apache-2.0
//
// The engine's events as lines for a person: warnings and errors, one line each and once each,
// strangers' text made harmless. A flood of one kind is cut off and counted, unless everything is
// wanted.
//
// Thread safety: Show on one thread at a time, the engine sees to that; Tell and Finish on any.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "progress.h"
#include "vsapi/host/engine.h"

namespace store_sim {

class EventLines {
 public:
  static constexpr uint64_t kMostOfAKind = 10;

  enum class Which {
    kAll,            // with details
    kProblems,       // the first of each kind
    kOnlyUnexpected  // the same without those about what was found, which a table shows
  };

  EventLines(Progress& progress, Which which, std::string program = "store_sim")
      : progress_(progress), which_(which), program_(std::move(program)) {}

  void Show(const vsapi::Event& event);
  void Tell(const std::string& line) { progress_.Line(program_ + ": " + line); }
  // Says how many were cut off.
  void Finish();

 private:
  bool IsWanted(const vsapi::Event& event) const;
  bool IsNew(uint32_t id, const std::string& line);

  Progress& progress_;
  const Which which_;
  const std::string program_;

  std::mutex mutex_;
  std::map<uint32_t, uint64_t> seen_;  // by id; by mutex_
  std::set<std::string> told_;         // at most kMostOfAKind of an id; by mutex_
};

}  // namespace store_sim
