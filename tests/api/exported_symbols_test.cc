// SPDX-License-Identifier: Apache-2.0
//
// A vendor DLL exports the entry of the contract and nothing else, and does not link the engine:
// what is asked here of each DLL in lib/vsapi, and of a test vendor, by nm and objdump. libvsapi
// exports the host contract and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace vsapi::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::StrEq;

struct ClosePipe {
  void operator()(FILE* pipe) const { pclose(pipe); }
};

std::string OutputOf(const std::string& command) {
  const std::unique_ptr<FILE, ClosePipe> pipe(popen(command.c_str(), "r"));
  std::string output;
  for (int c; pipe && (c = fgetc(pipe.get())) != EOF;) output += static_cast<char>(c);
  return output;
}

// The last word of each line.
std::vector<std::string> LastWords(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    words.push_back(line.substr(line.find_last_of(' ') + 1));
  }
  return words;
}

std::vector<std::string> ExportsOf(const fs::path& library) {
  return LastWords(OutputOf(VSAPI_NM " --dynamic --defined-only '" + library.string() + "'"));
}

std::vector<std::string> LibrariesNeededBy(const fs::path& library) {
  return LastWords(
      OutputOf(VSAPI_OBJDUMP " --private-headers '" + library.string() + "' | grep ' NEEDED '"));
}

std::vector<fs::path> VendorLibraries() {
  std::vector<fs::path> libraries = {VSAPI_TEST_VENDORS_DIR "/good.so"};
  for (const auto& entry : fs::directory_iterator(VSAPI_VENDOR_LIBRARY_DIR)) {
    if (entry.path().extension() == ".so") libraries.push_back(entry.path());
  }
  return libraries;
}

TEST(VendorLibraries, ExportTheEntryAndNothingElse) {
  ASSERT_GE(VendorLibraries().size(), 2u);
  for (const fs::path& library : VendorLibraries()) {
    EXPECT_THAT(ExportsOf(library), ElementsAre("vsapi_vendor_entry")) << library;
  }
}

TEST(VendorLibraries, DoNotLinkTheEngine) {
  for (const fs::path& library : VendorLibraries()) {
    const auto needed = LibrariesNeededBy(library);
    EXPECT_THAT(needed, Not(IsEmpty())) << library;
    EXPECT_THAT(needed, Each(Not(HasSubstr("libvsapi")))) << library;
  }
}

TEST(Libvsapi, ExportsTheHostContractAndNothingElse) {
  const auto exports = ExportsOf(VSAPI_LIBRARY);
  EXPECT_THAT(exports, Contains(StartsWith("vsapi_open")));
  EXPECT_THAT(exports, Each(AnyOf(StartsWith("vsapi_"), StrEq("VSAPI_0.9"))));
}

// What the first rule sees in a library that does not keep it.
TEST(VendorLibraries, AreReadSymbolBySymbol) {
  EXPECT_THAT(ExportsOf(VSAPI_TWO_EXPORTS), IsSupersetOf({"vsapi_one", "vsapi_two"}));
}

}  // namespace
}  // namespace vsapi::test
