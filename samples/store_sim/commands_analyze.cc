// SPDX-License-Identifier: Apache-2.0
//
// store_sim analyze: looks for what is wrong or risky in a store's set-up.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "analyzer_facts.h"
#include "commands.h"
#include "display.h"
#include "store.h"

namespace store_sim {
namespace {

using nlohmann::json;

struct AnalyzeOptions {
  std::string folder;
  bool as_json = false;
};

const char* NameOf(Severity severity) { return severity == Severity::kError ? "error" : "warning"; }

void Print(const Finding& finding) {
  const Rule& rule = *finding.rule;
  std::cout << NameOf(rule.severity) << "  " << rule.id << ": " << rule.text << "\n    "
            << ForDisplay(finding.details) << "\n    " << rule.advice << '\n';
}

json ToJson(const Finding& finding) {
  const Rule& rule = *finding.rule;
  return {{"id", rule.id},         {"severity", NameOf(rule.severity)}, {"text", rule.text},
          {"advice", rule.advice}, {"details", finding.details},        {"source", rule.source}};
}

void PrintJson(const std::vector<Finding>& findings) {
  json list = json::array();
  for (const Finding& finding : findings) list.push_back(ToJson(finding));
  std::cout << list.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
}

int RunAnalyze(const AnalyzeOptions& options) {
  const Store store(options.folder, Access::kRead);
  const std::vector<Finding> findings = Analyze(CollectFacts(options.folder));
  if (options.as_json) {
    PrintJson(findings);
  } else {
    for (const Finding& finding : findings) Print(finding);
    if (findings.empty()) std::cout << "nothing is wrong\n";
  }
  const Severity worst = Worst(findings);
  if (worst == Severity::kError) return kFoundErrors;
  return worst == Severity::kWarning ? kFoundWarnings : kDone;
}

}  // namespace

void AddAnalyzeCommand(CLI::App& app, int& exit_status) {
  const auto options = std::make_shared<AnalyzeOptions>();
  CLI::App* command =
      app.add_subcommand("analyze", "Look for what is wrong or risky in a store's set-up");
  command->add_option("DIR", options->folder, "Folder of the store")->required();
  command->add_flag("--json", options->as_json, "Print JSON");
  command->footer(
      "Exit status: 0 nothing is wrong, 20 warnings, 21 errors, 1 it failed. Queue and definitions "
      "are looked at in a running host only.");
  command->callback([options, &exit_status] { exit_status = RunAnalyze(*options); });
}

}  // namespace store_sim
