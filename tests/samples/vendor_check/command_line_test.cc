// SPDX-License-Identifier: Apache-2.0
//
// What vendor_check prints and returns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "run_vendor_check.h"

namespace vsapi::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kWrongMajor[] = VSAPI_TEST_VENDORS_DIR "/wrong_major.so";

TEST(VendorCheckCommandLine, ReturnsZeroAndSaysOkWhenAllIsWell) {
  const Printed printed = VendorCheck("--only entry " VSAPI_MINIMAL_VENDOR);
  EXPECT_EQ(printed.exit_status, 0);
  EXPECT_THAT(printed.text, AllOf(HasSubstr("ok    entry.load"), HasSubstr("6 passed, 0 failed")));
}

TEST(VendorCheckCommandLine, ReturnsOneAndNamesRulePlaceAndWhatWasSeen) {
  const Printed printed = VendorCheck(std::string("--no-eicar ") + kWrongMajor);
  EXPECT_EQ(printed.exit_status, 1);
  EXPECT_THAT(printed.text,
              AllOf(HasSubstr("FAIL  entry.version"), HasSubstr("seen   it was built for"),
                    HasSubstr("rule   It was built for this version"),
                    HasSubstr("place  abi/entry.h: vsapi_entry.abi_major")));
  EXPECT_THAT(printed.text, HasSubstr("skip  life.create             skipped: needs entry.sizes"));
}

TEST(VendorCheckCommandLine, ReturnsTwoForAWrongCommandLine) {
  for (const char* arguments : {"", "/nowhere.so", "--only no.such.check " VSAPI_MINIMAL_VENDOR,
                                "--timeout 0 " VSAPI_MINIMAL_VENDOR, "--no-such-option"}) {
    EXPECT_EQ(VendorCheck(std::string(arguments) + " 2>&1").exit_status, 2) << arguments;
  }
}

TEST(VendorCheckCommandLine, FailsIfItsReportIsNotWritten) {
  for (const char* report : {"", "--json ", "--list "}) {
    const std::string arguments = std::string(report) + "--only entry " VSAPI_MINIMAL_VENDOR;
    EXPECT_EQ(VendorCheck(arguments + " 2>&1 >/dev/full").exit_status, 1) << report;
  }
}

TEST(VendorCheckCommandLine, TellsItsVersion) {
  EXPECT_EQ(VendorCheck("--version").text.find("vendor_check 0."), 0u);
}

TEST(VendorCheckCommandLine, ReturnsThreeForWhatIsNoLibrary) {
  const Report report(VSAPI_VENDOR_CHECK_README, "");
  EXPECT_EQ(report.exit_status(), 3);
  EXPECT_EQ(report.With("fail"), std::set<std::string>{"entry.load"});
  EXPECT_EQ(report.With("ok").size(), 0u);
}

TEST(VendorCheckCommandLine, SeesEverySymbolThatIsExportedTooMany) {
  const Report report(VSAPI_TWO_EXPORTS, "--only entry.exports");
  EXPECT_THAT(report.Seen("fail"), AllOf(HasSubstr("vsapi_one"), HasSubstr("vsapi_two")));
}

TEST(VendorCheckCommandLine, RunsTheChosenChecksAlone) {
  const Report report(VSAPI_MINIMAL_VENDOR, "--only scan.eicar --only extensions");
  EXPECT_EQ(report.json().at("checks").size(), 7u);
  EXPECT_TRUE(report.With("ok").contains("scan.eicar"));
}

class SampleFile {
 public:
  explicit SampleFile(const std::string& bytes)
      : path_(::testing::TempDir() + "vendor_check_sample_" + std::to_string(getpid())) {
    std::ofstream(path_) << bytes;
  }
  SampleFile(const SampleFile&) = delete;
  SampleFile& operator=(const SampleFile&) = delete;
  ~SampleFile() { unlink(path_.c_str()); }
  std::string option() const { return " --only scan.judged --sample '" + path_ + "' "; }

 private:
  const std::string path_;
};

TEST(VendorCheckCommandLine, EndsACheckThatTakesTooLong) {
  const SampleFile sample("DEAF");
  const Report report(VSAPI_TEST_VENDORS_DIR "/deaf.so",
                      "--no-eicar --timeout 1" + sample.option());
  EXPECT_EQ(report.exit_status(), 1);
  EXPECT_THAT(report.Seen("fail"), HasSubstr("had not ended after 1 s, at: scan of "));
}

TEST(VendorCheckCommandLine, ShowsWhatAVendorWroteBeforeItDied) {
  const SampleFile sample("CRASH");
  const Printed printed =
      VendorCheck("--no-eicar" + sample.option() + VSAPI_TEST_VENDORS_DIR "/crash.so");
  EXPECT_THAT(printed.text,
              AllOf(HasSubstr("died by signal 6"), HasSubstr("wrote  this vendor crashes now")));
}

TEST(VendorCheckCommandLine, ExplainsItself) {
  const Printed printed = VendorCheck("--help");
  EXPECT_EQ(printed.exit_status, 0);
  EXPECT_THAT(printed.text, AllOf(HasSubstr("--parameters"), HasSubstr("Exit status:")));
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// A line of --list that begins with an id: the place is on the next one, indented.
TEST(VendorCheckCommandLine, ListsTheChecksThatTheReadmeHasInItsTable) {
  const std::string readme = ReadFile(VSAPI_VENDOR_CHECK_README);
  std::istringstream lines(VendorCheck("--list").text);
  int checks = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == ' ') continue;
    ++checks;
    EXPECT_THAT(readme, HasSubstr("| `" + line.substr(0, line.find(' ')) + "` |"));
  }
  EXPECT_GT(checks, 40);
}

}  // namespace
}  // namespace vsapi::test
