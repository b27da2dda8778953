// SPDX-License-Identifier: Apache-2.0
//
// From mail to verdict by the program itself: what is imported, opened, refused, given out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "database.h"
#include "open_fixture.h"
#include "support/samples.h"

namespace store_sim {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

#ifdef VSAPI_CLAMAV_DLL
// Not those of the machine, which may name the same finding otherwise.
const std::string kShipped = " --parameters 'definitions=" CLAMAV_DEFINITIONS_DIR "'";

TEST_F(OpenTest, RefusesEicarInAZipByItsName) {
  Make({vsapi::test::MimeWithAttachment("a.zip", vsapi::test::Zip({{"e", vsapi::test::Eicar()}})),
        Text("fine", "hello")});
  const std::string vendor = " --vendor '" VSAPI_CLAMAV_DLL "'" + kShipped;
  EXPECT_EQ(Run("open s 1 --save saved" + vendor), kInfected) << err_;
  EXPECT_THAT(out_, MatchesRegex("mdb1/1  infected .*[Ee]icar.* in part 2 \\(a.zip\\)\n"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "saved"));
  EXPECT_EQ(Run("open s 2 --save saved" + vendor), kAllowed) << err_;
  EXPECT_EQ(ReadAll(folder_ / "saved"), Text("fine", "hello"));
  EXPECT_EQ(Run("open s --all" + vendor), kAllowed);
  EXPECT_EQ(Row("vendor calls"), 0) << out_;
  ASSERT_EQ(Run("list s"), 0);
  EXPECT_THAT(out_, HasSubstr("replaced by a notice: infected Eicar"));
}

// What samples/demo.sh shows.
TEST_F(OpenTest, FindsEachOfClamAVsTestFilesAmongEverydayMail) {
  std::vector<std::string> names;
  std::string files;
  for (const auto& entry : std::filesystem::directory_iterator(CLAMAV_TESTFILES_DIR)) {
    names.push_back(entry.path().filename());
    files += " '" + entry.path().string() + "'";
  }
  ASSERT_GE(names.size(), 44u);
  ASSERT_EQ(std::system(("'" MAIL_MIX_PROGRAM "' '" + (folder_ / "mail").string() +
                         "' --count 50 --eicar --attach" + files)
                            .c_str()),
            0);
  ASSERT_EQ(Run("init s"), 0);
  ASSERT_EQ(Run("import s mail --no-scan"), 0) << err_;
  EXPECT_EQ(Run("open s --all" + kShipped), kInfected) << err_;
  EXPECT_THAT(out_, HasSubstr(" infected, 0 in progress, 0 unavailable"));
  // What is found is replaced wherever it is, so one message may be clean before it is asked for.
  ASSERT_EQ(Run("list s"), 0);
  EXPECT_EQ(CountOf("replaced by a notice: infected"), names.size() + 4) << out_;
  ASSERT_EQ(Run("report s"), 0) << err_;
  for (const std::string& name : names) {
    // Mail in mail is taken apart: it may be found in the program inside.
    if (name.ends_with(".mail") || name.find(".mbox.") != name.npos) continue;
    EXPECT_THAT(out_, HasSubstr(" in part 2 (" + name + "), "));
  }
  EXPECT_EQ(Run("open s --all" + kShipped), kAllowed);
  EXPECT_EQ(Run("open s --all" + kShipped), kAllowed);
  EXPECT_EQ(Row("vendor calls"), 0) << out_;
  EXPECT_EQ(Run("check s"), 0) << out_;
}

TEST_F(OpenTest, MakesNoMailForANumberOutOfRange) {
  const std::string mix = "'" MAIL_MIX_PROGRAM "' '" + (folder_ / "mail").string() + "' ";
  for (const char* wrong : {"--count -3", "--count 1000001", "--count x", "--seed -1"}) {
    const int status =
        std::system((mix + wrong + " 2>'" + (folder_ / "err").string() + "'").c_str());
    EXPECT_EQ(WEXITSTATUS(status), kUsage) << wrong;
    EXPECT_THAT(ReadAll(folder_ / "err"), HasSubstr(std::string(wrong).substr(0, 6)));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "mail"));
  }
}

