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

}  // namespace
}  // namespace vsapi::test
