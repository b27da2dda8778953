// SPDX-License-Identifier: Apache-2.0
//
// store_sim report: what was found, whose mail it is, who had opened it.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "report.h"
#include "store.h"

namespace store_sim {
namespace {

struct ReportOptions {
  std::string folder;
  bool as_json = false;
};

void RunReport(const ReportOptions& options) {
  const Store store(options.folder, Access::kRead);
  std::vector<AffectedMessage> messages;
  for (const auto& mdb : store.mdbs()) {
    for (AffectedMessage& affected : AffectedMessages(*mdb))
      messages.push_back(std::move(affected));
  }
  if (options.as_json) {
    std::cout << ReportJson(messages).dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
              << '\n';
  } else {
    PrintReport(messages, std::cout);
  }
}

}  // namespace

void AddReportCommand(CLI::App& app, int&) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand(
      "report", "Tell what was found, whose mail it is, how it came in, and who had opened it");
  command->add_option("DIR", options->folder, "Folder of the store")->required();
  command->add_flag("--json", options->as_json, "Print JSON");
  command->footer(
      "Reads beside a running host. Who opened what is kept for a year; who asked by `open` is "
      "known "
      "by its --user and --client.");
  command->callback([options] { RunReport(*options); });
}

}  // namespace store_sim
