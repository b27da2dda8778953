// SPDX-License-Identifier: Apache-2.0
//
// The engine's counters and status, and each MDB's coverage, for Prometheus, named by its
// conventions; VSAPI's own name of each stands in its help. Served over HTTP as long as the object
// lives.
//
// Thread safety: any thread; engine and store outlive it.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <memory>
#include <string>
#include <vector>

#include "store.h"
#include "vsapi/host/engine.h"

namespace prometheus {
class Exposer;
}

namespace store_sim {

class Metrics final : public prometheus::Collectable {
 public:
  explicit Metrics(vsapi::Engine& engine) : engine_(engine) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  vsapi::Engine& engine_;
};

class MdbMetrics final : public prometheus::Collectable {
 public:
  MdbMetrics(vsapi::Engine& engine, const Store& store) : engine_(engine), store_(store) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  vsapi::Engine& engine_;
  const Store& store_;
};

class MetricsPage {
 public:
  // ADDRESS:PORT, or a port of the loopback alone; port 0 is any that is free. A host may have no
  // store. Throws Error.
  MetricsPage(const std::string& where, vsapi::Engine& engine, const Store* store);
  ~MetricsPage();

  // "http://127.0.0.1:9464/metrics"
  const std::string& url() const { return url_; }

 private:
  std::vector<std::shared_ptr<prometheus::Collectable>> metrics_;
  std::unique_ptr<prometheus::Exposer> exposer_;
  std::string url_;
};

}  // namespace store_sim
