// SPDX-License-Identifier: Apache-2.0
//
// What a running host answers: the store, its engine and its last events, asked by JSON. How the
// questions come is not its business.
//
// Thread safety: any thread; the host outlives what it answers.
#pragma once

#include <atomic>
#include <nlohmann/json_fwd.hpp>

#include "coverage_history.h"
#include "event_ring.h"
#include "queue_history.h"
#include "scanning.h"
#include "transport_worker.h"

namespace store_sim {

class JsonLines;

class Host {
 public:
  // Keeps the store open. `shown` gets the engine's events as lines too.
  Host(const std::filesystem::path& folder, ScanOptions options, EventLines& shown);

  const Store& store() const { return store_; }
  Scanning& scanning() { return scanning_; }
  vsapi::Engine& engine() { return scanning_.engine(); }
  TransportWorker& transport() { return transport_; }

  // The result of the request. Throws Error if there is none. What a long command has to say goes
  // to `client`.
  nlohmann::json Answer(const nlohmann::json& request, JsonLines& client);

  // Makes the answers that are still being worked at end soon; the engine writes what is decided.
  void Stop();

 private:
  nlohmann::json Open(const nlohmann::json& request, JsonLines& client);
  nlohmann::json Import(const nlohmann::json& request, JsonLines& client);
  nlohmann::json Move(const nlohmann::json& request, JsonLines& client);
  nlohmann::json Quarantine(const nlohmann::json& request, JsonLines& client);
  nlohmann::json Replace(const nlohmann::json& request, JsonLines& client);
  nlohmann::json Reply(const nlohmann::json& request, JsonLines& client);
  nlohmann::json Status(const nlohmann::json& request, JsonLines& client);
  nlohmann::json Counters(const nlohmann::json& request, JsonLines& client);
  nlohmann::json Events(const nlohmann::json& request, JsonLines& client);
  nlohmann::json Reload(const nlohmann::json& request, JsonLines& client);
  nlohmann::json Trace(const nlohmann::json& request, JsonLines& client);
  nlohmann::json Submit(const nlohmann::json& request, JsonLines& client);
  nlohmann::json Queue(const nlohmann::json& request, JsonLines& client);
  void Look();
  void LookAtQueue();
  void LookAtCoverage();
  nlohmann::json MdbJson(const std::string& mdb, const vsapi::Status& status);
  nlohmann::json MdbOrProblem(const std::string& mdb, const vsapi::Status& status);

  static ScanOptions Listening(ScanOptions options, EventRing& events);

  const int64_t started_ns_;
  const Store store_;
  EventRing events_;
  std::atomic<bool> stopped_ = false;  // set by Stop, read by commands between two messages
  Scanning scanning_;
  TransportQueue transport_queue_;
  TransportWorker transport_;
  QueueHistory queue_;
  CoverageHistory coverage_;
  uint64_t looks_ = 0;  // of the thread that looks
  const EachSecond looks_each_second_{[this] { Look(); }};
};

}  // namespace store_sim
