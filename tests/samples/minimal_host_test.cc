// SPDX-License-Identifier: Apache-2.0
//
// The specification of samples/minimal_host, run as its users run it: what it prints and how it
// exits, that a second run scans nothing, and that no file is ever changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace vsapi::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// In pieces, as no file of the tree may hold it whole.
std::string Eicar() {
  return std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$") + "EICAR-STANDARD-ANTIVIRUS" +
         "-TEST-FILE!$H+H*";
}

struct Ran {
  int status = -1;
  std::string printed;  // on both channels
};

Ran RunHost(const std::string& arguments) {
  Ran ran;
  FILE* const pipe = popen((VSAPI_MINIMAL_HOST " " + arguments + " 2>&1").c_str(), "r");
  std::array<char, 4096> piece;
  while (const size_t got = fread(piece.data(), 1, piece.size(), pipe))
    ran.printed.append(piece.data(), got);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) ran.status = WEXITSTATUS(status);
  return ran;
}

class MinimalHost : public ::testing::Test {
 protected:
  MinimalHost() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vsapi-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~MinimalHost() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  std::string Read(const std::string& name) {
    std::ifstream in(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  Ran Run(const std::string& vendor = VSAPI_MINIMAL_VENDOR) {
    return RunHost(folder_.string() + " " + vendor);
  }

  std::filesystem::path folder_;
};

TEST_F(MinimalHost, AllowsCleanFilesAndScansThemOnce) {
  Write("a.txt", "hello");
  Write("b.txt", "");
  const std::string told = "allow a.txt\nallow b.txt\n";
  Ran ran = Run();
  EXPECT_EQ(ran.printed, told + "2 files, 2 scanned\n");
  EXPECT_EQ(ran.status, 0);
  ran = Run();
  EXPECT_EQ(ran.printed, told + "2 files, 0 scanned\n");
  EXPECT_EQ(ran.status, 0);
}

TEST_F(MinimalHost, DeniesInfectedFilesInEveryRun) {
  Write("bad", "some text, then " + Eicar());
  Write("good", "hello");
  const std::string told = "infected bad: EICAR-Test-File\nallow good\n";
  Ran ran = Run();
  EXPECT_EQ(ran.printed, told + "2 files, 2 scanned\n");
  EXPECT_EQ(ran.status, 10);
  ran = Run();
  EXPECT_EQ(ran.printed, told + "2 files, 0 scanned\n");
  EXPECT_EQ(ran.status, 10);
}

TEST_F(MinimalHost, ScansAgainWhatHasChangedAndOnlyThat) {
  Write("changes", "hello");
  Write("stays", "hello, you");
  EXPECT_EQ(Run().status, 0);
  Write("changes", Eicar());
  Ran ran = Run();
  EXPECT_THAT(ran.printed, HasSubstr("infected changes"));
  EXPECT_THAT(ran.printed, HasSubstr("2 files, 1 scanned"));
  EXPECT_EQ(ran.status, 10);
}

TEST_F(MinimalHost, ScansEqualFilesTogether) {
  for (const char* name : {"one", "two", "three"}) Write(name, "all the same");
  EXPECT_EQ(Run().status, 0);
  EXPECT_THAT(Run().printed, HasSubstr("3 files, 0 scanned"));
}

TEST_F(MinimalHost, ScansEverythingAnewWithAnotherVendor) {
  Write("file", "hello");
  EXPECT_EQ(Run().status, 0);
  EXPECT_THAT(Run(VSAPI_TEST_VENDORS_DIR "/good.so").printed, HasSubstr("1 files, 1 scanned"));
}

TEST_F(MinimalHost, TrustsNoDamagedStamps) {
  Write("bad", Eicar());
  EXPECT_EQ(Run().status, 10);
  const std::string stamps = Read(".stamps");
  for (const std::string& damaged : {stamps.substr(0, stamps.size() / 2), std::string("\xFF\xFF"),
                                     stamps + "more", std::string()}) {
    Write(".stamps", damaged);
    EXPECT_THAT(Run().printed, HasSubstr("infected bad"));
  }
}

TEST_F(MinimalHost, ChangesNoFile) {
  Write("bad", Eicar());
  Write("cleaned", "good CLEANED news");
  EXPECT_EQ(Run(VSAPI_TEST_VENDORS_DIR "/good.so").status, 10);
  EXPECT_EQ(Read("bad"), Eicar());
  EXPECT_EQ(Read("cleaned"), "good CLEANED news");
}

TEST_F(MinimalHost, NeverAllowsWhatWouldHaveToBeCleaned) {
  Write("cleaned", "good CLEANED news");
  for (int run = 0; run < 2; ++run)
    EXPECT_THAT(
        Run(VSAPI_TEST_VENDORS_DIR "/good.so").printed,
        AllOf(HasSubstr("infected "), HasSubstr("(argument refused)"), Not(HasSubstr("allow "))));
}

TEST_F(MinimalHost, TellsFilesOfAnyNameInOneLine) {
  const std::string long_name(200, 'n');
  Write(long_name, "hello");
  Write("two\nlines", "hello, you");
  EXPECT_EQ(Run().printed, "allow " + long_name + "\nallow two?lines\n2 files, 2 scanned\n");
}

TEST_F(MinimalHost, SaysWhyItCannotJudge) {
  Write("file", "LIE");
  Ran ran = Run(VSAPI_TEST_VENDORS_DIR "/lie.so");
  EXPECT_THAT(ran.printed, HasSubstr("unavailable file: scan failed"));
  EXPECT_EQ(ran.status, 1);
}

TEST_F(MinimalHost, SaysWhatIsWrongWithTheVendor) {
  Ran ran = Run(VSAPI_TEST_VENDORS_DIR "/no_entry.so");
  EXPECT_THAT(ran.printed, HasSubstr("no vendor DLL"));
  EXPECT_EQ(ran.status, 1);
  ran = Run("/nowhere/vendor.so");
  EXPECT_THAT(ran.printed, HasSubstr("/nowhere/vendor.so"));
  EXPECT_EQ(ran.status, 1);
}

TEST_F(MinimalHost, SaysWhatIsWrongWithTheFolder) {
  const Ran ran = RunHost("/nowhere/files " VSAPI_MINIMAL_VENDOR);
  EXPECT_EQ(ran.printed,
            "minimal_host: /nowhere/files: No such file or directory; give a folder that can be "
            "read\n");
  EXPECT_EQ(ran.status, 1);
}

TEST_F(MinimalHost, FailsIfItCannotSayWhatItFound) {
  Write("file", "hello");
  const Ran ran = RunHost(folder_.string() + " " VSAPI_MINIMAL_VENDOR " >/dev/full #");
  EXPECT_EQ(ran.status, 1);
}

TEST_F(MinimalHost, ExplainsItself) {
  const Ran helped = RunHost("--help");
  EXPECT_THAT(helped.printed, HasSubstr("usage: minimal_host DIR VENDOR"));
  EXPECT_EQ(helped.status, 0);
  EXPECT_EQ(RunHost("--version").printed, "minimal_host for contract 0.9\n");
  EXPECT_EQ(RunHost("").status, 2);
  EXPECT_EQ(RunHost("one").status, 2);
}

}  // namespace
}  // namespace vsapi::test
