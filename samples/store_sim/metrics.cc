// SPDX-License-Identifier: Apache-2.0
#include "metrics.h"

#include <prometheus/exposer.h>

#include <limits>
#include <map>

#include "error.h"
#include "latencies.h"
#include "mdb_coverage.h"

namespace store_sim {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

struct CounterMetric {
  const char* counter;  // its name in the engine
  const char* name;
  MetricType type;
  const char* help;
};

constexpr auto kCounter = MetricType::Counter;
constexpr auto kGauge = MetricType::Gauge;

// A test asks that each counter of the engine stands here.
constexpr CounterMetric kCounterMetrics[] = {
    {"Virus Scan Messages Processed", "vsapi_messages_processed_total", kCounter,
     "Top-level messages of which something was scanned"},
    {"Virus Scan Messages Cleaned", "vsapi_messages_cleaned_total", kCounter,
     "Top-level messages of which something was cleaned"},
    {"Virus Scan Messages Quarantined", "vsapi_messages_quarantined_total", kCounter,
     "Top-level messages of which something was quarantined"},
    {"Virus Scan Messages Deleted", "vsapi_messages_deleted_total", kCounter,
     "Top-level messages deleted by order of the vendor"},
    {"Virus Scan Files Scanned", "vsapi_files_scanned_total", kCounter,
     "Items handed to the vendor"},
    {"Virus Scan Files Cleaned", "vsapi_files_cleaned_total", kCounter, "Items cleaned"},
    {"Virus Scan Files Quarantined", "vsapi_files_quarantined_total", kCounter,
     "Items quarantined"},
    {"Virus Scan Bytes Scanned", "vsapi_scanned_bytes_total", kCounter,
     "Bytes handed to the vendor"},
    {"Virus Scan Queue Length", "vsapi_queue_length", kGauge,
     "Requests that wait for a scanning thread"},
    {"High Lane Length", "vsapi_high_lane_length", kGauge, "Requests that wait in the high lane"},
    {"Low Lane Length", "vsapi_low_lane_length", kGauge, "Requests that wait in the low lane"},
    {"Low Lane Oldest Nanoseconds", "vsapi_low_lane_oldest_seconds", kGauge,
     "So long the oldest request in the low lane has waited"},
    {"Files Infected", "vsapi_files_infected_total", kCounter, "Items found infected"},
    {"Scans Failed", "vsapi_scans_failed_total", kCounter, "Scans that came to no verdict"},
    {"Stamp Hits", "vsapi_stamp_hits_total", kCounter, "Openings that needed no scan"},
    {"Joins", "vsapi_joins_total", kCounter, "Requests that joined a scan in flight"},
    {"Promotions", "vsapi_promotions_total", kCounter,
     "Low requests that a client came to wait for"},
    {"Second Scans", "vsapi_second_scans_total", kCounter,
     "Second scans begun for a client, beside a slow one"},
    {"Virus Scan Folders Scanned in Background", "vsapi_background_folders_scanned_total", kCounter,
     "Folders that a background pass has finished"},
    {"Virus Scan Messages Scanned in Background", "vsapi_background_messages_scanned_total",
     kCounter, "Messages of which background scanned something"},
    {"Proactive Queued", "vsapi_proactive_queued_total", kCounter, "New items queued"},
    {"Proactive Left Unscanned", "vsapi_proactive_left_unscanned_total", kCounter,
     "New items left unscanned, since the low lane was full"},
    {"Proactive Displaced", "vsapi_proactive_displaced_total", kCounter,
     "Requests in the low lane that gave their place to a newer one"},
    {"Time-outs", "vsapi_timeouts_total", kCounter, "Clients whose wait came to its end"},
    {"Too Many Waiters", "vsapi_too_many_waiters_total", kCounter,
     "Clients sent away, since MaxWaiters or MaxRequests was reached"},
    {"Released Unscanned Disabled", "vsapi_released_unscanned_disabled_total", kCounter,
     "Items released unscanned, since Enabled is 0"},
    {"Released Unscanned Exempt", "vsapi_released_unscanned_exempt_total", kCounter,
     "Items released unscanned for an exempt access class"},
    {"Released Unscanned Grace", "vsapi_released_unscanned_grace_total", kCounter,
     "Items released by an old stamp while background scanning catches up"},
    {"Released Unscanned Encrypted", "vsapi_released_unscanned_encrypted_total", kCounter,
     "Items released that the vendor found encrypted"},
    {"Released Unscanned Unsupported", "vsapi_released_unscanned_unsupported_total", kCounter,
     "Items released that the vendor does not support"},
    {"Outcomes Not Written", "vsapi_outcomes_not_written_total", kCounter,
     "Outcomes that the store could not write"},
    {"Released Unscanned Excluded", "vsapi_released_unscanned_excluded_total", kCounter,
     "Items released unscanned by TransportExclusion"},
    {"Released Unscanned Not In Profile", "vsapi_released_unscanned_not_in_profile_total", kCounter,
     "Items released that the profile does not scan"},
    {"Released Unscanned Old Stamp", "vsapi_released_unscanned_old_stamp_total", kCounter,
     "Items released by an old stamp that OnAccessThresholdVersion lets count"},
    {"Released Unscanned Old Item", "vsapi_released_unscanned_old_item_total", kCounter,
     "Items released unscanned by OnAccessScanningRollingLowerAgeLimit"},
    {"Released Unscanned RTF Body", "vsapi_released_unscanned_rtf_body_total", kCounter,
     "Bodies in rich text released unscanned, since ScanRTF is 0"},
    {"Transport Messages Submitted", "vsapi_transport_messages_submitted_total", kCounter,
     "Messages judged on their way, each try"},
    {"Transport Messages Delivered", "vsapi_transport_messages_delivered_total", kCounter,
     "Messages let through as they were"},
    {"Transport Messages Deferred", "vsapi_transport_messages_deferred_total", kCounter,
     "Messages to be tried again"},
    {"Transport Messages Rejected", "vsapi_transport_messages_rejected_total", kCounter,
     "Messages refused for good"},
    {"Transport Messages Given Up", "vsapi_transport_messages_given_up_total", kCounter,
     "Messages that could not be judged in all their tries"},
    {"Requests In Flight", "vsapi_requests_in_flight", kGauge, "Requests queued or at work"},
};

struct HistogramMetric {
  const char* histogram;  // its name in the engine
  const char* name;
  const char* help;
};

constexpr HistogramMetric kHistogramMetrics[] = {
    {"Queue Wait", "vsapi_queue_wait_seconds",
     "Time that requests waited for a scanning thread (Queue Wait Nanoseconds)"},
    {"Vendor Time", "vsapi_vendor_seconds",
     "Time that scans took in the vendor (Vendor Nanoseconds)"},
    {"Total Wait", "vsapi_total_wait_seconds",
     "Time from asking to the answer, of clients that had to wait; else to the verdict"},
};

MetricFamily Family(const char* name, const std::string& help, MetricType type, double value) {
  prometheus::ClientMetric metric;
  if (type == kCounter) metric.counter.value = value;
  if (type == kGauge) metric.gauge.value = value;
  return {name, help, type, {metric}};
}

// Prometheus counts time in seconds.
double ValueOf(const std::pair<const std::string, uint64_t>& counter) {
  const auto value = static_cast<double>(counter.second);
  return counter.first.ends_with(" Nanoseconds") ? value / 1e9 : value;
}

MetricFamily Gauge(const char* name, const char* help, double value) {
  return Family(name, help, kGauge, value);
}

// Of the engine's bounds those alone that are a power of two apart, and the health rule's.
prometheus::ClientMetric HistogramOf(const vsapi::Histogram& from) {
  prometheus::ClientMetric metric;
  metric.label = {{"access", vsapi_access_text(from.access)}};
  uint64_t count = 0, shown_ns = 0;
  for (const auto& bucket : from.buckets) {
    count += bucket.count;
    const bool doubles = bucket.up_to_ns >= 2 * shown_ns;
    if (!doubles && bucket.up_to_ns != kSlowVendorNs) continue;
    if (doubles) shown_ns = bucket.up_to_ns;
    const bool is_last = bucket.up_to_ns == UINT64_MAX;
    const double bound = is_last ? std::numeric_limits<double>::infinity()
                                 : static_cast<double>(bucket.up_to_ns) / 1e9;
    metric.histogram.bucket.push_back({count, bound});
  }
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = static_cast<double>(from.sum_ns) / 1e9;
  return metric;
}

std::vector<MetricFamily> HistogramFamilies(const std::vector<vsapi::Histogram>& histograms) {
  std::vector<MetricFamily> families;
  for (const HistogramMetric& each : kHistogramMetrics) {
    MetricFamily family{each.name, each.help, MetricType::Histogram, {}};
    for (const vsapi::Histogram& histogram : histograms)
      if (histogram.name == each.histogram) family.metric.push_back(HistogramOf(histogram));
    families.push_back(std::move(family));
  }
  return families;
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

prometheus::ClientMetric OfMdb(const std::string& mdb, uint64_t value) {
  prometheus::ClientMetric metric;
  metric.label = {{"mdb", mdb}};
  metric.gauge.value = static_cast<double>(value);
  return metric;
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
                              each.type, ValueOf(*found)));
  }
  for (MetricFamily& family : HistogramFamilies(engine_.Histograms()))
    families.push_back(std::move(family));
  return families;
}

