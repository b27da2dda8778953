// SPDX-License-Identifier: Apache-2.0
//
// Proves that the test DLLs do what README.md says of them, so that a test of the engine which uses
// one can't pass because the misdeed was not committed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "support/vendor_harness.h"

namespace vsapi::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string PathOf(const std::string& name) { return VSAPI_TEST_VENDORS_DIR "/" + name + ".so"; }

class Started : public StartedVendor {
 public:
  explicit Started(const std::string& name, const std::string& parameters = "")
      : StartedVendor(PathOf(name), parameters) {}
};

// One that was created, and no more.
struct Created {
  explicit Created(const std::string& name, const std::string& parameters = "")
      : library(PathOf(name)), instance(library, parameters) {}
  const LoadedVendor library;
  VendorInstance instance;
};

struct Eventfd {
  Eventfd() : number(eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC)) {}
  Eventfd(const Eventfd&) = delete;
  Eventfd& operator=(const Eventfd&) = delete;
  ~Eventfd() { close(number); }
  void Put() const { EXPECT_EQ(eventfd_write(number, 1), 0); }
  void Take() const {
    eventfd_t value;
    EXPECT_EQ(eventfd_read(number, &value), 0);
  }
  const int number;
};

TEST(GoodVendor, JudgesByTheWordsInTheContent) {
  Started vendor("good");
  const std::map<std::string, int32_t> expected = {
      {"Hello", VSAPI_VERDICT_CLEAN},
      {"a PERMANENT b", VSAPI_VERDICT_CLEAN_PERMANENT},
      {"a INFECTED:X b", VSAPI_VERDICT_INFECTED},
      {"a CLEANED b", VSAPI_VERDICT_CLEANED},
      {"a SUSPICIOUS b", VSAPI_VERDICT_SUSPICIOUS},
      {"a ENCRYPTED b", VSAPI_VERDICT_ENCRYPTED},
      {"a OVERLIMIT b", VSAPI_VERDICT_OVER_LIMIT},
      {"a MALFORMED b", VSAPI_VERDICT_MALFORMED},
      {"a UNSUPPORTED b", VSAPI_VERDICT_UNSUPPORTED},
      {"a DELETE b", VSAPI_VERDICT_DELETE_MESSAGE},
      {"", VSAPI_VERDICT_CLEAN},
  };
  for (const auto& [content, verdict] : expected) {
    for (const bool in_memory : {true, false}) {
      const Outcome answer = vendor.Scan({.content = content, .in_memory = in_memory});
      EXPECT_EQ(answer.status, VSAPI_OK) << content;
      EXPECT_EQ(answer.verdict, verdict) << content;
    }
  }
}

TEST(GoodVendor, NamesTheInfectionAsTheContentDoes) {
  EXPECT_THAT(Started("good").Scan("x INFECTED:Win.Test-1 y").names(), ElementsAre("Win.Test-1"));
}

TEST(GoodVendor, ReplacesWhatItCleansByTheRest) {
  EXPECT_EQ(Started("good").Scan("one CLEANED two CLEANED").replacement, "one  two ");
}

TEST(GoodVendor, BlocksAnItemByItsName) {
  Started vendor("good");
  const Outcome answer = vendor.Scan(
      {.content = "Hello", .properties = {{VSAPI_PROPERTY_ATTACHMENT_NAME, "blocked.exe"}}});
  EXPECT_EQ(answer.verdict, VSAPI_VERDICT_BLOCKED);
  EXPECT_EQ(answer.scope, VSAPI_SCOPE_ITEM);
}

TEST(GoodVendor, HasDefinitionsOnlyWhenToldTo) {
  EXPECT_EQ(Started("good").Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES), nullptr);
  Started vendor("good", "version=7;digest=seven");
  vsapi_signatures_identity identity = {};
  identity.struct_size = sizeof identity;
  ASSERT_EQ(vendor.Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES)
                ->identity(vendor.get(), &identity),
            VSAPI_OK);
  EXPECT_EQ(identity.version, 7u);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(identity.digest)), "seven");
}

