// SPDX-License-Identifier: Apache-2.0
#include "stamp.h"

#include <cstring>

#include "text.h"

namespace vsapi::engine {

std::string FindingOf(const vsapi_stamp& stamp) {
  return {stamp.finding, strnlen(stamp.finding, sizeof stamp.finding)};
}

bool SameKey(const vsapi_key& a, const vsapi_key& b) {
  return a.size == b.size && std::memcmp(a.bytes, b.bytes, a.size) == 0;
}

bool IsCurrent(const vsapi_stamp& stamp, const Identity& identity) {
  if (stamp.verdict == VSAPI_VERDICT_NONE) return false;
  if (std::memcmp(stamp.vendor, identity.vendor, sizeof stamp.vendor) != 0) return false;
  if (stamp.verdict == VSAPI_VERDICT_CLEAN) return stamp.version >= identity.version;
  if (stamp.verdict == VSAPI_VERDICT_CLEAN_PERMANENT) return true;
  return SameDigest(stamp.definitions, identity.definitions) && stamp.version >= identity.version;
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
