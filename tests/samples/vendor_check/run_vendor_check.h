// SPDX-License-Identifier: Apache-2.0
//
// Runs the program vendor_check and reads what it reports.
#pragma once

#include <stdio.h>
#include <sys/wait.h>

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>

namespace vsapi::test {

struct Printed {
  std::string text;
  int exit_status;
};

inline Printed VendorCheck(const std::string& arguments) {
  FILE* pipe = popen((VSAPI_VENDOR_CHECK " " + arguments).c_str(), "re");
  if (pipe == nullptr) throw std::runtime_error("vendor_check can't be run");
  std::string text;
  for (int c; (c = fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  const int status = pclose(pipe);
  return {text, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

// The report for machines.
class Report {
 public:
  Report(const std::string& library, const std::string& options) {
    const Printed printed = VendorCheck("--json " + options + " '" + library + "'");
    exit_status_ = printed.exit_status;
    json_ = nlohmann::json::parse(printed.text);
  }

  int exit_status() const { return exit_status_; }
  const nlohmann::json& json() const { return json_; }

  std::set<std::string> With(const std::string& result) const {
    std::set<std::string> ids;
    for (const auto& check : json_.at("checks"))
      if (check.at("result") == result) ids.insert(check.at("id").get<std::string>());
    return ids;
  }
  // What was seen by all checks with this result, for the message of a failed expectation too.
  std::string Seen(const std::string& result) const {
    std::string all;
    for (const auto& check : json_.at("checks"))
      if (check.at("result") == result)
        all += check.at("id").get<std::string>() + ": " + check.at("seen").dump() + " " +
               check.at("output").dump() + "\n";
    return all;
  }

 private:
  int exit_status_;
  nlohmann::json json_;
};

}  // namespace vsapi::test
