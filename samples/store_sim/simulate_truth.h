// SPDX-License-Identifier: Apache-2.0
//
// What is bad in simulated mail, known from how it was made and not from the engine: bytes that a
// message with EICAR, or with a sleeper, must have as they stand in it. And since when sleepers are
// known: a client that asks from then on must not be given them.
//
// Thread safety: any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace store_sim {

class Truth {
 public:
  Truth();

  // What is known now, to be taken before asking.
  using Known = uint32_t;
  Known known() const { return known_.load(std::memory_order_acquire); }
  // Whoever asks from now on must not be given it.
  void Know(unsigned sleeper) { known_.fetch_or(1u << sleeper, std::memory_order_acq_rel); }

  // What in it was known to be bad: "EICAR", "sleeper 0"; "": nothing.
  std::string BadIn(std::string_view raw, Known known) const;

 private:
  struct Sign {
    std::string bytes;
    std::string what;
    Known known_by;  // 0: always known
  };

  std::vector<Sign> signs_;
  std::atomic<Known> known_ = 0;  // by Know; read by who asks
};

}  // namespace store_sim
