// SPDX-License-Identifier: Apache-2.0
//
// What the running host answers, for a person: its status, counters and events as text.
//
// Thread safety: pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>

namespace store_sim {

void PrintStatus(const nlohmann::json& status, std::ostream& out);
void PrintMdbs(const nlohmann::json& mdbs, std::ostream& out);
// How the vendor brought down, or kept, who ran it: the last times.
void PrintFaults(const nlohmann::json& faults, std::ostream& out);

// What the vendor took for the calls of the engine's control thread.
void PrintVendorCalls(const nlohmann::json& calls, std::ostream& out);
void PrintCounters(const nlohmann::json& counters, std::ostream& out);

// "2026-11-22T08:30:57.110Z warning 1020 virus found: ..." and its fields.
std::string EventLine(const nlohmann::json& event);

// "MinimalVendor, version 1, generation 7"; "none" without one.
std::string VendorText(const nlohmann::json& vendor);
// "8734 signatures, 3 days old", as far as the vendor says.
std::string DefinitionsText(const nlohmann::json& vendor);
// "97.3 %", rounded down: 100 % is all of them.
std::string Percentage(uint64_t part, uint64_t whole);

}  // namespace store_sim
