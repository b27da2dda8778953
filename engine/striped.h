// SPDX-License-Identifier: Apache-2.0
//
// Numbers that only grow, and that many threads add to. Each thread adds to a stripe of its own, by
// a plain load and store: no lock, no locked instruction, no cache line that another thread writes.
// The first kStripes - 1 threads at a time have such a stripe; those beyond share the last one.
//
// Thread safety: all of it from any thread. A sum read while others add is some value between.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace vsapi::engine {

// The calling thread's number among those that live, from zero; of many threads the last ones have
// kMost. The same for every engine: its next owner adds to what a thread left in its stripes.
class StripeOfThread {
 public:
  static constexpr size_t kMost = 255;

  static size_t Number() {
    if (mine_ == 0) Claim();
    return mine_ - 1;
  }

 private:
  static void Claim();

  // One more than the number, so that zero means none yet. In the static block: reading it calls
  // nothing.
  [[gnu::tls_model("initial-exec")]] static constinit thread_local size_t mine_;
};

template <size_t kNumbers, size_t kStripes = StripeOfThread::kMost + 1>
class Striped {
 public:
  // The calling thread's stripe, for several additions at once.
  class Mine {
   public:
    void Add(size_t number, uint64_t amount) {
      std::atomic<uint64_t>& value = values_[number];
      if (is_shared_)
        value.fetch_add(amount, std::memory_order_relaxed);
      else
        value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }

   private:
    friend class Striped;
    Mine(std::atomic<uint64_t>* values, bool is_shared) : values_(values), is_shared_(is_shared) {}
    std::atomic<uint64_t>* const values_;
    const bool is_shared_;
  };
  Mine mine() {
    const size_t thread = StripeOfThread::Number();
    const size_t stripe = kShared < StripeOfThread::kMost ? std::min(thread, kShared) : thread;
    return {stripes_[stripe].values.data(), stripe == kShared};
  }
  void Add(size_t number, uint64_t amount) { mine().Add(number, amount); }

  uint64_t Sum(size_t number) const {
    uint64_t sum = 0;
    for (size_t stripe = 0; stripe < kStripes; ++stripe)
      sum += stripes_[stripe].values[number].load(std::memory_order_relaxed);
    return sum;
  }

 private:
  static_assert(kStripes <= StripeOfThread::kMost + 1);
  static constexpr size_t kShared = kStripes - 1;
  struct alignas(64) Stripe {
    std::array<std::atomic<uint64_t>, kNumbers> values = {};
  };

  const std::unique_ptr<Stripe[]> stripes_ = std::make_unique<Stripe[]>(kStripes);
};

}  // namespace vsapi::engine
