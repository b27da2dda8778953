// SPDX-License-Identifier: Apache-2.0
//
// What a simulation came to, as text for a person and as JSON.
//
// Thread safety: pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>

#include "simulate_run.h"

namespace store_sim {

// `engine`: its latencies, as LatenciesJson has them.
nlohmann::json SimulationJson(const Outturn& outturn, const nlohmann::json& engine);
void PrintSimulation(const Outturn& outturn, const nlohmann::json& engine, std::ostream& out);

// kExposed before kLost before kTrouble.
int ExitStatusOf(const Outturn& outturn);

}  // namespace store_sim
