// SPDX-License-Identifier: Apache-2.0
#include "striped.h"

#include <bit>

namespace vsapi::engine {
namespace {

// Which numbers have an owner now, one bit each. Of the process and not of an engine: a thread's
// number is the same everywhere.
class Owners {
 public:
  size_t Claim() {
    for (size_t word = 0; word < words_.size(); ++word)
      for (uint64_t seen = words_[word].load(std::memory_order_relaxed); ~seen != 0;) {
        const auto bit = static_cast<size_t>(std::countr_one(seen));
        // Acquires what the former owner left in the stripes.
        if (words_[word].compare_exchange_weak(seen, seen | uint64_t{1} << bit,
                                               std::memory_order_acquire))
          return word * 64 + bit;
      }
    return StripeOfThread::kMost;
  }
  void Release(size_t number) {
    words_[number / 64].fetch_and(~(uint64_t{1} << number % 64), std::memory_order_release);
  }

 private:
  std::array<std::atomic<uint64_t>, (StripeOfThread::kMost + 1) / 64> words_ = {};
};
constinit Owners owners;

}  // namespace

constinit thread_local size_t StripeOfThread::mine_ = 0;

void StripeOfThread::Claim() {
  // Gives the number back when its thread ends; what still counts after that shares.
  struct Ownership {
    ~Ownership() {
      mine_ = kMost + 1;
      if (number < kMost) owners.Release(number);
    }
    const size_t number = owners.Claim();
  };
  thread_local const Ownership mine;
  mine_ = std::min(mine.number, kMost) + 1;
}

}  // namespace vsapi::engine
