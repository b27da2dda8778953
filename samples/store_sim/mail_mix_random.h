// SPDX-License-Identifier: Apache-2.0
//
// Choices that are the same for the same seed on every machine (the standard's distributions are
// not), and the words that generated mail is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace store_sim {

class MixRandom {
 public:
  explicit MixRandom(uint64_t seed) : engine_(seed) {}

  // 0 ... bound - 1
  uint64_t Below(uint64_t bound) { return engine_() % bound; }
  uint64_t Between(uint64_t low, uint64_t high) { return low + Below(high - low + 1); }
  bool Percent(uint64_t percent) { return Below(100) < percent; }

  template <typename Array>
  auto Pick(const Array& array) {
    return array[Below(std::size(array))];
  }

  std::string Bytes(size_t size);
  // Sentences and paragraphs, at least `size` bytes of UTF-8 (US-ASCII if `ascii`) in short lines.
  std::string Prose(size_t size, bool ascii = false);
  std::string Sentence(bool ascii = false);

 private:
  std::mt19937_64 engine_;
};

}  // namespace store_sim
