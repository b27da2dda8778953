// SPDX-License-Identifier: Apache-2.0
#include "metrics.h"

#include <prometheus/exposer.h>

#include <map>

#include "error.h"

namespace store_sim {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

struct CounterMetric {
  const char* counter;  // its name in the engine
  const char* name;
  MetricType type;
  double unit;  // of one count, in the metric's unit
  const char* help;
};

constexpr auto kCounter = MetricType::Counter;
constexpr auto kGauge = MetricType::Gauge;

// A test asks that each counter of the engine stands here.
constexpr CounterMetric kCounterMetrics[] = {
    {"Virus Scan Files Scanned", "vsapi_files_scanned_total", kCounter, 1,
     "Items handed to the vendor"},
    {"Virus Scan Files Cleaned", "vsapi_files_cleaned_total", kCounter, 1, "Items cleaned"},
    {"Virus Scan Files Quarantined", "vsapi_files_quarantined_total", kCounter, 1,
     "Items quarantined"},
    {"Virus Scan Bytes Scanned", "vsapi_scanned_bytes_total", kCounter, 1,
     "Bytes handed to the vendor"},
    {"Virus Scan Queue Length", "vsapi_queue_length", kGauge, 1,
     "Requests that wait for a scanning thread"},
    {"Files Infected", "vsapi_files_infected_total", kCounter, 1, "Items found infected"},
    {"Scans Failed", "vsapi_scans_failed_total", kCounter, 1, "Scans that came to no verdict"},
    {"Stamp Hits", "vsapi_stamp_hits_total", kCounter, 1, "Openings that needed no scan"},
    {"Joins", "vsapi_joins_total", kCounter, 1, "Requests that joined a scan in flight"},
    {"Promotions", "vsapi_promotions_total", kCounter, 1,
     "Low requests that a client came to wait for"},
    {"Second Scans", "vsapi_second_scans_total", kCounter, 1,
     "Second scans begun for a client, beside a slow one"},
    {"Virus Scan Folders Scanned in Background", "vsapi_background_folders_scanned_total", kCounter,
     1, "Folders that a background pass has finished"},
    {"Virus Scan Messages Scanned in Background", "vsapi_background_messages_scanned_total",
     kCounter, 1, "Messages of which background scanned something"},
    {"Proactive Queued", "vsapi_proactive_queued_total", kCounter, 1, "New items queued"},
    {"Proactive Left Unscanned", "vsapi_proactive_left_unscanned_total", kCounter, 1,
     "New items left unscanned, since the low lane was full"},
    {"Proactive Displaced", "vsapi_proactive_displaced_total", kCounter, 1,
     "Requests in the low lane that gave their place to a newer one"},
    {"Time-outs", "vsapi_timeouts_total", kCounter, 1, "Clients whose wait came to its end"},
    {"Too Many Waiters", "vsapi_too_many_waiters_total", kCounter, 1,
     "Clients sent away, since MaxWaiters or MaxRequests was reached"},
    {"Released Unscanned Disabled", "vsapi_released_unscanned_disabled_total", kCounter, 1,
     "Items released unscanned, since Enabled is 0"},
    {"Released Unscanned Exempt", "vsapi_released_unscanned_exempt_total", kCounter, 1,
     "Items released unscanned for an exempt access class"},
    {"Released Unscanned Encrypted", "vsapi_released_unscanned_encrypted_total", kCounter, 1,
     "Items released that the vendor found encrypted"},
    {"Released Unscanned Unsupported", "vsapi_released_unscanned_unsupported_total", kCounter, 1,
     "Items released that the vendor does not support"},
    {"Queue Wait Nanoseconds", "vsapi_queue_wait_seconds_total", kCounter, 1e-9,
     "Time that requests waited for a scanning thread"},
    {"Vendor Nanoseconds", "vsapi_vendor_seconds_total", kCounter, 1e-9,
     "Time that scans took in the vendor"},
    {"Outcomes Not Written", "vsapi_outcomes_not_written_total", kCounter, 1,
     "Outcomes that the store could not write"},
    {"Requests In Flight", "vsapi_requests_in_flight", kGauge, 1, "Requests queued or at work"},
};

MetricFamily Family(const char* name, const std::string& help, MetricType type, double value) {
  prometheus::ClientMetric metric;
  if (type == kCounter) metric.counter.value = value;
  if (type == kGauge) metric.gauge.value = value;
  return {name, help, type, {metric}};
}

MetricFamily Gauge(const char* name, const char* help, double value) {
  return Family(name, help, kGauge, value);
}

std::vector<MetricFamily> StatusFamilies(const vsapi::Status& status) {
  std::vector<MetricFamily> families{
      Gauge("vsapi_enabled", "1: the setting Enabled is 1", status.enabled),
      Gauge("vsapi_vendor_up", "1: a vendor is loaded and answers", status.serving),
      Gauge("vsapi_pool_threads", "Scanning threads (setting ScanningThreads)", status.threads),
      Gauge("vsapi_scanning", "Requests at the vendor", status.scanning),
      Gauge("vsapi_waiters", "Clients that wait for a scan", status.waiters)};
  if (status.definitions_built_ns != 0) {
    families.push_back(Gauge("vsapi_definitions_built_timestamp_seconds",
                             "When the definitions were built",
                             static_cast<double>(status.definitions_built_ns) / 1e9));
  }
  return families;
}

// A port alone is one of the loopback.
std::string AddressOf(const std::string& where) {
  return where.find(':') == std::string::npos ? "127.0.0.1:" + where : where;
}

}  // namespace

std::vector<MetricFamily> Metrics::Collect() const {
  const auto list = engine_.Counters();
  const std::map<std::string, uint64_t> counters(list.begin(), list.end());
  std::vector<MetricFamily> families = StatusFamilies(engine_.Status());
  for (const CounterMetric& each : kCounterMetrics) {
    const auto found = counters.find(each.counter);
    if (found == counters.end()) continue;
    families.push_back(Family(each.name, std::string(each.help) + " (" + each.counter + ")",
                              each.type, static_cast<double>(found->second) * each.unit));
  }
  return families;
}

MetricsPage::MetricsPage(const std::string& where, vsapi::Engine& engine)
    : metrics_(std::make_shared<Metrics>(engine)) {
  const std::string address = AddressOf(where);
  try {
    exposer_ = std::make_unique<prometheus::Exposer>(address, 1);
    exposer_->RegisterCollectable(metrics_);
  } catch (const std::exception& error) {
    throw Error("--metrics " + where + ": " + error.what() +
                "; give ADDRESS:PORT, and a port that is free");
  }
  url_ = "http://" + address.substr(0, address.rfind(':')) + ":" +
         std::to_string(exposer_->GetListeningPorts().front()) + "/metrics";
}

MetricsPage::~MetricsPage() = default;

}  // namespace store_sim
