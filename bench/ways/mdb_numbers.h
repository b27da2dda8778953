// SPDX-License-Identifier: Apache-2.0
//
// The numbers of all messages of an MDB, or of one mailbox, that clients can reach.
//
// Thread safety: a pure function.
#pragma once

#include <vector>

#include "mdb.h"

namespace store_sim::ways {

inline std::vector<int64_t> AllNumbers(Mdb& mdb, const Placement& place = {}) {
  constexpr size_t kPage = 1'000;
  std::vector<int64_t> all, page;
  for (int64_t after = 0; !(page = mdb.Numbers(after, kPage, place)).empty(); after = page.back())
    all.insert(all.end(), page.begin(), page.end());
  return all;
}

}  // namespace store_sim::ways
