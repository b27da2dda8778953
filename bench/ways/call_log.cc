// SPDX-License-Identifier: Apache-2.0
#include "call_log.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>

namespace store_sim::ways {

CallTally ReadCallLog(const std::filesystem::path& file) {
  CallTally tally;
  std::set<std::string> contents;
  std::map<std::string, uint64_t> scans;  // by content and level
  std::ifstream lines(file);
  std::string digest, level;
  bool clean = false;
  for (uint64_t size = 0; lines >> digest >> level >> size >> clean;) {
    ++tally.calls;
    tally.bytes += size;
    contents.insert(digest);
    if (clean) tally.most_of_one = std::max(tally.most_of_one, ++scans[digest + level]);
  }
  tally.contents = contents.size();
  return tally;
}

}  // namespace store_sim::ways