TEST_F(OpenTest, FindsTheVendorOfANewStoreByItself) {
  Make({Text("bad", vsapi::test::Eicar())});
  EXPECT_EQ(Run("open s 1"), kInfected) << err_;
}
#endif

TEST_F(OpenTest, RefusesEicarByTheMinimalVendorToo) {
  Make({vsapi::test::MimeWithAttachment("e.com", vsapi::test::Eicar())});
  EXPECT_EQ(Run("open s 1 --vendor '" VSAPI_MINIMAL_VENDOR "'"), kInfected) << err_;
}

TEST_F(OpenTest, GivesBackCleanMessagesByteForByte) {
  const std::vector<std::string> raws = {
      Text("1", "hello"), "Subject: crlf\r\n\r\nbody without an end",
      std::string("Subject: nul\n\n\0\xff\r\n", 18),
      vsapi::test::MimeWithAttachment("noise.bin", vsapi::test::Noise(300'000))};
  Make(raws);
  for (size_t i = 0; i < raws.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    ASSERT_EQ(OpenBy("good", number + " --save " + number + ".eml"), kAllowed) << err_;
    EXPECT_EQ(ReadAll(folder_ / (number + ".eml")), raws[i]);
  }
}

// A forwarded mail, as an attachment in base64, whose own attachment is base64 again.
TEST_F(OpenTest, OpensForwardedMessagesByAllTheirParts) {
  const auto forward = [](const std::string& content) {
    const std::string inner =
        "Subject: inner\nContent-Type: application/zip; name=a.zip\n"
        "Content-Transfer-Encoding: base64\n\n" +
        vsapi::test::Base64(content) + "\n";
    return "Subject: Fwd\nContent-Type: application/octet-stream; name=x.eml\n"
           "Content-Transfer-Encoding: base64\n\n" +
           vsapi::test::Base64(inner) + "\n";
  };
  Make({forward("INFECTED:A.B"), forward("fine")});
  EXPECT_EQ(OpenBy("good", "1"), kInfected);
  EXPECT_EQ(out_, "mdb1/1  infected A.B in part 1.1 (a.zip)\n");
  EXPECT_EQ(OpenBy("good", "2 --save saved"), kAllowed) << out_ << err_;
  EXPECT_EQ(ReadAll(folder_ / "saved"), forward("fine"));
  EXPECT_EQ(OpenBy("good", "--all"), kAllowed);
  EXPECT_EQ(OpenBy("good", "--all"), kAllowed);
  EXPECT_EQ(Row("vendor calls"), 0) << out_;
}

TEST_F(OpenTest, CallsNoVendorTheSecondTime) {
  std::vector<std::string> raws;
  for (int i = 0; i < 100; ++i)
    raws.push_back(Text(std::to_string(i), "body " + std::to_string(i)));
  raws.push_back(Text("bad", "INFECTED:Test.A"));
  raws.push_back(Text("secret", "ENCRYPTED"));
  raws.push_back(Text("large", "OVERLIMIT"));
  Make(raws);
  EXPECT_EQ(OpenBy("good", "--all"), kInfected) << err_;
  EXPECT_EQ(Row("vendor calls"), 103) << out_;
  EXPECT_EQ(Row("messages"), 103);
  EXPECT_THAT(out_, HasSubstr("103: 101 allowed, 2 infected, 0 in progress, 0 unavailable"));
  EXPECT_EQ(Row("  clean"), 100);
  EXPECT_EQ(Row("  infected"), 1);
  EXPECT_THAT(out_, HasSubstr("1  Test.A"));
  EXPECT_THAT(out_, HasSubstr("encrypted 1, over limit 1"));
  EXPECT_THAT(out_, HasSubstr("mdb1/103  over limit Limit.Test in part 1"));
  EXPECT_THAT(out_, Not(HasSubstr("allowed\n")));
  EXPECT_EQ(OpenBy("good", "--all --verbose"), kInfected);  // over limit
  EXPECT_EQ(Row("vendor calls"), 0) << out_;
  EXPECT_EQ(Row("stamp hits"), 103) << out_;
  EXPECT_THAT(out_, HasSubstr("mdb1/1  allowed\n"));
  EXPECT_THAT(out_, HasSubstr("mdb1/102  allowed, not judged in 1 of 1 parts: encrypted"));
}

TEST_F(OpenTest, ScansAnUncleanMessageAsAWholeToo) {
  const std::string mixed = "X-Mixed: ends\r\n";
  Make({mixed + "X-Hidden: INFECTED:Only.Whole\nSubject: x\n\nharmless\n",
        mixed + Text("fine", "hello")});
  EXPECT_EQ(OpenBy("good", "1"), kInfected) << err_;
  EXPECT_EQ(out_, "mdb1/1  infected Only.Whole in the whole message\n");
  EXPECT_EQ(OpenBy("good", "2"), kAllowed) << err_;
}

TEST_F(OpenTest, KeepsFromClientsWhatNoPartCovers) {
  const std::string head = "Subject: x\nContent-Type: message/partial; id=q; number=1\n\n";
  Make({head + "harmless\n", head + "INFECTED:A\n"});
  EXPECT_EQ(OpenBy("good", "1 --save saved"), kUnavailable) << err_;
  EXPECT_EQ(out_,
            "mdb1/1  unavailable: malformed: could not be taken apart: a message in a part that is "
            "not taken apart\n");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "saved"));
  EXPECT_EQ(OpenBy("good", "2"), kInfected) << err_;
  EXPECT_EQ(OpenBy("good", "--all"), kUnavailable);
  EXPECT_THAT(out_, HasSubstr("2: 1 allowed, 0 infected, 0 in progress, 1 unavailable"));
  ASSERT_EQ(Run("show s 1"), 0);
  EXPECT_THAT(out_, HasSubstr("could not be taken apart: a message"));
}

TEST_F(OpenTest, LeavesTheUsersFileWhereNothingCanBeWritten) {
  Make({Text("1", "hello")});
  folder_.Write("saved", "mine");
  EXPECT_EQ(Run("open s 1 --save saved" + Vendor("good"), "trap '' XFSZ; ulimit -f 0;"), kFailed);
  EXPECT_EQ(ReadAll(folder_ / "saved"), "mine");
  EXPECT_EQ(OpenBy("good", "1 --save saved"), kAllowed) << err_;
  EXPECT_EQ(ReadAll(folder_ / "saved"), Text("1", "hello"));
}

TEST_F(OpenTest, KeepsAVerdictByNameToTheOneItem) {
  Make({vsapi::test::MimeWithAttachment("blocked.exe", "the same bytes"),
        vsapi::test::MimeWithAttachment("fine.txt", "the same bytes")});
  EXPECT_EQ(OpenBy("good", "1"), kInfected) << err_;
  EXPECT_THAT(out_, HasSubstr("blocked Name.Test in part 2 (blocked.exe)"));
  EXPECT_EQ(OpenBy("good", "2"), kAllowed) << out_;
  EXPECT_EQ(OpenBy("good", "1"), kAllowed);
  ASSERT_EQ(Run("show s 1"), 0);
  EXPECT_THAT(out_, HasSubstr("(blocked.exe) replaced by a notice: blocked Name.Test"));
}

TEST_F(OpenTest, GivesOutWhatTheVendorCleaned) {
  Make({Text("bad", "CLEANED word"), vsapi::test::MimeWithAttachment("a.doc", "CLEANED word")});
  EXPECT_EQ(OpenBy("good", "1 --save saved"), kAllowed) << out_;
  EXPECT_EQ(out_, "mdb1/1  allowed\n");
  EXPECT_THAT(ReadAll(folder_ / "saved"), HasSubstr("\n\nIHdvcmQK\n"));
  EXPECT_EQ(OpenBy("good", "--all"), kAllowed) << out_;
  EXPECT_EQ(OpenBy("good", "--all"), kAllowed) << out_;
  EXPECT_EQ(Row("vendor calls"), 0) << out_;
}

TEST_F(OpenTest, TellsTheWorstByItsExitStatus) {
  Make({Text("1", "HANG"), Text("2", "hello"), Text("3", "INFECTED:A")});
  EXPECT_EQ(OpenBy("hang", "2"), kAllowed);
  EXPECT_EQ(OpenBy("hang", "1 2 --timeout 0.2"), kInProgress);
  EXPECT_EQ(out_, "mdb1/1  in progress: timed out in part 1\nmdb1/2  allowed\n");
  EXPECT_EQ(OpenBy("hang", "1 2 3 --timeout 0.2"), kInfected);
  EXPECT_EQ(OpenBy("hang", "2 --quiet"), kAllowed);
  EXPECT_EQ(out_ + err_, "");
}

TEST_F(OpenTest, IsUnavailableWhereTheVendorFails) {
  Make({Text("1", "LIE")});
  EXPECT_EQ(OpenBy("lie", "1"), kUnavailable);
  EXPECT_EQ(out_, "mdb1/1  unavailable: scan failed in part 1\n");
  EXPECT_THAT(err_, HasSubstr("error 1030"));
  ASSERT_EQ(Run("show s 1"), 0);
  EXPECT_THAT(out_, HasSubstr("not scanned; tried 1 times"));
}

TEST_F(OpenTest, ReleasesEverythingAndSaysSoWhereScanningIsOff) {
  Make({Text("1", "INFECTED:A")});
  folder_.Write("s/virusscan.reg",
                "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\"
                "CurrentControlSet\\Services\\MSExchangeIS\\VirusScan]\n\"Enabled\"=dword:0\n");
  EXPECT_EQ(Run("open s 1"), kAllowed);
  EXPECT_EQ(out_, "mdb1/1  allowed, not judged in 1 of 1 parts: scanning is off\n");
}

TEST_F(OpenTest, LetsOutWhatTheSettingsOfOpeningSay) {
  Make({Text("1", "INFECTED:A"),
        "Subject: rich\nMIME-Version: 1.0\nContent-Type: text/rtf\n\n{\\rtf1 INFECTED:B}\n",
        Text("3", "harmless")});
  Database(folder_ / "s/mdb1.db", Access::kWrite)
      .Run("UPDATE messages SET received_ns = 1 WHERE id = 1");
  ASSERT_EQ(OpenBy("good", "3 --parameters version=1"), kAllowed) << err_;
  for (const char* setting :
       {"OnAccessScanningRollingLowerAgeLimit 3600", "ScanRTF 0", "OnAccessThresholdVersion 1"})
    ASSERT_EQ(Run(std::string("settings s set ") + setting), 0) << err_;
  EXPECT_EQ(OpenBy("good", "1 2 3 --verbose --parameters version=2"), kAllowed) << err_;
  EXPECT_THAT(out_, HasSubstr("mdb1/1  allowed, not judged in 1 of 1 parts: too old to be"));
  EXPECT_THAT(out_, HasSubstr("mdb1/2  allowed, not judged in 1 of 1 parts: bodies in rich text"));
  EXPECT_THAT(out_, HasSubstr("mdb1/3  allowed, not judged in 1 of 1 parts: its old stamp"));
  for (const char* setting :
       {"OnAccessScanningRollingLowerAgeLimit 0", "ScanRTF 1", "OnAccessThresholdVersion 0"})
    ASSERT_EQ(Run(std::string("settings s set ") + setting), 0) << err_;
  EXPECT_EQ(OpenBy("good", "1 --parameters version=2"), kInfected);
  EXPECT_EQ(OpenBy("good", "2 --parameters version=2"), kInfected);
  EXPECT_EQ(OpenBy("good", "3 --parameters version=2"), kAllowed);
  EXPECT_EQ(out_, "mdb1/3  allowed\n");
}

TEST_F(OpenTest, ScansWhileImporting) {
  constexpr int kMessages = 2'000;  // several batches, so that there is time to scan the first ones
  for (int i = 0; i < kMessages; ++i) {
    const std::string number = std::to_string(i);
    folder_.Write("mail/" + number, Text(number, "INFECTED:Early." + number));
  }
  ASSERT_EQ(Run("init s"), 0);
  const std::string settings = ReadAll(folder_ / "s/virusscan.reg");
  std::string changed = settings;
  changed.replace(changed.find("vsapi_clamav.so"), 15, VSAPI_TEST_VENDORS_DIR "/good.so");
  folder_.Write("s/virusscan.reg", changed);
  ASSERT_EQ(Run("import s mail"), 0) << err_;
  int fresh = 0, queued = 0, scanned = 0, infected = 0, left = 0;
  const size_t line = err_.find("contents: ");
  ASSERT_NE(line, std::string::npos) << err_;
  ASSERT_EQ(
      std::sscanf(err_.c_str() + line,
                  "contents: %d new, %d queued for scanning, %d scanned (%d infected), %d left",
                  &fresh, &queued, &scanned, &infected, &left),
      5)
      << err_;
  EXPECT_EQ(fresh, kMessages);
  EXPECT_GE(queued, 30);
  EXPECT_GE(scanned, 1);
  EXPECT_EQ(infected, scanned);
  EXPECT_EQ(left, kMessages - scanned);
  EXPECT_EQ(OpenBy("good", "--all"), left > 0 ? kInfected : kAllowed);
  EXPECT_EQ(Row("vendor calls"), left) << out_;
  // A notice stands in each of them: they are other messages now.
  ASSERT_EQ(Run("import s mail --no-scan"), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("2000 stored"));
  ASSERT_EQ(Run("import s mail --no-scan"), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("0 stored (0 malformed), 2000 known already"));
}

TEST_F(OpenTest, OpensAMessageOfTenThousandPartsAndOneOfAThousandLevels) {
  std::string wide =
      "Subject: wide\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 10'000; ++i) wide += "--b\n\npart " + std::to_string(i) + "\n";
  wide += "--b--\n";
  std::string deep = "Subject: deep\nMIME-Version: 1.0\n";
  for (int i = 0; i < 1'000; ++i) {
    const std::string boundary = "b" + std::to_string(i);
    deep += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n";
  }
  deep += "\nINFECTED:Deep\n";
  folder_.Write("mail/1", wide);
  folder_.Write("mail/2", deep);
  ASSERT_EQ(Run("init s"), 0);
  ASSERT_EQ(Run("import s mail --no-scan"), 0) << err_;
  EXPECT_EQ(OpenBy("good", "1"), kAllowed) << err_;
  EXPECT_EQ(OpenBy("good", "2"), kInfected) << err_;
  EXPECT_EQ(OpenBy("good", "--all"), kAllowed);
  EXPECT_EQ(OpenBy("good", "--all"), kAllowed);
  EXPECT_GE(Row("items"), 10'000) << out_;
  EXPECT_EQ(Row("vendor calls"), 0);
}

TEST_F(OpenTest, TellsWrongUse) {
  Make({Text("1", "hello"), Text("2", "hello")});
  EXPECT_EQ(Run("open s"), kUsage);
  EXPECT_EQ(Run("open s 1 --all"), kUsage);
  EXPECT_EQ(Run("open s 1 2 --save x"), kUsage);
  EXPECT_EQ(Run("open s 1 --client carrier-pigeon"), kUsage);
  EXPECT_EQ(OpenBy("good", "9"), kFailed);
  EXPECT_THAT(err_, HasSubstr("there is no such message"));
  EXPECT_EQ(OpenBy("good", "1 --save /nowhere/file"), kFailed);
  EXPECT_THAT(err_, HasSubstr("/nowhere/file: can't be written"));
}

}  // namespace
}  // namespace store_sim