// An MDB that can't be read now is left out.
std::vector<MetricFamily> MdbMetrics::Collect() const {
  MetricFamily items{"vsapi_mdb_items", "Items in the MDB", kGauge, {}};
  MetricFamily current{"vsapi_mdb_items_current", "Items judged by who scans now", kGauge, {}};
  for (const auto& mdb : store_.mdbs()) {
    try {
      const Coverage coverage =
          CoverageOf(store_.folder() / (mdb->name() + ".db"), engine_.Status());
      items.metric.push_back(OfMdb(mdb->name(), coverage.items));
      current.metric.push_back(OfMdb(mdb->name(), coverage.current));
    } catch (const Error&) {
      continue;
    }
  }
  return {items, current};
}

MetricsPage::MetricsPage(const std::string& where, vsapi::Engine& engine, const Store* store)
    : metrics_{std::make_shared<Metrics>(engine)} {
  if (store != nullptr) metrics_.push_back(std::make_shared<MdbMetrics>(engine, *store));
  const std::string address = AddressOf(where);
  try {
    exposer_ = std::make_unique<prometheus::Exposer>(address, 1);
    for (const auto& each : metrics_) exposer_->RegisterCollectable(each);
  } catch (const std::exception& error) {
    throw Error("--metrics " + where + ": " + error.what() +
                "; give ADDRESS:PORT, and a port that is free");
  }
  url_ = "http://" + address.substr(0, address.rfind(':')) + ":" +
         std::to_string(exposer_->GetListeningPorts().front()) + "/metrics";
}

MetricsPage::~MetricsPage() = default;

}  // namespace store_sim
