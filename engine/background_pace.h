// SPDX-License-Identifier: Apache-2.0
//
// How much a background thread works: after its work it rests so long that it keeps to its share of
// a processor, and it works in its hours only.
//
// Thread safety: of one thread.
#pragma once

#include "clock.h"
#include "settings.h"

namespace vsapi::engine {

class BackgroundPace {
 public:
  explicit BackgroundPace(const Clock& clock) : clock_(clock) {}

  // Does `work`, which counts.
  template <class Work>
  auto Do(Work work) {
    const Stretch stretch(*this);
    return work();
  }

  // How long it is until it may go on; 0: it may now.
  Duration Pause(const Settings& settings) const;
  // It goes on: what was done so far is rested for.
  void GoOn() { worked_ = {}; }

 private:
  struct Stretch {
    explicit Stretch(BackgroundPace& of) : pace(of), begun(of.clock_.Now()) {}
    ~Stretch() {
      pace.ended_ = pace.clock_.Now();
      pace.worked_ += pace.ended_ - begun;
    }
    BackgroundPace& pace;
    const TimePoint begun;
  };

  Duration Rest(uint64_t share) const;

  const Clock& clock_;
  Duration worked_ = {};  // since it went on last
  TimePoint ended_;       // of the last work
};

}  // namespace vsapi::engine
