// SPDX-License-Identifier: Apache-2.0
//
// What a vendor gets to scan and how it gets at it; and what it made of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vendor_check {

inline constexpr uint64_t kNever = UINT64_MAX;

struct Properties {
  std::map<uint32_t, std::vector<std::string>> texts;  // by id, then index
  std::map<uint32_t, int64_t> integers;
};

// One content, and how it behaves. Offsets count from its beginning.
struct Content {
  std::string name;
  std::string bytes;
  uint64_t zeros = 0;  // so many follow the bytes; they are nowhere in memory
  bool in_memory = true;
  size_t longest_read = SIZE_MAX;
  uint64_t fails_at = kNever;      // reads past here fail
  uint64_t ends_at = kNever;       // it turns out to end here, before its size
  uint64_t cancelled_at = kNever;  // once it was read up to here nobody wants the answer any more
  uint64_t expired_at = kNever;    // once it was read up to here the budget has run out
  Properties properties = {};

  uint64_t size() const { return bytes.size() + zeros; }
};

// `content`, to be read in pieces of at most `longest`.
Content ByReads(Content content, size_t longest = SIZE_MAX);

struct Finding {
  int32_t kind;
  std::string name;
};

struct Answer {
  int32_t status = 0;
  int32_t verdict = 0;
  int32_t scope = 0;
  std::vector<Finding> findings = {};
  std::optional<std::string> replacement = {};
  bool replacement_refused = false;  // some of it was more than is kept
  std::string text = {};
  std::chrono::nanoseconds took{0};
  // From the cancellation or the end of the budget to the return, without what the thread waited
  // for a processor; nothing if neither came.
  std::optional<std::chrono::nanoseconds> took_to_stop = {};

  bool is_clean() const;   // said so, and is believed
  bool was_given() const;  // a status and a verdict that the contract knows
  std::string Describe() const;
  bool SaysTheSameAs(const Answer& other) const;
};

// ---- Contents that checks share -------------------------------------------------------------

std::string Eicar();  // put together at run time, so that no scanner takes the program for it
Content HarmlessText();
// A harmless text of `size` bytes, without a repetition that would make it small.
Content LongText(size_t size);
Content Zeros(uint64_t size);  // to be read

}  // namespace vendor_check
