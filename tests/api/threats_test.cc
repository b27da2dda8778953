// SPDX-License-Identifier: Apache-2.0
//
// What engine/threats.md names as proof is there: a test, or tests of that name, by its column
// "seen in"; and so is each event that it names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "api/source_tree.h"

namespace vsapi::test {
namespace {

using ::testing::Contains;
using ::testing::SizeIs;

std::set<std::string> Matches(const std::string& text, const std::regex& pattern,
                              const std::string& joined) {
  std::set<std::string> found;
  for (std::sregex_iterator i(text.begin(), text.end(), pattern), end; i != end; ++i)
    found.insert(i->format(joined));
  return found;
}

// "Suite." and "Suite.Name" of each test in C++, "Fuzz.Replays_name", and those that CMake adds.
std::set<std::string> AllTests() {
  static const std::regex kTest(R"(\bTEST(?:_F|_P)?\((\w+),\s*(\w+)\))");
  static const std::regex kFuzz(R"(\bvsapi_add_fuzz\((\w+) LINK)"), kAdded(R"(NAME (\w+\.\w+))");
  std::set<std::string> tests = {};
  for (const auto& source : SourcesUnder("tests"))
    for (const char* name : {"$1.", "$1.$2"}) tests.merge(Matches(ReadText(source), kTest, name));
  tests.merge(
      Matches(ReadText(SourceRoot() / "tests/fuzz/CMakeLists.txt"), kFuzz, "Fuzz.Replays_$1"));
  tests.merge(Matches(ReadText(SourceRoot() / "tests/stress/CMakeLists.txt"), kAdded, "$1"));
  return tests;
}

TEST(Threats, AreStoppedByWhatTestsSee) {
  static const std::regex kNamed(R"(`([A-Z]\w+\.\w*)`)");
  const auto named = Matches(ReadText(SourceRoot() / "engine/threats.md"), kNamed, "$1");
  const auto tests = AllTests();
  EXPECT_THAT(named, ::testing::Not(SizeIs(0)));
  for (const std::string& name : named) EXPECT_THAT(tests, Contains(name));
}

TEST(Threats, AreToldOfByEventsThatThereAre) {
  static const std::regex kNamed(R"(\bevent (\d+))"), kRow(R"(\n\| (\d+) \|)");
  const auto named = Matches(ReadText(SourceRoot() / "engine/threats.md"), kNamed, "$1");
  const auto events = Matches(ReadText(SourceRoot() / "engine/events.md"), kRow, "$1");
  EXPECT_THAT(named, ::testing::Not(SizeIs(0)));
  for (const std::string& id : named) EXPECT_THAT(events, Contains(id));
}

}  // namespace
}  // namespace vsapi::test
