// SPDX-License-Identifier: Apache-2.0
#include "proactive_scan.h"

#include <algorithm>

namespace store_sim {

void ProactiveScan::Submit(const Mdb& mdb, const std::vector<NewItem>& items) {
  new_ += items.size();
  for (const NewItem& item : items) {
    if (is_off_) return;
    const int32_t result = scanning_.engine().Submitted(scanning_.ItemOf(mdb, item));
    queued_ += result == VSAPI_SUBMITTED_QUEUED;
    is_off_ = result == VSAPI_SUBMITTED_OFF;
  }
}

std::string ProactiveScan::End() {
  const bool is_off = is_off_ && scanning_.engine().Status().serving;
  const std::string summary = at_end_ == AtEnd::kFinish ? Finish() : Summary(queued_);
  return is_off ? "" : summary;
}

std::string ProactiveScan::Finish() {
  scanning_.End();
  Counters counters = CountersOf(scanning_.engine());
  const uint64_t scanned = counters["Virus Scan Files Scanned"] -
                           std::min(counters["Virus Scan Files Scanned"], counters["Scans Failed"]);
  return Summary(scanned, std::to_string(scanned) + " scanned (" +
                              std::to_string(counters["Files Infected"]) + " infected), ");
}

std::string ProactiveScan::Summary(uint64_t done, const std::string& scanned) const {
  return "contents: " + std::to_string(new_) + " new, " + std::to_string(queued_) +
         " queued for scanning, " + scanned + std::to_string(new_ - std::min(new_, done)) +
         " left to be scanned when opened";
}

}  // namespace store_sim
