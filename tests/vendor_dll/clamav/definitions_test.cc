// SPDX-License-Identifier: Apache-2.0
//
// Which definitions the libclamav vendor loads, refuses, and how it identifies them.

#include <map>

#include "clamav_support.h"

namespace vsapi::test {
namespace {

const std::string kRule = "Test.One:0:*:" + HexOf("first-marker") + "\n";
const std::string kOtherRule = "Test.Two:0:*:" + HexOf("second-marker") + "\n";

void ExpectNoStart(const std::string& folder, const std::string& because) {
  VendorInstance vendor(Dll(), "definitions=" + folder);
  ASSERT_EQ(vendor.create_status(), VSAPI_OK);
  EXPECT_NE(vendor.Start(), VSAPI_OK) << because;
  EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, because)) << vendor.LogText();
}

TEST(ClamavDefinitions, OfAGivenFolderMustBeThere) {
  TestFolder folder;
  ExpectNoStart(folder.path() + "/missing", "missing does not exist, can't be read or holds no");
  ExpectNoStart(folder.path(), "holds no definitions; set Parameters definitions=DIR");
  folder.Write("README", "no definitions\n");
  ExpectNoStart(folder.path(), folder.path() + " does not exist");
}

TEST(ClamavDefinitions, MustLoadWholeAndWithoutAComplaint) {
  const std::map<std::string, std::string> broken = {
      {"lines.ndb", "this is no signature\n"},
      {"odd.ndb", kRule + "Test.Odd:0:*:616\n"},
      {"hashes.hdb", "zz:1:Test\n"},
      {"daily.cvd", "zzz"},
      {"import.yar", "import \"pe\"\nrule a { condition: pe.is_pe }\n"},
      {"strings.yar", "rule a { condition: true }\n"}};
  for (const auto& [name, text] : broken) {
    TestFolder folder;
    folder.Write("good.ndb", kRule);
    folder.Write(name, text);
    ExpectNoStart(folder.path(), "can't be used");
  }
}

TEST(ClamavDefinitions, NameTheFileThatIsBroken) {
  TestFolder folder;
  folder.Write("good.ndb", kRule);
  folder.Write("wrong.ndb", "this is no signature\n");
  ExpectNoStart(folder.path(), "wrong.ndb");
  TestFolder rules;
  rules.Write("wrong.yar", "import \"pe\"\nrule a { condition: pe.is_pe }\n");
  ExpectNoStart(rules.path(), "wrong.yar");
}

TEST(ClamavDefinitions, MustHoldASignature) {
  TestFolder folder;
  folder.Write("comment.ndb", "# nothing here\n");
  ExpectNoStart(folder.path(), "it holds no signature");
}

TEST(ClamavDefinitions, AlwaysHaveTheEicarRuleBesideThem) {
  TestFolder folder;
  folder.Write("one.ndb", kRule);
  Started clamav("definitions=" + folder.path());
  EXPECT_THAT(clamav.Scan("here is the first-marker of the test"), Says(VSAPI_VERDICT_INFECTED));
  EXPECT_THAT(clamav.Scan(Eicar()), IsEicar());
  EXPECT_EQ(IdentityOf(clamav.vendor).count, 2u);
}

TEST(ClamavDefinitions, FallBackToTestFilesWithALoudWarning) {
  Started clamav("");
  if (!clamav.vendor.Logged(VSAPI_LOG_INFO, "signatures from the built-in test definitions"))
    GTEST_SKIP() << "definitions are installed on this machine";
  EXPECT_TRUE(clamav.vendor.Logged(VSAPI_LOG_WARNING,
                                   "no virus definitions installed: only test "
                                   "files will be found; install"));
  EXPECT_THAT(clamav.Scan(Eicar()), IsEicar());
  const std::string exe = ReadFile(fs::path(CLAMAV_TESTFILES_DIR) / "clam.exe");
  EXPECT_THAT(clamav.Scan(exe), Says(VSAPI_VERDICT_INFECTED));
  EXPECT_EQ(IdentityOf(clamav.vendor).version, 1u) << "any real definitions are newer";
  EXPECT_EQ(IdentityOf(clamav.vendor).built_ns, 0);
  EXPECT_FALSE(HasNewer(clamav.vendor));
}

