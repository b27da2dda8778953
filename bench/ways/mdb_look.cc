// SPDX-License-Identifier: Apache-2.0
#include "mdb_look.h"

#include <algorithm>

#include "digest.h"
#include "error.h"

namespace store_sim::ways {
namespace {

bool IsIntact(Mdb& mdb, int64_t number) try {
  const auto message = mdb.Find(number);
  const auto raw = mdb.ReadRaw(number);
  return message && raw && Sha256(*raw) == message->digest;
} catch (const Error&) {
  return false;
}

}  // namespace

std::vector<int64_t> AllNumbers(Mdb& mdb, const Placement& place) {
  constexpr size_t kPage = 1'000;
  std::vector<int64_t> all, page;
  for (int64_t after = 0; !(page = mdb.Numbers(after, kPage, place)).empty(); after = page.back())
    all.insert(all.end(), page.begin(), page.end());
  return all;
}

uint64_t CountIntact(Mdb& mdb) {
  return static_cast<uint64_t>(std::ranges::count_if(
      AllNumbers(mdb), [&](int64_t number) { return IsIntact(mdb, number); }));
}

}  // namespace store_sim::ways
