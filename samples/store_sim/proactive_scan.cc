// SPDX-License-Identifier: Apache-2.0
#include "proactive_scan.h"

#include <algorithm>

#include "error.h"

namespace store_sim {

ProactiveScan::ProactiveScan(const Store& store, EventLines& events) {
  try {
    scanning_.emplace(store, ScanOptions{}, events);
  } catch (const Error& error) {
    events.Tell("nothing is scanned while importing: " + std::string(error.what()));
  }
}

void ProactiveScan::Submit(const Mdb& mdb, const std::vector<NewItem>& items) {
  new_ += items.size();
  for (const NewItem& item : items) {
    if (!scanning_ || is_off_) return;
    const int32_t result = scanning_->engine().Submitted(scanning_->ItemOf(mdb, item));
    queued_ += result == VSAPI_SUBMITTED_QUEUED;
    is_off_ = result == VSAPI_SUBMITTED_OFF;
  }
}

std::string ProactiveScan::End() {
  if (!scanning_) return "";
  const vsapi::Status status = scanning_->engine().Status();
  scanning_->End();
  if (is_off_ && status.serving) return "";
  Counters counters = CountersOf(scanning_->engine());
  const uint64_t scanned = counters["Virus Scan Files Scanned"] -
                           std::min(counters["Virus Scan Files Scanned"], counters["Scans Failed"]);
  return "contents: " + std::to_string(new_) + " new, " + std::to_string(queued_) +
         " queued for scanning, " + std::to_string(scanned) + " scanned (" +
         std::to_string(counters["Files Infected"]) + " infected), " +
         std::to_string(new_ - std::min(new_, scanned)) + " left to be scanned when opened";
}

}  // namespace store_sim