TEST(GoodVendor, WaitsAtTheGateUntilItIsLetGo) {
  const Eventfd entered, gate;
  Started vendor("good", "entered_fd=" + std::to_string(entered.number) +
                             ";gate_fd=" + std::to_string(gate.number));
  EXPECT_EQ(vendor.Scan("INFECTED:NotGated").verdict, VSAPI_VERDICT_INFECTED);
  std::atomic<bool> done{false};
  std::thread scan([&] {
    EXPECT_EQ(vendor.Scan("GATE INFECTED:X").verdict, VSAPI_VERDICT_INFECTED);
    done = true;
  });
  entered.Take();
  EXPECT_FALSE(done);
  gate.Put();
  scan.join();
}

TEST(NewerVendor, SaysSoWhenItsDefinitionsFileIsAnother) {
  const std::string path = ::testing::TempDir() + "newer_definitions_" + std::to_string(getpid());
  std::ofstream(path) << "7 seven Foo";
  Started vendor("newer", "definitions=" + path);
  const auto* signatures = vendor.Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  int32_t newer = -1;
  EXPECT_EQ(signatures->poll(vendor.get(), &newer), VSAPI_OK);
  EXPECT_EQ(newer, 0);
  EXPECT_THAT(vendor.Scan("a Foo b").names(), ElementsAre("Foo"));

  std::ofstream(path) << "8 eight Foo Bar";
  EXPECT_EQ(signatures->poll(vendor.get(), &newer), VSAPI_OK);
  EXPECT_EQ(newer, 1);
  EXPECT_EQ(vendor.Scan("a Bar b").verdict, VSAPI_VERDICT_CLEAN);
  EXPECT_EQ(Started("newer", "definitions=" + path).Scan("a Bar b").verdict,
            VSAPI_VERDICT_INFECTED);
  unlink(path.c_str());
}

TEST(NewerVendor, DoesNotStartWithoutDefinitions) {
  EXPECT_NE(Created("newer", "definitions=/nowhere").instance.Start(), VSAPI_OK);
}

// ---- Misdeeds of a scan -----------------------------------------------------------------------

TEST(Misdeeds, LeaveOrdinaryContentAlone) {
  for (const char* name : {"bad_name", "busy", "crash", "empty_name", "half_extension", "hang",
                           "leak", "lie", "self_test_fails", "serial", "session_fails", "slow",
                           "unknown_status", "unknown_verdict"}) {
    Started vendor(name);
    EXPECT_EQ(vendor.Scan("INFECTED:SelfTest").verdict, VSAPI_VERDICT_INFECTED) << name;
    EXPECT_EQ(vendor.Scan("Hello").verdict, VSAPI_VERDICT_CLEAN) << name;
  }
}

TEST(Misdeeds, HangUntilCancelled) {
  Started vendor("hang");
  EXPECT_EQ(vendor.Scan({.content = "HANG", .cancelled_after = 3}).status, VSAPI_E_CANCELLED);
}

TEST(Misdeeds, CrashOnlyOnTheWord) {
  Started vendor("crash");
  EXPECT_DEATH(vendor.Scan("CRASH"), "");
}

TEST(Misdeeds, LieByAnOkWithoutAVerdict) {
  const Outcome answer = Started("lie").Scan("LIE");
  EXPECT_EQ(answer.status, VSAPI_OK);
  EXPECT_EQ(answer.verdict, VSAPI_VERDICT_NONE);
}

TEST(Misdeeds, SpeakWordsThatNoContractKnows) {
  EXPECT_EQ(Started("unknown_verdict").Scan("UNKNOWN").verdict, 9999);
  EXPECT_EQ(Started("unknown_status").Scan("UNKNOWN").status, 9999);
}

TEST(Misdeeds, NameFindingsBadly) {
  EXPECT_THAT(Started("bad_name").Scan("BAD_NAME").names(),
              ElementsAre("\xff\xfe\xc0", std::string(1000, 'n')));
  EXPECT_THAT(Started("empty_name").Scan("EMPTY_NAME").names(), ElementsAre(""));
}

TEST(Misdeeds, AreBusyAsOftenAsTold) {
  Started vendor("busy", "times=2");
  EXPECT_EQ(vendor.Scan("BUSY").status, VSAPI_E_BUSY);
  EXPECT_EQ(vendor.Scan("BUSY").status, VSAPI_E_BUSY);
  EXPECT_EQ(vendor.Scan("BUSY").status, VSAPI_OK);
}

