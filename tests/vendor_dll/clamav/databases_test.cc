// SPDX-License-Identifier: Apache-2.0
//
// Definitions in a container (.cvd, .cld, .cud): signed by ClamAV, packed by the administrator,
// forged, damaged, there twice.
#include <cstdlib>

#include "clamav_support.h"

namespace vsapi::test {
namespace {

constexpr uint64_t kSignedAt = 1'624'412'045'000'000'000;  // the build time in its header
constexpr size_t kHeader = 512;

std::string Signed() { return ReadFile(VSAPI_CLAMAV_SIGNED_CVD); }

// A container as `sigtool --build` makes one without a key: a header, then a packed tar with a list
// of what is in it.
std::string Unsigned(const std::string& file, const std::string& rules) {
  const std::string header = "ClamAV-VDB:22 Jun 2021 14-58 -0400:1:1:81:X:X:builder:1624388302";
  const std::string list = header + "\n" + file + ":" + std::to_string(rules.size()) + ":" +
                           HashOf(EVP_sha256(), rules) + "\n";
  std::string padded = header;
  padded.resize(kHeader, ' ');
  return padded + TarGz({{"COPYING", "none\n"}, {"mine.info", list}, {file, rules}});
}

const std::string kMine = "Test.Mine:0:*:" + HexOf("first-marker") + "\n";

void ExpectRefused(const TestFolder& folder, const std::string& because) {
  VendorInstance vendor(Dll(), "definitions=" + folder.path());
  EXPECT_EQ(vendor.Start(), VSAPI_E_INTERNAL) << because;
  EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, because)) << vendor.LogText();
}

TEST(ClamavDatabases, ThatAreSignedAreLoadedInEitherForm) {
  for (const char* name : {"main.cvd", "main.cld"}) {
    TestFolder folder;
    folder.Write(name, Signed());
    Started clamav("definitions=" + folder.path());
    const Outcome outcome = clamav.Scan(TestFile());
    ASSERT_THAT(outcome, Says(VSAPI_VERDICT_INFECTED)) << name;
    EXPECT_EQ(outcome.findings[0].name, "Clamav.Test.File-6") << "official ones have no suffix";
    EXPECT_THAT(clamav.Scan(Eicar()), Says(VSAPI_VERDICT_INFECTED));
    EXPECT_EQ(IdentityOf(clamav.vendor).version, kSignedAt);
    EXPECT_EQ(IdentityOf(clamav.vendor).built_ns, static_cast<int64_t>(kSignedAt));
    EXPECT_FALSE(HasNewer(clamav.vendor));
  }
}

TEST(ClamavDatabases, OfTheDayThatAreOldAreUsedWithAWarning) {
  TestFolder folder;
  folder.Write("daily.cvd", Signed());
  Started clamav("definitions=" + folder.path());
  EXPECT_TRUE(clamav.vendor.Logged(VSAPI_LOG_WARNING, "older than 7 days"))
      << clamav.vendor.LogText();
}

// freshclam leaves both for a moment, when it replaces what it downloaded by what it patched.
TEST(ClamavDatabases, ThatLieThereInBothFormsAreUsedWithAWarning) {
  TestFolder folder;
  folder.Write("main.cvd", Signed());
  folder.Write("main.cld", Signed());
  Started clamav("definitions=" + folder.path());
  EXPECT_THAT(clamav.Scan(TestFile()), Says(VSAPI_VERDICT_INFECTED));
  EXPECT_TRUE(clamav.vendor.Logged(VSAPI_LOG_WARNING, "Detected duplicate databases"))
      << clamav.vendor.LogText();
}

// A byte in the signed part, in the header's version and time, and the end missing.
TEST(ClamavDatabases, ThatWereTamperedWithAreRefusedAndTheOldOnesStay) {
  const std::string good = Signed();
  std::string signed_part = good, version = good, time = good;
  signed_part[good.size() / 2] ^= 1;
  version[version.find(":6:14:") + 1] = '7';
  time[time.find(":1624412045") + 10] = '6';
  for (const std::string& bad : {signed_part, version, time, good.substr(0, good.size() - 100)})
    for (const char* name : {"main.cvd", "main.cld"}) {
      TestFolder folder;
      folder.Write(name, good);
      Started clamav("definitions=" + folder.path());
      folder.Write(name, bad);
      ExpectRefused(folder, "can't be used");
      EXPECT_THAT(clamav.Scan(TestFile()), Says(VSAPI_VERDICT_INFECTED));
    }
}

void ExpectToLoadWithoutASignatureOnlyByName() {
  const std::string packed = Unsigned("mine.ndb", kMine);
  TestFolder own;
  own.Write("mine.cud", packed);
  Started clamav("definitions=" + own.path());
  const Outcome outcome = clamav.Scan(kMarked);
  ASSERT_THAT(outcome, Says(VSAPI_VERDICT_INFECTED));
  EXPECT_EQ(outcome.findings[0].name, "Test.Mine.UNOFFICIAL");
  EXPECT_EQ(IdentityOf(clamav.vendor).version, 1'624'388'302'000'000'000u);
  for (const char* name : {"mine.cvd", "mine.cld"}) {
    TestFolder forged;
    forged.Write(name, packed);
    ExpectRefused(forged, name);
  }
}

// In a child that ends without a look for leaks: libclamav forgets some bytes for each list of
// files that is not signed.
TEST(ClamavDatabases, WithoutASignatureAreLoadedOnlyWhereTheirNameSaysSo) {
  const auto in_child = [] {
    ExpectToLoadWithoutASignatureOnlyByName();
    std::_Exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "");
}

TEST(ClamavDatabases, OfBytecodeAreRefusedWithoutASignature) {
  TestFolder folder;
  folder.Write("good.ndb", kMine);
  folder.Write("mine.cbc",
               "ClamBCafh`anfielb`fljfgf``c``a`|ah`cnbac`cecnb`c``biaabp`clamcoincidencejb:4096\n");
  ExpectRefused(folder, "unsigned bytecode");
}

}  // namespace
}  // namespace vsapi::test
