// SPDX-License-Identifier: Apache-2.0
//
// Clients that come one by one by a timetable to a way that has bulk work besides, and how long
// they waited: from the time that the table says until the answer.
#pragma once

#include "cases.h"
#include "measure.h"

namespace vsapi::bench {

// What saturates the scanner, and who comes meanwhile: a client each `period`.
struct Load {
  const Group& bulk;
  const Group& clients;
  std::chrono::milliseconds period;
};
// With few definitions a mix of mail for both, a client each 2 ms; with many, whose scans are
// twenty times as dear, items of one size and a client each 20 ms.
Load LoadFor(const Run& run);

struct Wait {
  double at_s;  // of the day
  double ms;
};

// Thread safety: written by one client; read after all have gone.
struct ClientDay {
  std::vector<Wait> waits;  // of those that were answered
  uint64_t unscanned = 0;
  uint64_t missed = 0;

  void Add(const ClientDay& other);
  // Of those that were due from then till then.
  Samples Between(double from_s, double to_s) const;
};

// Bulk work by `way` for as long as this lives.
class Bulk {
 public:
  Bulk(Run& run, Way& way, const Group& group)
      : feed_(run.mail, group, std::chrono::hours(1)),
        worker_([this, &way] { way.WorkBehind(feed_); }) {}
  ~Bulk() { feed_.Stop(); }
  uint64_t answered() const { return feed_.answered(); }
  uint64_t missed() const { return feed_.missed(); }
  uint64_t unscanned() const { return feed_.unscanned(); }

 private:
  Feed feed_;
  std::jthread worker_;
};

// From now until `is_over`, which is asked on the clients' threads.
ClientDay SpendDay(Run& run, Way& way, const Load& load, const std::function<bool()>& is_over);

// p50, p99, p99.9 and their distribution.
void RecordWaits(Run& run, const Subject& of, const Samples& waits_ms);

}  // namespace vsapi::bench