size_t MappedPages() {
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages;
}

TEST(Misdeeds, LeakAMebibyteAScan) {
  Started vendor("leak");
  const size_t before = MappedPages();
  for (int i = 0; i < 64; ++i) vendor.Scan("LEAK");
  EXPECT_GE(MappedPages() - before, 64 * (size_t{1} << 20) / size_t(sysconf(_SC_PAGESIZE)));
}

TEST(Misdeeds, AreSlowAndStillCancelled) {
  Started vendor("slow", "slow_ms=1");
  EXPECT_EQ(vendor.Scan("SLOW").verdict, VSAPI_VERDICT_CLEAN);
  Started slower("slow", "slow_ms=1000000");
  EXPECT_EQ(slower.Scan({.content = "SLOW", .cancelled_after = 2}).status, VSAPI_E_CANCELLED);
}

TEST(SerialVendor, TellsWhenTwoScansWereInsideAtOnce) {
  const Eventfd entered, gate;
  Started vendor("serial", "entered_fd=" + std::to_string(entered.number) +
                               ";gate_fd=" + std::to_string(gate.number));
  EXPECT_EQ(vendor.entry().info->flags, uint32_t{VSAPI_VENDOR_SERIAL});
  EXPECT_THAT(vendor.Scan("SERIAL").names(), ElementsAre("Serial.Alone"));

  VendorSession second(vendor.instance());
  std::thread held([&] { vendor.Scan("GATE"); });
  entered.Take();
  EXPECT_THAT(second.Scan("SERIAL").names(), ElementsAre("Serial.Overlapped"));
  gate.Put();
  held.join();
}

// ---- Misdeeds of the life cycle -----------------------------------------------------------------

TEST(Misdeeds, AreBuiltForAnotherContract) {
  // Only loaded, never created.
  for (const auto& [name, major, minor] :
       {std::tuple{"wrong_major", VSAPI_ABI_MAJOR + 1, VSAPI_ABI_MINOR},
        std::tuple{"wrong_minor", VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR + 1}}) {
    const LoadedVendor library(PathOf(name));
    EXPECT_EQ(library.entry().abi_major, major);
    EXPECT_EQ(library.entry().abi_minor, minor);
  }
}

TEST(Misdeeds, HaveNoEntryOrMakeNoInstance) {
  EXPECT_THROW(LoadedVendor(PathOf("no_entry")), std::runtime_error);
  EXPECT_EQ(Created("create_fails").instance.create_status(), VSAPI_E_INTERNAL);
}

TEST(Misdeeds, LeaveFunctionsOut) {
  EXPECT_EQ(Created("half_table").instance.get()->table->scan, nullptr);
  Started vendor("half_extension");
  const auto* half = vendor.Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  ASSERT_NE(half, nullptr);
  EXPECT_EQ(half->poll, nullptr);
}

TEST(Misdeeds, FailToStart) {
  EXPECT_EQ(Created("start_fails").instance.Start(), VSAPI_E_INTERNAL);
}

TEST(Misdeeds, FailAtTheThirdSession) {
  Started vendor("session_fails");  // has the first
  const vsapi_vendor_table& table = *vendor.get()->table;
  vsapi_session *second = nullptr, *third = nullptr;
  EXPECT_EQ(table.open_session(vendor.get(), &second), VSAPI_OK);
  EXPECT_EQ(table.open_session(vendor.get(), &third), VSAPI_E_NO_MEMORY);
  table.close_session(vendor.get(), second);
}

TEST(Misdeeds, FailTheirSelfTest) {
  Started vendor("self_test_fails");
  const void* data = nullptr;
  size_t size = 0;
  vendor.Extension<vsapi_ext_self_test>(VSAPI_EXT_SELF_TEST)
      ->positive_sample(vendor.get(), &data, &size);
  EXPECT_EQ(vendor.Scan(std::string(static_cast<const char*>(data), size)).verdict,
            VSAPI_VERDICT_CLEAN);
  EXPECT_EQ(Started("cries_wolf").Scan("Hello").verdict, VSAPI_VERDICT_INFECTED);
}

}  // namespace
}  // namespace vsapi::test
