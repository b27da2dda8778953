// SPDX-License-Identifier: Apache-2.0
//
// Contents that have brought down whoever scanned them, or keep a thread for ever: the vendor must
// not get them in this process again before its definitions are others. In a file where a state
// folder is given, so that one mail can't crash a host for ever.
//
// Thread safety: all of it from any thread. Has takes no lock while there is no poison.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "event_log.h"
#include "mutex.h"
#include "stamp.h"

namespace vsapi::engine {

class Poison {
 public:
  // Reads the list of that folder; "": in memory alone.
  Poison(const std::string& folder, EventLog& events);

  // Under the definitions of `judge` (JudgeOf)?
  bool Has(const vsapi_digest& content, uint64_t judge) const;
  // Tells the administrator `what` the content did. Durable when it returns; false: in memory
  // alone, which is told too.
  bool Add(const vsapi_digest& content, uint64_t judge, const std::string& what);
  // These definitions serve now: what was poison under others is forgotten.
  void Keep(uint64_t judge);

  size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  using Judges = std::unordered_map<vsapi_digest, uint64_t, DigestHash, DigestEqual>;

  static Judges Parse(std::string_view text);
  bool Rewrite(const std::function<void(Judges&)>& change);

  const std::string path_;  // "": none
  EventLog& events_;
  Mutex file_mutex_;  // of whoever rewrites it
  mutable Mutex mutex_;
  Judges judges_ VSAPI_GUARDED_BY(mutex_);  // by content, the last one
  std::atomic<size_t> size_ = 0;            // of it
};

}  // namespace vsapi::engine