TEST(ClamavDefinitions, HaveTheTimeOfTheNewestFileAsVersion) {
  TestFolder folder;
  SetTime(folder.Write("old.ndb", kRule), 1'600'000'000);
  SetTime(folder.Write("new.ndb", kOtherRule), 1'700'000'000);
  const Started clamav("definitions=" + folder.path());
  const vsapi_signatures_identity identity = IdentityOf(clamav.vendor);
  EXPECT_EQ(identity.version, 1'700'000'000'000'000'000u);
  EXPECT_EQ(identity.built_ns, 1'700'000'000'000'000'000);
  EXPECT_EQ(identity.count, 3u);
}

TEST(ClamavDefinitions, HaveADigestOfTheirContentAlone) {
  TestFolder folder, twin, other;
  SetTime(folder.Write("a.ndb", kRule), 1'600'000'000);
  SetTime(twin.Write("a.ndb", kRule), 1'700'000'000);
  other.Write("a.ndb", kOtherRule);
  const Started first("definitions=" + folder.path()), second("definitions=" + twin.path()),
      third("definitions=" + other.path());
  EXPECT_EQ(DigestOf(first.vendor), DigestOf(second.vendor));
  EXPECT_NE(DigestOf(first.vendor), DigestOf(third.vendor));
}

TEST(ClamavDefinitions, AreSeenToBeNewerWhenAFileChanges) {
  TestFolder folder;
  folder.Write("a.ndb", kRule);
  const Started clamav("definitions=" + folder.path());
  EXPECT_FALSE(HasNewer(clamav.vendor));
  folder.Write("freshclam.log", "not a definition");
  EXPECT_FALSE(HasNewer(clamav.vendor));
  const std::string added = folder.Write("b.ndb", kOtherRule);
  EXPECT_TRUE(HasNewer(clamav.vendor));
  fs::remove(added);
  EXPECT_FALSE(HasNewer(clamav.vendor));
  SetTime(folder.path() + "/a.ndb", 1'700'000'000);
  EXPECT_TRUE(HasNewer(clamav.vendor));
}

// As freshclam does it: all of the new file under another name, then over the old one.
TEST(ClamavDefinitions, AreSeenToBeNewerOnlyOnceTheNewFileIsInItsPlace) {
  TestFolder folder;
  const std::string file = folder.Write("a.ndb", kRule);
  SetTime(file, 1'600'000'000);
  Started clamav("definitions=" + folder.path());
  const std::string incoming = folder.Write("tmp.0a1b2c", kOtherRule);
  EXPECT_FALSE(HasNewer(clamav.vendor));
  fs::rename(incoming, file);
  EXPECT_TRUE(HasNewer(clamav.vendor));
  EXPECT_THAT(clamav.Scan("here is the first-marker of the test"), Says(VSAPI_VERDICT_INFECTED));
  Started newer("definitions=" + folder.path());
  EXPECT_THAT(newer.Scan("here is the second-marker of the test"), Says(VSAPI_VERDICT_INFECTED));
  EXPECT_THAT(newer.Scan("here is the first-marker of the test"), IsClean());
  EXPECT_FALSE(HasNewer(newer.vendor));
}

TEST(ClamavDefinitions, OfARunningInstanceNeverChange) {
  TestFolder folder;
  folder.Write("a.ndb", kRule);
  Started clamav("definitions=" + folder.path());
  const std::string digest = DigestOf(clamav.vendor);
  folder.Write("b.ndb", kOtherRule);
  EXPECT_EQ(DigestOf(clamav.vendor), digest);
  EXPECT_THAT(clamav.Scan("here is the second-marker of the test"), IsClean());
  Started newer("definitions=" + folder.path());
  EXPECT_THAT(newer.Scan("here is the second-marker of the test"), Says(VSAPI_VERDICT_INFECTED));
  EXPECT_GE(IdentityOf(newer.vendor).version, IdentityOf(clamav.vendor).version);
}

TEST(ClamavDefinitions, AreNotNewerWhenTheirFolderIsGone) {
  TestFolder folder;
  folder.Write("a.ndb", kRule);
  const Started clamav("definitions=" + folder.path());
  fs::remove(folder.path() + "/a.ndb");
  EXPECT_FALSE(HasNewer(clamav.vendor)) << "a new instance could not start";
}

}  // namespace
}  // namespace vsapi::test
