// SPDX-License-Identifier: Apache-2.0
//
// What is kept of the generations over restarts, in the host's state folder: the last one's number,
// the Parameters it served with, and since which number stamps are good enough for background
// scanning: the first generation with these Parameters, or that of the last forced pass.
//
// A state file that is lost starts no second count from one, for the clock seeds it; nor does it
// make anything stale.
//
// Thread safety: of one thread.
#pragma once

#include <optional>
#include <string>

#include "clock.h"
#include "event_log.h"

namespace vsapi::engine {

class GenerationRecord {
 public:
  struct Entry {
    uint64_t number = 0;
    uint64_t since = 0;  // 0: every stamp is
    std::optional<std::string> parameters = {};
  };

  // `folder` "": nothing is kept.
  GenerationRecord(const std::string& folder, Clock& clock, EventLog& events);

  // For a generation that is to be built. Its number is on disk already; the rest is not, until it
  // is known to serve. `forces_pass`: stamps of those before it are not good enough.
  Entry Next(const std::string& parameters, bool forces_pass);
  // It is about to serve.
  void Serves(const Entry& entry);

 private:
  void Read();
  void Write();

  const std::string path_;  // "": none
  Clock& clock_;
  EventLog& events_;
  Entry kept_;
};

}  // namespace vsapi::engine
