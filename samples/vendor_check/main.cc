// SPDX-License-Identifier: Apache-2.0
//
// vendor_check: tries a vendor DLL by the rules of the vendor contract.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>

#include "report.h"
#include "runner.h"

namespace vendor_check {
namespace {

enum ExitStatus { kPassed = 0, kFailed = 1, kUsage = 2, kCannotLoad = 3 };

struct Options {
  Subject subject;
  std::vector<std::string> sample_files;
  std::vector<std::string> only;
  unsigned timeout_s = 60;
  bool no_eicar = false;
  bool json = false;
  bool list = false;
};

void Declare(CLI::App& app, Options& options) {
  app.add_option("DLL", options.subject.library, "The vendor DLL")->check(CLI::ExistingFile);
  app.add_option("--parameters", options.subject.parameters, "The setting Parameters, verbatim");
  app.add_option("--sample", options.sample_files,
                 "A file that is scanned too, in memory and by reads; may be repeated")
      ->check(CLI::ExistingFile)
      ->allow_extra_args(false);
  app.add_flag("--no-eicar", options.no_eicar, "The vendor does not know EICAR");
  app.add_option("--only", options.only, "Run this check or group alone; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--timeout", options.timeout_s, "Seconds for each check; a scan gets a quarter")
      ->capture_default_str()
      ->check(CLI::Range(1u, 86'400u));
  app.add_flag("--json", options.json, "Print a report for machines");
  app.add_flag("--list", options.list, "List all checks and where their rules stand");
  app.footer(
      "Exit status: 0 all passed, 1 some failed (or the report could not be written), 2 wrong "
      "command line, 3 the DLL can't be loaded.");
}

std::string ReadSample(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// A path without a slash would be looked for among the system's libraries.
std::string AsPath(const std::string& library) {
  return library.find('/') == std::string::npos ? "./" + library : library;
}

Subject SubjectOf(const Options& options) {
  Subject subject = options.subject;
  subject.library = AsPath(subject.library);
  subject.limit = std::chrono::seconds(options.timeout_s);
  subject.expect_eicar = !options.no_eicar;
  for (const std::string& file : options.sample_files)
    subject.samples.push_back({file, ReadSample(file)});
  return subject;
}

bool IsMeant(const Check& check, const std::vector<std::string>& only) {
  return only.empty() || std::ranges::any_of(only, [&](const std::string& name) {
           return name == check.id || name == check.group();
         });
}

std::vector<const Check*> Chosen(const std::vector<std::string>& only) {
  std::vector<const Check*> chosen;
  for (const Check& check : AllChecks())
    if (IsMeant(check, only)) chosen.push_back(&check);
  for (const std::string& name : only) {
    const bool known =
        std::ranges::any_of(chosen, [&](const Check* check) { return IsMeant(*check, {name}); });
    if (!known) throw CLI::ValidationError("--only", "there is no check or group " + name);
  }
  return chosen;
}

int StatusOf(const std::vector<Ran>& all) {
  int status = kPassed;
  for (const Ran& ran : all) {
    if (ran.outcome.mark != Mark::kFail) continue;
    if (std::string_view(ran.check->id) == "entry.load") return kCannotLoad;
    status = kFailed;
  }
  return status;
}

int CheckVendor(const Options& options) {
  const Subject subject = SubjectOf(options);
  const auto tell = [&](const Ran& ran) {
    if (!options.json) PrintForPeople(std::cout, ran);
  };
  const std::vector<Ran> all = RunAll(Chosen(options.only), subject, tell);
  if (options.json) {
    PrintJson(std::cout, subject, all);
  } else {
    PrintSummary(std::cout, all);
  }
  return StatusOf(all);
}

int Do(const Options& options) {
  if (options.list) {
    PrintList(std::cout);
    return kPassed;
  }
  if (options.subject.library.empty()) throw CLI::RequiredError("DLL");
  return CheckVendor(options);
}

int Main(int argc, char** argv) {
  CLI::App app("Tries a vendor DLL by the rules of the OpenVSAPI vendor contract", "vendor_check");
  Options options;
  app.set_version_flag("--version", "vendor_check " VSAPI_VERSION);
  Declare(app, options);
  try {
    app.parse(argc, argv);
    const int status = Do(options);
    std::cout.flush();
    if (std::cout) return status;
    std::cerr << "vendor_check: the report could not be written; check the disk\n";
    return kFailed;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kPassed : kUsage;
  } catch (const std::exception& error) {
    std::cerr << "vendor_check: " << error.what() << '\n';
    return kUsage;
  }
}

}  // namespace
}  // namespace vendor_check

int main(int argc, char** argv) { return vendor_check::Main(argc, argv); }
