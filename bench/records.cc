// SPDX-License-Identifier: Apache-2.0
#include "records.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace vsapi::bench {

void AddSectionOptions(CLI::App& app, SectionOptions& options) {
  app.add_option("--records", options.records, "Append the records to this file")->required();
  app.add_option("--round", options.round, "The round that they are of")
      ->check(CLI::PositiveNumber);
  app.add_flag("--short", options.is_short, "Only see that it works");
}

SectionOptions ParseSectionOptions(int argc, char** argv, const std::string& about) {
  SectionOptions options;
  CLI::App app(about);
  AddSectionOptions(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& end) {
    std::exit(app.exit(end));
  }
  return options;
}

Records::Records(const SectionOptions& options, std::string section)
    : section_(std::move(section)), round_(options.round), file_(options.records, std::ios::app) {
  if (!file_) throw std::runtime_error("can't write " + options.records);
}

void Records::Add(const Subject& of, const std::string& metric, const std::string& unit,
                  double value, Better better) {
  Write(of, metric, unit, "value", value, better);
}

void Records::AddCurve(const Subject& of, const std::string& metric, const std::string& unit,
                       const Points& points) {
  Write(of, metric, unit, "points", points, Better::kLess);
}

template <class Value>
void Records::Write(const Subject& of, const std::string& metric, const std::string& unit,
                    const char* key, const Value& value, Better better) {
  file_ << nlohmann::ordered_json{{"section", section_},
                                  {"case", of.test_case},
                                  {"way", of.way},
                                  {"metric", metric},
                                  {"unit", unit},
                                  {key, value},
                                  {"round", round_},
                                  {"better", better == Better::kMore ? "more" : "less"}}
               .dump()
        << std::endl;
}

}  // namespace vsapi::bench
