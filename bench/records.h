// SPDX-License-Identifier: Apache-2.0
//
// What a section of bench/compare.sh has measured: records, one JSON object a line, appended to a
// file that compare_report.py reads.
//
//   {"section":"daemons","case":"16KiB","way":"clamd_fildes","metric":"items_per_second",
//    "unit":"1/s","value":812.3,"round":1,"better":"more"}
//
// A curve has `points`, [[x, y], ...], in the place of `value`; its metric ends in _cdf (x: unit,
// y: percent), in _over_time (x: seconds, y: unit) or in _by_THINGS (x: how many; y: unit). A way
// whose name begins with `engine`, `our_` or `vsapi_` is ours; `limit_...`, and `none`, are no ways
// but limits; all others are peers.
//
// Thread safety: one thread's.
#pragma once

#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace vsapi::bench {

// The command line of each section's program.
struct SectionOptions {
  std::string records;
  int round = 1;
  bool is_short = false;  // as briefly as shows that it works
};

void AddSectionOptions(CLI::App& app, SectionOptions& options);
// Ends the program after --help and after a mistake, having said which.
SectionOptions ParseSectionOptions(int argc, char** argv, const std::string& about);

enum class Better { kMore, kLess };

// Which case of which way the next figures are of.
struct Subject {
  std::string test_case;
  std::string way;
};

class Records {
 public:
  using Points = std::vector<std::pair<double, double>>;

  // Throws std::runtime_error where the file can't be written.
  Records(const SectionOptions& options, std::string section);

  void Add(const Subject& of, const std::string& metric, const std::string& unit, double value,
           Better better);
  void AddCurve(const Subject& of, const std::string& metric, const std::string& unit,
                const Points& points);

 private:
  template <class Value>
  void Write(const Subject& of, const std::string& metric, const std::string& unit, const char* key,
             const Value& value, Better better);

  const std::string section_;
  const int round_;
  std::ofstream file_;
};

}  // namespace vsapi::bench
