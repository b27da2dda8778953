// SPDX-License-Identifier: Apache-2.0
//
// Which definitions the libclamav vendor refuses, and what it does without any.
#include <cstdlib>
#include <map>

#include "clamav_support.h"
#include "own_mounts.h"

namespace vsapi::test {
namespace {

const std::string kRule = "Test.One:0:*:" + HexOf("first-marker") + "\n";

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
  rules.Write("notes", "no definition");
  rules.Write("wrong.yar", "import \"pe\"\nrule a { condition: pe.is_pe }\n");
  ExpectNoStart(rules.path(), "wrong.yar");
}

TEST(ClamavDefinitions, MustHoldASignature) {
  TestFolder folder;
  folder.Write("comment.ndb", "# nothing here\n");
  ExpectNoStart(folder.path(), "it holds no signature");
}

constexpr char kInstalled[] = "/var/lib/clamav";  // libclamav's own folder, as Debian builds it

void ExpectTestFilesAlone() {
  Started clamav("");
  EXPECT_TRUE(clamav.vendor.Logged(VSAPI_LOG_WARNING,
                                   "no virus definitions installed: only test "
                                   "files will be found; install"))
      << clamav.vendor.LogText();
  EXPECT_THAT(clamav.Scan(Eicar()), IsEicar());
  const std::string exe = ReadFile(fs::path(CLAMAV_TESTFILES_DIR) / "clam.exe");
  EXPECT_THAT(clamav.Scan(exe), Says(VSAPI_VERDICT_INFECTED));
  EXPECT_EQ(IdentityOf(clamav.vendor).version, 1u) << "any real definitions are newer";
  EXPECT_EQ(IdentityOf(clamav.vendor).built_ns, 0);
  EXPECT_FALSE(HasNewer(clamav.vendor));
}

// What is installed on this machine is covered up, in a child whose mounts end with it.
TEST(ClamavDefinitions, FallBackToTestFilesWithALoudWarning) {
  const auto in_child = [] {
    if (fs::exists(kInstalled) && HasOwnMounts()) MountEmpty(kInstalled, 0, "size=1m");
    ExpectTestFilesAlone();
    std::_Exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace vsapi::test
