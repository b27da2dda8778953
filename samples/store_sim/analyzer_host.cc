// SPDX-License-Identifier: Apache-2.0
#include "analyzer_host.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host_client.h"
#include "latencies.h"

namespace store_sim {
namespace {

using nlohmann::json;

// engine/events.md has the table.
constexpr uint32_t kServes = 1010;
constexpr uint32_t kRefused = 1011;
constexpr uint32_t kVendorsWord = 1014;

uint64_t SlowestVendorTime(const json& latencies) {
  uint64_t slowest = 0;
  for (const json& each : latencies)
    if (each.at("name") == "Vendor Time")
      slowest = std::max(slowest, each.at("p90_ns").get<uint64_t>());
  return slowest;
}

// The oldest first.
std::vector<json> EventsOf(HostClient& host, uint32_t id) {
  std::vector<json> events;
  json request{{"command", "events"}, {"id", id}};
  for (bool is_all = false; !is_all;) {
    const json found = host.Ask(request);
    events.insert(events.end(), found.at("events").begin(), found.at("events").end());
    request["after"] = found.at("next");
    is_all = found.at("is_all");
  }
  return events;
}

uint64_t SequenceOf(const json& event) { return event.at("sequence"); }

// How the last loading went: refused since a vendor serves, or what that said against itself
// before.
void LookAtLoading(HostClient& host, Facts& facts) {
  const std::vector<json> serves = EventsOf(host, kServes), refused = EventsOf(host, kRefused);
  const uint64_t last = serves.empty() ? 0 : SequenceOf(serves.back());
  const uint64_t before = serves.size() < 2 ? 0 : SequenceOf(*(serves.end() - 2));
  if (!refused.empty() && SequenceOf(refused.back()) > last)
    facts.vendor_refused = refused.back().at("text");
  for (const json& word : EventsOf(host, kVendorsWord)) {
    const bool is_of_last = SequenceOf(word) > before && SequenceOf(word) < last;
    if (is_of_last && word.at("severity") != "info") facts.vendor_warning = word.at("text");
  }
}

void TakeVendor(const json& vendor, Facts& facts) {
  facts.vendor_serves = !vendor.is_null();
  if (vendor.is_null()) return;
  facts.vendor = vendor.at("name");
  const json& age = vendor.at("definitions").at("age_seconds");
  if (!age.is_null()) facts.definitions_age_s = age.get<int64_t>();
}

}  // namespace

void AskHost(const std::filesystem::path& store, Facts& facts) {
  const auto host = HostClient::Find(store);
  if (!host) return;
  const json status = host->Ask({{"command", "status"}, {"mdbs", false}});
  TakeVendor(status.at("vendor"), facts);
  facts.processors = status.at("processors");
  facts.queue_length = status.at("queued_p90").get<uint64_t>();
  facts.vendor_time_ns = SlowestVendorTime(host->Ask({{"command", "counters"}}).at(kLatencies));
  LookAtLoading(*host, facts);
}

}  // namespace store_sim
