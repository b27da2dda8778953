// SPDX-License-Identifier: Apache-2.0
//
// vendor_check fails each DLL of tests/vendors/ for the right reason, and for no other: the set of
// failed checks is compared whole. Those DLLs that do nothing wrong pass.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "run_vendor_check.h"

namespace vsapi::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Case {
  const char* vendor;
  const char* words;  // of the sample on which it shows what it does; "" for no sample
  std::set<std::string> failed = {};
  const char* seen = "";  // is in what the failed checks saw
  const char* options = "";
  // The checks whose result is the sanitizer's as much as the vendor's.
  bool by_memory = false;
};

// For GoogleTest's messages.
std::ostream& operator<<(std::ostream& out, const Case& each) { return out << each.vendor; }

std::string PathOf(const std::string& vendor) {
  return VSAPI_TEST_VENDORS_DIR "/" + vendor + ".so";
}

// A file that is gone with its owner.
class TestFile {
 public:
  TestFile(const std::string& name, const std::string& bytes)
      : path_(fs::temp_directory_path() /
              ("vendor_check_test_" + name + "_" + std::to_string(getpid()))) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  TestFile(const TestFile&) = delete;
  TestFile& operator=(const TestFile&) = delete;
  ~TestFile() { fs::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

class TestVendor : public ::testing::TestWithParam<Case> {
 protected:
  static Report Check(const Case& each) {
    const TestFile sample(each.vendor, std::string("a sample with ") + each.words + " in it");
    const std::string with_sample = *each.words ? " --sample '" + sample.path() + "'" : "";
    return Report(PathOf(each.vendor), std::string("--no-eicar ") + each.options + with_sample);
  }
};

std::string NameOf(const ::testing::TestParamInfo<Case>& info) { return info.param.vendor; }

// ---- Nothing wrong --------------------------------------------------------------------------

class LegalVendor : public TestVendor {};

TEST_P(LegalVendor, Passes) {
  const Report report = Check(GetParam());
  EXPECT_THAT(report.With("fail"), IsEmpty()) << report.Seen("fail");
  EXPECT_EQ(report.exit_status(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    VendorCheck, LegalVendor,
    ::testing::Values(Case{.vendor = "good",
                           .words = "INFECTED:Some.Thing",
                           .options = "--parameters 'version=7;digest=seven'"},
                      // To be busy is legal: the host asks again.
                      Case{.vendor = "busy", .words = "BUSY"},
                      // Slow is legal within the budget. Ten thousand times it is only long.
                      Case{.vendor = "slow", .words = "SLOW", .options = "--only life --only scan"},
                      // It uses what the host offers, and says what it sees.
                      Case{.vendor = "talks", .words = "TALK"},
                      Case{.vendor = "many_findings", .words = "MANY"},
                      Case{.vendor = "heavy", .words = "", .options = "--parameters 'hold_mib=8'"},
                      Case{.vendor = "resident", .words = ""},
                      // The words of its misdeeds are for worker processes.
                      Case{.vendor = "misdeeds", .words = ""},
                      // It hangs at a gate, where there is one.
                      Case{.vendor = "hangs_at_start", .words = ""},
                      // It says that it wants its scans one by one.
                      Case{.vendor = "serial", .words = "SERIAL"}),
    NameOf);

// Newer definitions are no misdeed either, and none are there when it starts.
TEST(VendorCheck, PassesAVendorWithDefinitionsInAFile) {
  const TestFile definitions("definitions", "7 seven Foo Bar");
  const Report report(PathOf("newer"),
                      "--no-eicar --parameters 'definitions=" + definitions.path() + "'");
  EXPECT_THAT(report.With("fail"), IsEmpty()) << report.Seen("fail");
  EXPECT_TRUE(report.With("ok").contains("extensions.poll"));
}

// ---- One misdeed each ---------------------------------------------------------------------------

class BadVendor : public TestVendor {};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryTells = false;
#else
constexpr bool kMemoryTells = true;
#endif

TEST_P(BadVendor, FailsForItsMisdeedAlone) {
  if (GetParam().by_memory && !kMemoryTells)
    GTEST_SKIP() << "under this sanitizer vendor_check compares no memory";
  const Report report = Check(GetParam());
  EXPECT_EQ(report.With("fail"), GetParam().failed) << report.Seen("fail");
  EXPECT_THAT(report.Seen("fail"), HasSubstr(GetParam().seen));
  EXPECT_EQ(report.exit_status(), 1);
}

const Case kAtTheDoor[] = {
    {"no_entry", "", {"entry.symbol"}, "no symbol vsapi_vendor_entry"},
    {"wrong_major", "", {"entry.version"}, "built for version 1.9"},
    {"wrong_minor", "", {"entry.version"}, "built for version 0.10"},
    {"create_fails", "", {"life.create"}, "create returned internal"},
    {"half_table", "", {"life.table"}, "there is no scan"},
    {"start_fails", "", {"life.start"}, "start returned internal"},
};
INSTANTIATE_TEST_SUITE_P(AtTheDoor, BadVendor, ::testing::ValuesIn(kAtTheDoor), NameOf);

const Case kInItsLife[] = {
    {"half_extension", "", {"extensions.whole"}, "vsapi.signatures/1 poll is missing"},
    {"restless", "", {"extensions.identity", "extensions.poll"}, "version 0, then 1"},
    {"self_test_fails", "", {"extensions.self-test"}, "its own sample gets clean"},
    {"session_fails",
     "",
     {"life.sessions", "life.restart", "life.side-by-side", "threads.parallel", "leaks.sessions"},
     "session returned no memory"},
    {"no_restart", "", {"life.restart"}, "start returned state"},
    {"one_instance",
     "",
     {"life.side-by-side", "threads.parallel", "threads.reload"},
     "start returned state"},
    {"changes_folder", "", {"life.process"}, "the working folder is now /"},
    {"changes_signals", "", {"life.process"}, "the handler of signal 10"},
    {"leaves_file", "", {"leaks.files"}, "vsapi_left_behind"},
    {.vendor = "leaks_instance",
     .words = "",
     .failed = {"leaks.instances"},
     .seen = "more memory after",
     .by_memory = true},
};
INSTANTIATE_TEST_SUITE_P(InItsLife, BadVendor, ::testing::ValuesIn(kInItsLife), NameOf);

const Case kInAScan[] = {
    {"cries_wolf", "", {"scan.empty", "scan.tiny", "scan.harmless"}, "found \\\"Wolf"},
    {"crash", "CRASH", {"scan.judged"}, "died by signal 6 (Aborted), at: scan of"},
    {"throws", "THROW", {"scan.judged"}, "nobody catches this"},
    {"exits", "EXIT", {"scan.judged"}, "exited with status 0, at: scan of"},
    {"hang", "HANG", {"scan.judged"}, "gets no verdict in", "--timeout 12"},
    {"deaf", "DEAF", {"scan.cancelled-late"}, "after 2", "--only scan.cancelled-late"},
    {"lie", "LIE", {"scan.verdict-set"}, "gets ok and no verdict"},
    {"unknown_verdict", "UNKNOWN", {"scan.known-verdict"}, "the verdict 9999"},
    {"unknown_kind", "UNKNOWN", {"scan.finding-names"}, "of the kind 9999"},
    {"unknown_scope", "UNKNOWN", {"scan.known-verdict"}, "the scope 9999"},
    {"unknown_status", "UNKNOWN", {"scan.known-status"}, "the status 9999"},
    {"bad_name", "BAD_NAME", {"scan.finding-names"}, "no UTF-8"},
    {"empty_name", "EMPTY_NAME", {"scan.finding-names"}, "without a name"},
    {"nameless", "NAMELESS", {"scan.finding-given"}, "infected by nothing"},
    {"fickle",
     "FICKLE",
     {"scan.repeatable", "scan.short-reads", "threads.moving", "threads.parallel",
      "threads.reload"},
     "and then clean"},
    {"no_replacement", "REPLACE", {"scan.replacement"}, "without a replacement"},
    {"half_replacement", "HALF", {"scan.replacement"}, "replacement"},
    {"late_finding", "LATE", {"scan.late-calls"}, "add_finding was called after", "--only scan"},
    {"scribbles", "SCRIBBLE", {"scan.untouched"}, "the request was written to"},
    {"swallows_errors",
     "",
     {"scan.read-fails", "scan.ends-early", "scan.cancelled-before", "scan.cancelled-midway",
      "scan.budget"},
     "can be read: clean"},
    {"believes_short_reads",
     "INFECTED:Some.Thing",
     {"scan.short-reads", "scan.read-fails", "scan.ends-early", "scan.cancelled-midway",
      "scan.budget"},
     "clean by reads of at most 7"},
    {"makes_thread", "THREAD", {"threads.own", "threads.none-made"}, "is_cancelled was called on"},
    {"one_at_a_time", "", {"threads.parallel", "threads.reload"}, "status internal"},
    {"leaks_descriptor", "DESCRIPTOR", {"leaks.scans"}, "more open descriptors"},
    {.vendor = "leak",
     .words = "LEAK",
     .failed = {"leaks.scans"},
     .seen = "more memory after",
     .by_memory = true},
};
INSTANTIATE_TEST_SUITE_P(InAScan, BadVendor, ::testing::ValuesIn(kInAScan), NameOf);

// Whoever adds a DLL says here what vendor_check makes of it.
TEST(VendorCheck, IsTriedOnEveryTestVendor) {
  std::set<std::string> there,
      tried = {"good",          "busy",  "slow",     "serial",   "newer",         "talks",
               "many_findings", "heavy", "resident", "misdeeds", "hangs_at_start"};
  for (const auto& entry : fs::directory_iterator(VSAPI_TEST_VENDORS_DIR))
    if (entry.path().extension() == ".so") there.insert(entry.path().stem());
  for (const Case& each : kAtTheDoor) tried.insert(each.vendor);
  for (const Case& each : kInItsLife) tried.insert(each.vendor);
  for (const Case& each : kInAScan) tried.insert(each.vendor);
  EXPECT_EQ(tried, there);
}

}  // namespace
}  // namespace vsapi::test
