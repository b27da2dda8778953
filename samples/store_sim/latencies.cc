// SPDX-License-Identifier: Apache-2.0
#include "latencies.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "display.h"

namespace store_sim {

using nlohmann::json;

uint64_t CountOf(const vsapi::Histogram& histogram) {
  uint64_t count = 0;
  for (const auto& bucket : histogram.buckets) count += bucket.count;
  return count;
}

uint64_t PercentileNs(const vsapi::Histogram& histogram, unsigned percent) {
  const uint64_t wanted = (CountOf(histogram) * percent + 99) / 100;
  if (wanted == 0) return 0;
  uint64_t seen = 0, bound = 0;
  for (const auto& bucket : histogram.buckets) {
    if (bucket.up_to_ns != UINT64_MAX) bound = bucket.up_to_ns;
    seen += bucket.count;
    if (seen >= wanted) break;
  }
  return bound;
}

json LatenciesJson(const std::vector<vsapi::Histogram>& histograms) {
  json latencies = json::array();
  for (const vsapi::Histogram& histogram : histograms) {
    const uint64_t count = CountOf(histogram);
    if (count == 0) continue;
    latencies.push_back({{"name", histogram.name},
                         {"access", vsapi_access_text(histogram.access)},
                         {"count", count},
                         {"sum_ns", histogram.sum_ns},
                         {"p50_ns", PercentileNs(histogram, 50)},
                         {"p90_ns", PercentileNs(histogram, 90)},
                         {"p99_ns", PercentileNs(histogram, 99)}});
  }
  return latencies;
}

void PrintLatencies(const json& latencies, std::ostream& out) {
  using enum Table::Align;
  Table table(
      {{"TIME"}, {"ACCESS"}, {"COUNT", kRight}, {"P50", kRight}, {"P90", kRight}, {"P99", kRight}});
  for (const json& each : latencies) {
    const auto time = [&](const char* name) { return Milliseconds(each.at(name)); };
    table.Add({each.at("name"), each.at("access"), each.at("count").dump(), time("p50_ns"),
               time("p90_ns"), time("p99_ns")});
  }
  table.Print(out);
}

std::string Milliseconds(int64_t ns) {
  const double ms = static_cast<double>(ns) / 1e6;
  const double size = std::abs(ms);
  std::array<char, 48> text;
  std::snprintf(text.data(), text.size(), "%.*f ms", size < 10 ? 3 : size < 1000 ? 1 : 0, ms);
  return text.data();
}

}  // namespace store_sim
