// SPDX-License-Identifier: Apache-2.0
//
// Items and digests made from small numbers, for tests that care only which is which.
#ifndef VSAPI_TESTS_SUPPORT_ITEMS_H_
#define VSAPI_TESTS_SUPPORT_ITEMS_H_

#include <cstdint>
#include <cstring>

#include "vsapi/host/vsapi_host.h"

namespace vsapi::test {

inline vsapi_digest DigestOf(uint32_t content) {
  vsapi_digest digest = {};
  for (size_t at = 0; at < sizeof digest.bytes; ++at)
    digest.bytes[at] = static_cast<uint8_t>((content * 2654435761u + at) >> (at % 4 * 8));
  std::memcpy(digest.bytes + 1, &content, sizeof content);
  return digest;
}

// The item number `key`, which holds content number `content`.
inline vsapi_item ItemOf(uint32_t content, uint32_t key) {
  vsapi_item item = {};
  item.struct_size = sizeof item;
  item.mdb = 1;
  item.kind = VSAPI_ITEM_ATTACHMENT;
  item.digest = DigestOf(content);
  item.key.size = sizeof key;
  std::memcpy(item.key.bytes, &key, sizeof key);
  return item;
}
inline uint32_t KeyOf(const vsapi_item& item) {
  uint32_t key = 0;
  std::memcpy(&key, item.key.bytes, sizeof key);
  return key;
}

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_ITEMS_H_
