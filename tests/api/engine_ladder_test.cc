// SPDX-License-Identifier: Apache-2.0
//
// Inside engine/ includes point only down the ladder. The levels are read from the table of
// engine/README.md, whose first column begins with the level's number and whose second names the
// files in backticks, without extension:
//
//   | level | files |
//   |---|---|
//   | 0 the machine | `platform` `mutex` `clock` |
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "api/source_tree.h"

namespace vsapi::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using Levels = std::map<std::string, int>;  // by file name without extension

std::vector<std::string> InBackticks(const std::string& text) {
  static const std::regex kName(R"(`(\w+)(?:\.\w+)?`)");
  std::vector<std::string> names;
  for (std::sregex_iterator i(text.begin(), text.end(), kName), end; i != end; ++i) {
    names.push_back((*i)[1]);
  }
  return names;
}

// Reads the ladder's table, which is the one under the head `| level | files |`.
Levels ReadLadder(const std::string& readme) {
  static const std::regex kHead(R"(\|\s*level\s*\|\s*files\s*\|.*)");
  static const std::regex kRow(R"(\|\s*(\d+)[^|]*\|([^|]*)\|.*)");
  Levels levels;
  bool in_table = false;
  std::istringstream lines(readme);
  for (std::string line; std::getline(lines, line);) {
    std::smatch row;
    if (line.empty() || line[0] != '|') in_table = false;
    if (std::regex_match(line, kHead)) in_table = true;
    if (!in_table || !std::regex_match(line, row, kRow)) continue;
    for (const std::string& name : InBackticks(row[2])) levels[name] = std::stoi(row[1]);
  }
  return levels;
}

// The name that the ladder knows a file by: platform_windows.cc stands with platform.
std::string LadderName(const fs::path& file) {
  return std::regex_replace(file.stem().string(), std::regex("_(linux|posix|windows)$"), "");
}

// The includes in `text`, the content of `file`, that stand higher than the file itself.
std::vector<std::string> IncludesThatPointUp(const Levels& levels, const fs::path& file,
                                             const std::string& text) {
  std::vector<std::string> up;
  for (const std::string& include : IncludesOf(text)) {
    const fs::path included(include);
    if (include.starts_with("vsapi/")) continue;  // the api, below the whole ladder
    const auto target = levels.find(LadderName(included));
    if (target == levels.end() || !included.has_extension()) continue;
    if (target->second > levels.at(LadderName(file))) up.push_back(include);
  }
  return up;
}

Levels EngineLadder() { return ReadLadder(ReadText(SourceRoot() / "engine/README.md")); }

TEST(EngineLadder, HasAPlaceForEachFileOfTheEngine) {
  const Levels levels = EngineLadder();
  for (const fs::path& file : SourcesUnder("engine")) {
    EXPECT_TRUE(levels.contains(LadderName(file))) << file << " is not in engine/README.md";
  }
}

TEST(EngineLadder, NamesNoFileThatIsGone) {
  std::map<std::string, bool> there;
  for (const fs::path& file : SourcesUnder("engine")) there[LadderName(file)] = true;
  for (const auto& [name, level] : EngineLadder()) {
    EXPECT_TRUE(there[name]) << "engine/README.md puts " << name << " on level " << level;
  }
}

TEST(EngineLadder, IsClimbedByNoInclude) {
  const Levels levels = EngineLadder();
  for (const fs::path& file : SourcesUnder("engine")) {
    if (!levels.contains(LadderName(file))) continue;
    EXPECT_THAT(IncludesThatPointUp(levels, file, ReadText(file)), IsEmpty()) << file;
  }
}

TEST(EngineLadder, IsReadFromItsTableAlone) {
  EXPECT_THAT(
      ReadLadder("# `engine`\n| level | files |\n|---|---|\n"
                 "| 0 the machine | `platform` `mutex` |\n| 3 the policies | `scanner.cc` |\n"
                 "\n| 9 another | `table` |\n"),
      UnorderedElementsAre(Pair("platform", 0), Pair("mutex", 0), Pair("scanner", 3)));
}

TEST(EngineLadder, SeesAnIncludeThatPointsUp) {
  const Levels levels = {{"platform", 0}, {"scan_queue", 2}, {"in_flight", 2}, {"scanner", 3}};
  EXPECT_THAT(IncludesThatPointUp(levels, "engine/scan_queue.cc",
                                  "#include \"scan_queue.h\"\n#include \"engine/platform.h\"\n"
                                  "#include \"in_flight.h\"\n#include <map>\n"
                                  "#include \"engine/scanner.h\"\n"),
              ElementsAre("engine/scanner.h"));
  EXPECT_THAT(IncludesThatPointUp(levels, "engine/platform_linux.cc", "#include \"in_flight.h\""),
              ElementsAre("in_flight.h"));
}

}  // namespace
}  // namespace vsapi::test
