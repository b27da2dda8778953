// SPDX-License-Identifier: Apache-2.0
//
// Opens one message as a client would and tells the steps of each of its parts: the work of
// `store_sim trace`, whoever holds the store.
//
// Thread safety: any thread; many may ask by one Scanning at the same time.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>

#include "scanning.h"

namespace store_sim {

struct TraceArguments {
  std::string message;
  double timeout_s = 0;  // 0: the setting ScanTimeout
};

// "" if they are within their range.
std::string WrongWith(const TraceArguments& arguments);

// {"message", "answer", "exit_status", "parts": [{"part", "steps": {"queued_ns": ...}, ...}]}
nlohmann::json TraceMessage(const TraceArguments& arguments, const Store& store,
                            Scanning& scanning);

void PrintTrace(const nlohmann::json& trace, std::ostream& out);

// The times of one part: what the queue, the store and the vendor had of it.
struct Shares {
  int64_t queue_ns = 0;
  int64_t store_ns = 0;
  int64_t vendor_ns = 0;
};
Shares SharesOf(const vsapi::Trace& trace);

}  // namespace store_sim
