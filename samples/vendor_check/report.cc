// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

namespace vendor_check {
namespace {

constexpr int kIdWidth = 24;

const char* NameOf(Mark mark) {
  switch (mark) {
    case Mark::kOk:
      return "ok";
    case Mark::kFail:
      return "FAIL";
    case Mark::kWarn:
      return "warn";
    case Mark::kSkip:
      return "skip";
  }
  return "";
}

void PrintField(std::ostream& out, const char* field, const std::string& text) {
  out << "        " << std::left << std::setw(7) << field << text << '\n';
}

void PrintOutput(std::ostream& out, const std::string& output) {
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) PrintField(out, "wrote", line);
}

void PrintWhatIsWrong(std::ostream& out, const Ran& ran) {
  for (const std::string& seen : ran.outcome.seen) PrintField(out, "seen", seen);
  PrintField(out, "rule", ran.check->rule);
  PrintField(out, "place", ran.check->place);
  PrintOutput(out, ran.outcome.output);
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
  return all;
}

long Count(const std::vector<Ran>& all, Mark mark) {
  return std::ranges::count(all, mark, [](const Ran& ran) { return ran.outcome.mark; });
}

nlohmann::json ToJson(const Ran& ran) {
  return {{"id", ran.check->id},
          {"group", ran.check->group()},
          {"result", ran.outcome.mark == Mark::kFail ? "fail" : NameOf(ran.outcome.mark)},
          {"rule", ran.check->rule},
          {"place", ran.check->place},
          {"seen", ran.outcome.seen},
          {"notes", ran.outcome.notes},
          {"output", ran.outcome.output},
          {"milliseconds", ran.outcome.took.count()}};
}

}  // namespace

void PrintForPeople(std::ostream& out, const Ran& ran) {
  const Outcome& outcome = ran.outcome;
  out << std::left << std::setw(6) << NameOf(outcome.mark) << std::setw(kIdWidth) << ran.check->id;
  if (outcome.mark == Mark::kSkip) {
    out << "skipped: " << Joined(outcome.seen) << std::endl;
    return;
  }
  out << ran.check->rule;
  if (!outcome.notes.empty()) out << " (" << Joined(outcome.notes) << ')';
  out << std::endl;
  if (outcome.mark != Mark::kOk) PrintWhatIsWrong(out, ran);
}

void PrintSummary(std::ostream& out, const std::vector<Ran>& all) {
  out << '\n'
      << all.size() << " checks: " << Count(all, Mark::kOk) << " passed, "
      << Count(all, Mark::kFail) << " failed, " << Count(all, Mark::kWarn) << " warned, "
      << Count(all, Mark::kSkip) << " skipped\n";
}

void PrintJson(std::ostream& out, const Subject& subject, const std::vector<Ran>& all) {
  nlohmann::json checks = nlohmann::json::array();
  for (const Ran& ran : all) checks.push_back(ToJson(ran));
  const nlohmann::json report = {{"library", subject.library},
                                 {"parameters", subject.parameters},
                                 {"passed", Count(all, Mark::kOk)},
                                 {"failed", Count(all, Mark::kFail)},
                                 {"warned", Count(all, Mark::kWarn)},
                                 {"skipped", Count(all, Mark::kSkip)},
                                 {"checks", checks}};
  out << report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

void PrintList(std::ostream& out) {
  for (const Check& check : AllChecks()) {
    out << std::left << std::setw(kIdWidth) << check.id << check.rule << '\n'
        << std::setw(kIdWidth) << "" << check.place << '\n';
  }
}

}  // namespace vendor_check
