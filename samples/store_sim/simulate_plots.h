// SPDX-License-Identifier: Apache-2.0
//
// A simulation second by second: a table for programs, and plots of it by gnuplot.
//
// Thread safety: one thread to a folder.
#pragma once

#include <filesystem>

#include "simulate_results.h"

namespace store_sim {

// Writes `seconds.csv` and `plots.gnuplot`, and has gnuplot make latency and queue as .png and .svg
// of them. False: there is no gnuplot, or it failed, as stderr says.
bool PlotSimulation(const Results& results, const std::filesystem::path& folder);

}  // namespace store_sim
