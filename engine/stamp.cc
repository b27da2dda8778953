// SPDX-License-Identifier: Apache-2.0
#include "stamp.h"

#include <cstring>

#include "text.h"

namespace vsapi::engine {
namespace {

// `now` is an Identity or a vsapi_level.
template <class Judge>
bool IsCurrentUnder(const vsapi_stamp& stamp, const Judge& now) {
  if (stamp.verdict == VSAPI_VERDICT_NONE) return false;
  if (std::memcmp(stamp.vendor, now.vendor, sizeof stamp.vendor) != 0) return false;
  if (stamp.verdict == VSAPI_VERDICT_CLEAN) return stamp.version >= now.version;
  if (stamp.verdict == VSAPI_VERDICT_CLEAN_PERMANENT) return true;
  return SameDigest(stamp.definitions, now.definitions) && stamp.version >= now.version;
}

}  // namespace

std::string FindingOf(const vsapi_stamp& stamp) {
  return {stamp.finding, strnlen(stamp.finding, sizeof stamp.finding)};
}

bool SameKey(const vsapi_key& a, const vsapi_key& b) {
  return a.size == b.size && std::memcmp(a.bytes, b.bytes, a.size) == 0;
}

bool IsCurrent(const vsapi_stamp& stamp, const Identity& identity) {
  return IsCurrentUnder(stamp, identity);
}

bool IsCurrent(const vsapi_stamp& stamp, const vsapi_level& level) {
  return IsCurrentUnder(stamp, level) && IsRecent(stamp, level.since_generation);
}

// FNV-1a: it is written to files, so it must be the same in each build.
uint64_t JudgeOf(const Identity& identity) {
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](const void* data, size_t size) {
    for (const auto* at = static_cast<const unsigned char*>(data); size > 0; ++at, --size)
      hash = (hash ^ *at) * 0x100000001b3;
  };
  add(identity.vendor, strnlen(identity.vendor, sizeof identity.vendor) + 1);
  add(&identity.version, sizeof identity.version);
  add(identity.definitions.bytes, sizeof identity.definitions.bytes);
  return hash == 0 ? 1 : hash;
}

bool WasClean(const vsapi_stamp& stamp, const Identity& identity) {
  return stamp.verdict == VSAPI_VERDICT_CLEAN && stamp.version < identity.version &&
         std::memcmp(stamp.vendor, identity.vendor, sizeof stamp.vendor) == 0;
}

bool IsRecent(const vsapi_stamp& stamp, uint64_t since) {
  return stamp.generation >= since || stamp.verdict == VSAPI_VERDICT_CLEAN_PERMANENT;
}

vsapi_level LevelOf(const Identity& identity, uint64_t since, int64_t now_ns) {
  vsapi_level level = {};
  level.struct_size = sizeof level;
  level.version = identity.version;
  level.generation = identity.generation;
  level.now_ns = now_ns;
  level.definitions = identity.definitions;
  level.since_generation = since;
  std::memcpy(level.vendor, identity.vendor, sizeof level.vendor);
  return level;
}

vsapi_stamp MakeStamp(const Identity& identity, int32_t verdict, int32_t scope,
                      std::string_view finding, int64_t now_ns) {
  vsapi_stamp stamp = {};
  stamp.verdict = verdict;
  stamp.scope = scope;
  stamp.version = identity.version;
  stamp.generation = identity.generation;
  stamp.time_ns = now_ns;
  stamp.definitions = identity.definitions;
  std::memcpy(stamp.vendor, identity.vendor, sizeof stamp.vendor);
  CopyText(finding, stamp.finding, sizeof stamp.finding);
  return stamp;
}

}  // namespace vsapi::engine
