// SPDX-License-Identifier: Apache-2.0
//
// Definitions in plain files: each format does what it is for, and none switches the rest off.
#include "clamav_support.h"

namespace vsapi::test {
namespace {

const std::string kMarkerRule = "Test.Rule:0:*:" + HexOf("first-marker") + "\n";

// A link that shows another site than it leads to.
std::string MailWithAFalseLink() {
  return "From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<html><body>"
         "<a href=\"http://evil.test/login\">http://www.mybank.test/</a></body></html>\r\n";
}

std::string Hash(const EVP_MD* by, const std::string& bytes, const std::string& name) {
  return HashOf(by, bytes) + ":" + std::to_string(bytes.size()) + ":" + name + "\n";
}

// Of the only section of a program: its size comes first.
std::string SectionHash(const EVP_MD* by, const std::string& name) {
  return "512:" + HashOf(by, TestFile().substr(0, 512)) + ":" + name + "\n";
}

struct Format {
  std::string file;
  std::string line;
  std::string content;
  std::string finding;
};

TEST(ClamavFormats, FindWhatTheyAreFor) {
  const std::string marked = kMarked;
  const std::vector<Format> formats = {
      {"a.db", "Test.Old=" + HexOf("first-marker") + "\n", marked, "Test.Old.UNOFFICIAL"},
      {"a.ndb", kMarkerRule, marked, "Test.Rule.UNOFFICIAL"},
      {"a.ldb",
       "Test.L;Engine:51-255,Target:0;0&1;" + HexOf("first") + ";" + HexOf("marker") + "\n", marked,
       "Test.L.UNOFFICIAL"},
      {"a.hdb", Hash(EVP_md5(), marked, "Test.Md5"), marked, "Test.Md5.UNOFFICIAL"},
      {"a.hsb", Hash(EVP_sha256(), marked, "Test.Sha256"), marked, "Test.Sha256.UNOFFICIAL"},
      {"a.mdb", SectionHash(EVP_md5(), "Test.Section"), TestFile(), "Test.Section.UNOFFICIAL"},
      {"a.msb", SectionHash(EVP_sha256(), "Test.Section"), TestFile(), "Test.Section.UNOFFICIAL"},
      {"a.cdb", "Test.Member:CL_TYPE_ZIP:*:invoice\\.exe:*:*:*:*:*:*\n",
       Zip({{"invoice.exe", marked}}), "Test.Member.UNOFFICIAL"},
      {"a.pdb", "H:www.mybank.test\n", MailWithAFalseLink(),
       "Heuristics.Phishing.Email.SpoofedDomain"},
      {"a.yar", "rule R { strings: $a = \"first-marker\" condition: $a }\n", marked,
       "YARA.R.UNOFFICIAL"}};
  for (const Format& format : formats) {
    TestFolder folder;
    folder.Write(format.file, format.line);
    Started clamav("definitions=" + folder.path());
    const Outcome outcome = clamav.Scan(format.content);
    EXPECT_THAT(outcome.names(), testing::ElementsAre(format.finding)) << format.file;
    EXPECT_EQ(outcome.scope, VSAPI_SCOPE_CONTENT) << "names inside a content are part of it";
    EXPECT_THAT(clamav.Scan("a text that is harmless"), IsClean()) << format.file;
    EXPECT_THAT(clamav.Scan(Eicar()), IsEicar()) << format.file;
  }
}

// What passes something that other definitions would find.
TEST(ClamavFormats, PassWhatTheyAreFor) {
  const std::string marked = kMarked;
  const std::vector<Format> formats = {
      {"a.fp", Hash(EVP_md5(), marked, "Fine"), marked, "a.ndb"},
      {"a.sfp", Hash(EVP_sha256(), marked, "Fine"), marked, "a.ndb"},
      {"a.ign2", "Test.Rule\n", marked, "a.ndb"},
      {"a.wdb", "M:evil.test:www.mybank.test\n", MailWithAFalseLink(), "a.pdb"}};
  for (const Format& format : formats) {
    TestFolder folder;
    folder.Write("a.ndb", kMarkerRule);
    folder.Write("a.pdb", "H:www.mybank.test\n");
    folder.Write("other.ndb", "Test.Other:0:*:" + HexOf("second-marker") + "\n");
    Started clamav("definitions=" + folder.path());
    EXPECT_THAT(clamav.Scan(format.content), testing::Not(IsClean())) << format.file;
    folder.Write(format.file, format.line);
    Started passing("definitions=" + folder.path());
    EXPECT_THAT(passing.Scan(format.content), IsClean()) << format.file;
    EXPECT_THAT(passing.Scan("the second-marker"), Says(VSAPI_VERDICT_INFECTED)) << format.file;
    EXPECT_NE(DigestOf(passing.vendor), DigestOf(clamav.vendor)) << format.file;
  }
}

// Empty ones of all formats; some of them libclamav would load as no signatures at all.
TEST(ClamavFormats, ThatHoldNothingAreRefusedOrLeaveTheOthersAlone) {
  for (const char* name :
       {"a.db",   "a.ndb", "a.ldb",  "a.hdb", "a.hsb", "a.mdb", "a.msb", "a.fp",  "a.sfp",
        "a.ign2", "a.cdb", "a.pdb",  "a.wdb", "a.ftm", "a.cfg", "a.crb", "a.idb", "a.pwdb",
        "a.gdb",  "a.yar", "a.yara", "a.cbc", "a.cvd", "a.cld", "a.cud"}) {
    TestFolder folder;
    folder.Write("good.ndb", kMarkerRule);
    folder.Write(name, "");
    VendorInstance vendor(Dll(), "definitions=" + folder.path());
    if (vendor.Start() != VSAPI_OK) {
      EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, name)) << vendor.LogText();
      continue;
    }
    VendorSession session(vendor);
    EXPECT_THAT(session.Scan(kMarked), Says(VSAPI_VERDICT_INFECTED)) << name;
    EXPECT_THAT(session.Scan(MimeWithAttachment("a.zip", Zip({{"eicar.com", Eicar()}}))), IsEicar())
        << name;
  }
}

// One file type of one's own replaces libclamav's whole list, a switch takes a parser away: mail
// would be plain data, and clean.
TEST(ClamavFormats, ThatKeepMailFromBeingTakenApartAreRefused) {
  const std::vector<std::pair<std::string, std::string>> disarming = {
      {"own.ftm", "0:0:4d594d41:Mine:CL_TYPE_ANY:CL_TYPE_ZIP\n"},
      {"own.cfg", "MAIL:0x0:1:255\n"},
      {"own.cfg", "ARCHIVE:0x0:1:255\n"},
      {"own.fp", Hash(EVP_md5(), Eicar(), "Fine")}};
  for (const auto& [name, line] : disarming) {
    TestFolder folder;
    folder.Write("good.ndb", kMarkerRule);
    folder.Write(name, line);
    VendorInstance vendor(Dll(), "definitions=" + folder.path());
    EXPECT_EQ(vendor.Start(), VSAPI_E_INTERNAL) << name;
    EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, "EICAR is not found in a zip in a message"))
        << name << vendor.LogText();
  }
}

}  // namespace
}  // namespace vsapi::test
