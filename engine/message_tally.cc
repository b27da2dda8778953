// SPDX-License-Identifier: Apache-2.0
#include "message_tally.h"

namespace vsapi::engine {
namespace {

// The finalizer of splitmix64: every bit of the input moves half of the output's.
uint64_t Mixed(uint64_t bits) {
  bits += 0x9e3779b97f4a7c15;
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
  return bits ^ bits >> 31;
}

}  // namespace

void MessageTally::CountKnown(Counter counter, const vsapi_item& item, uint64_t generation) {
  const uint64_t what = uint64_t{item.mdb} << 8 | static_cast<uint8_t>(counter);
  const uint64_t mark = Mixed(item.message ^ Mixed(what ^ Mixed(generation)));
  const uint64_t before = marks_[mark % kMarks].exchange(mark, std::memory_order_relaxed);
  if (before != mark) counters_.Add(counter);
}

}  // namespace vsapi::engine
