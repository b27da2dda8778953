// SPDX-License-Identifier: Apache-2.0
//
// When is a stamp current? The rules of "design: when a stamp is current", and the record of who is
// scanning now that they are compared with.
//
// Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {

// Who judges now: immutable once published, and never freed while the engine lives, so that reading
// the current one is a plain acquire load. `serving` false: there is none, `enabled` says why.
struct Identity {
  bool enabled = false;
  bool serving = false;
  char vendor[VSAPI_VENDOR_SIZE] = {};
  uint64_t version = 0;
  vsapi_digest definitions = {};
  uint64_t generation = 0;
  uint64_t since_generation = 0;  // as vsapi_level.since_generation
  uint64_t signatures = 0;
  int64_t definitions_built_ns = 0;
};

inline bool SameDigest(const vsapi_digest& a, const vsapi_digest& b) {
  return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}
// A number for who judges by what: vendor, version and definitions; never 0.
uint64_t JudgeOf(const Identity& identity);

// For tables by digest.
struct DigestHash {
  // A digest is random already: any eight bytes of it are a hash.
  size_t operator()(const vsapi_digest& digest) const {
    size_t hash;
    std::memcpy(&hash, digest.bytes + 8, sizeof hash);
    return hash;
  }
};
struct DigestEqual {
  bool operator()(const vsapi_digest& a, const vsapi_digest& b) const { return SameDigest(a, b); }
};

// The host may have lost the final NUL.
std::string FindingOf(const vsapi_stamp& stamp);

bool SameKey(const vsapi_key& a, const vsapi_key& b);

// Takes no lock, allocates nothing, writes nothing.
bool IsCurrent(const vsapi_stamp& stamp, const Identity& identity);
bool IsCurrent(const vsapi_stamp& stamp, const vsapi_level& level);

// Is it not current only since the version has risen, and says clean?
bool WasClean(const vsapi_stamp& stamp, const Identity& identity);

// Is it none of those that background looks at again, by a generation before `since`? What is clean
// for ever is never looked at again.
bool IsRecent(const vsapi_stamp& stamp, uint64_t since);

// What background's stores compare their stamps with.
vsapi_level LevelOf(const Identity& identity, uint64_t since, int64_t now_ns);

// The stamp that `identity` leaves for a verdict. `finding` is cut to what fits, at a character.
vsapi_stamp MakeStamp(const Identity& identity, int32_t verdict, int32_t scope,
                      std::string_view finding, int64_t now_ns);

}  // namespace vsapi::engine
