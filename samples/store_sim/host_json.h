// SPDX-License-Identifier: Apache-2.0
//
// The engine's status and its events as JSON: what the running host answers, and what `--json`
// prints.
//
// Thread safety: pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "event_ring.h"
#include "vsapi/host/engine.h"

namespace store_sim {

nlohmann::json StatusJson(const vsapi::Status& status, int64_t now_ns);

// Of the control calls that were made at least once.
nlohmann::json VendorTimesJson(const std::vector<vsapi::VendorTimes>& all);

// The last times that the vendor brought down, or kept, who ran it.
nlohmann::json FaultsJson(const std::vector<vsapi::Fault>& faults);

nlohmann::json EventJson(const RecordedEvent& event);
nlohmann::json EventsJson(const EventRing::Found& found);

}  // namespace store_sim
