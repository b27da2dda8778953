// SPDX-License-Identifier: Apache-2.0
//
// The engine by its profile: VSAPI 2.0 and 2.5, the latter without and with transport scanning.
//
// Thread safety: as Way.
#pragma once

#include <chrono>
#include <optional>
#include <thread>

#include "way.h"

namespace store_sim::ways {

enum class Transport {
  kNone,
  kHandsOver,  // what it judged is not scanned again in the store
  kIgnored,    // the store knows nothing of it: everything is scanned twice
};

class EngineWay : public Way {
 public:
  EngineWay(Places places, const char* profile, Transport transport)
      : places_(std::move(places)), profile_(profile), transport_(transport) {}

  Settings settings() const override;
  bool settles() const override { return true; }
  void Begin(Host& host, const Mailboxes& mailboxes) override;
  Scene::Gate gate() override;
  void Load() override;
  void End() override;
  void Report(Records& records) override;

 protected:
  Host& host() const { return *host_; }
  void Reload();

 private:
  using Clock = std::chrono::steady_clock;

  bool IsAllCurrent() const;
  void AwaitRescan(const std::stop_token& stop, Clock::time_point since);

  const Places places_;
  const char* const profile_;
  const Transport transport_;
  Host* host_ = nullptr;
  uint64_t released_ = 0;      // bodies, in a profile without them
  uint64_t second_scans_ = 0;  // beside one that is under way, where that can't be hurried
  std::optional<double> loaded_after_s_;
  std::optional<double> rescanned_after_s_;  // by watch_, until it is joined
  std::jthread watch_;
};

}  // namespace store_sim::ways
