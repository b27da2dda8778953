// SPDX-License-Identifier: Apache-2.0
#include "records.h"

#include <nlohmann/json.hpp>

#include "error.h"

namespace store_sim::ways {

Records::Records(const std::string& file, std::string way, unsigned round)
    : file_(file, std::ios::app), way_(std::move(way)), round_(round) {
  if (!file_) throw Error(file + ": can't be written; give another file by --records");
}

void Records::Add(const char* metric, double value, const char* unit, Better better) {
  const nlohmann::ordered_json record{
      {"section", "ways"}, {"case", case_},
      {"way", way_},       {"metric", metric},
      {"unit", unit},      {"value", value},
      {"round", round_},   {"better", better == Better::kLess ? "less" : "more"}};
  file_ << record.dump() << '\n' << std::flush;
}

}  // namespace store_sim::ways
