// SPDX-License-Identifier: Apache-2.0
//
// How long scans and clients took, out of the engine's histograms: as JSON, as text, and the
// percentile that half, nine tenths or 99 of 100 stayed within.
//
// Thread safety: pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>

#include "vsapi/host/engine.h"

namespace store_sim {

// The name of theirs among the counters that a host answers.
inline constexpr char kLatencies[] = "latencies";

// More is an error by the health rules of the Exchange Server Analyzer; a bound of a bucket.
inline constexpr uint64_t kSlowVendorNs = 2'500'000'000;

uint64_t CountOf(const vsapi::Histogram& histogram);

// The upper bound of the bucket that holds it: not less, and at most a quarter (below 4 µs: 1 µs)
// more than it was; at most 256 s. 0 if nothing was timed.
uint64_t PercentileNs(const vsapi::Histogram& histogram, unsigned percent);

// [{"name": "Queue Wait", "access": "on-demand", "count": 3, "sum_ns": ..., "p50_ns": ...}, ...],
// those alone that timed something.
nlohmann::json LatenciesJson(const std::vector<vsapi::Histogram>& histograms);
void PrintLatencies(const nlohmann::json& latencies, std::ostream& out);

// "0.012 ms", "2500 ms"
std::string Milliseconds(int64_t ns);

}  // namespace store_sim
