// SPDX-License-Identifier: Apache-2.0
//
// Which messages are covered beyond doubt, and which could hide something from the scan.
#include "mime_support.h"
#include "support/samples.h"

namespace store_sim {
namespace {

using ::testing::HasSubstr;

const std::string kHead = "From: a@example.org\nSubject: x\nMIME-Version: 1.0\n";
const std::string kMixed = kHead + "Content-Type: multipart/mixed; boundary=\"b1\"\n\n";
const std::string kText = "--b1\nContent-Type: text/plain\n\nhello\n";
const std::string kZip =
    "--b1\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\nUEsDBA==\n";
const std::string kEnd = "--b1--\n";
const std::string kUu = "begin 644 cat.txt\n#0V%T\n`\nend\n";

std::string Typed(const std::string& fields, const std::string& content) {
  return kHead + fields + "\n\n" + content;
}

void ExpectDoubtful(const std::string& raw, const std::string& reason) {
  const TakenApart message = TakeApart(raw);
  EXPECT_TRUE(message.covered) << message.unclean_reason;
  EXPECT_THAT(message.unclean_reason, HasSubstr(reason));
}

void ExpectClean(const std::string& raw) {
  const TakenApart message = TakeApart(raw);
  EXPECT_EQ(message.unclean_reason, "") << raw.substr(0, 400);
  EXPECT_TRUE(message.covered);
}

TEST(Covered, HoldsForEverydayMail) {
  ExpectClean(kMixed + kText + kZip + kEnd);
  ExpectClean(kMixed + "This is a multi-part message in MIME format.\n" + kText + kEnd);
  ExpectClean(kHead +
              "Content-Type: multipart/mixed;\n boundary=----=_Part_1; x=y\n\n"
              "------=_Part_1\n\nhello\n------=_Part_1--\n");
  ExpectClean(kHead +
              "Content-Type: multipart/mixed; boundary=\"=_boundary a\"\n\n"
              "--=_boundary a\n\nhello\n-- \nme\n--=_boundary a--\n");
  ExpectClean(Typed("Content-Type: text/plain", "begin the day well\nbegin 64 times\n"));
}

TEST(Covered, FailsForMessagesInPieces) {
  const std::string reason = "a message in a part";
  ExpectNotCovered(Typed("Content-Type: message/partial; id=\"q\"; number=1; total=2", "x\n"),
                   reason);
  ExpectNotCovered(Typed("Content-Type: message/external-body; access-type=x", "\nx\n"), reason);
}

TEST(Covered, HoldsForReportsOfDelivery) {
  ExpectClean(kHead + "Content-Type: multipart/report; boundary=b1\n\n" + kText +
              "--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
              "--b1\nContent-Type: text/rfc822-headers\n\nSubject: y\nMIME-Version: 1.0\n" +
              kEnd);
}

TEST(Covered, FailsForReportsThatHoldParts) {
  ExpectNotCovered(Typed("Content-Type: message/delivery-status", kText + kZip + kEnd), "a report");
}

TEST(Covered, FailsForEncodedMultiparts) {
  for (const char* encoding : {"base64", "quoted-printable", "x-odd"}) {
    ExpectNotCovered(kHead + "Content-Transfer-Encoding: " + encoding +
                         "\nContent-Type: multipart/mixed; boundary=b1\n\n" + kText + kEnd,
                     "an encoded multipart");
  }
  ExpectClean(kHead +
              "Content-Transfer-Encoding: 8bit\nContent-Type: multipart/mixed; "
              "boundary=b1\n\n" +
              kText + kEnd);
}

TEST(Covered, FailsForHeaderFieldsThatContradictEachOther) {
  const std::string zip = "Content-Type: application/zip\nContent-Transfer-Encoding: ";
  ExpectNotCovered(Typed(zip + "7bit\nContent-Transfer-Encoding: base64", "UEsDBA==\n"),
                   "contradict");
  ExpectNotCovered(Typed(zip + "base64\nContent-Transfer-Encoding: 7bit", "UEsDBA==\n"),
                   "contradict");
  ExpectNotCovered(Typed(zip + "base 64", "UEsDBA==\n"), "unknown transfer encoding");
  ExpectNotCovered(Typed("Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b1",
                         kText + kZip + kEnd),
                   "contradict");
}

TEST(Covered, FailsForBoundariesInDoubt) {
  const std::string body = "--b2\nContent-Type: text/plain\n\n" + kText + kZip + kEnd + "--b2--\n";
  for (const char* parameters :
       {"boundary=b2; boundary=b1", "boundary=\"b2\"; boundary*0=\"b1\"",
        "boundary*=us-ascii''b1; boundary=b2", "x=y (; boundary=b1); boundary=b2",
        "boundary=\"b\\2\"", "boundary*=us-ascii''b%32"}) {
    ExpectNotCovered(Typed(std::string("Content-Type: multipart/mixed; ") + parameters, body), "");
  }
  ExpectNotCovered(Typed("Content-Type: multipart/mixed", body), "without boundary");
}

TEST(Covered, FailsForLinesThatAreAlmostABoundary) {
  ExpectNotCovered(kMixed + kText + "--b1junk\n" + kZip + kEnd, "begins like a boundary");
  ExpectNotCovered(kMixed + kText + "--b123\n\nhello\n" + kEnd, "begins like a boundary");
  ExpectClean(kMixed + kText + "--b\n--c1\n -- b1\n" + kEnd);
}

TEST(Covered, DependsOnWhatStandsOutsideOfTheParts) {
  ExpectDoubtful(kMixed + "hello before\n" + kText + kEnd, "before the first boundary");
  ExpectNotCovered(kMixed + kUu + kText + kEnd, "before the first boundary");
  ExpectDoubtful(kMixed + kText + kEnd + "\n____\nlist footer\n", "after the last boundary");
  ExpectNotCovered(kMixed + kText + kEnd + "\n" + kZip + kEnd, "after the last boundary");
}

TEST(Covered, HoldsForAUuencodedFileInATextWhichIsAPartOfItsOwn) {
  for (const std::string& head :
       {kHead + "Content-Type: text/plain\n", std::string("Subject: x\n")}) {
    const std::string raw = head + "\nhello\n" + kUu + "bye\n";
    ExpectDoubtful(raw, "a uuencoded file in a text");
    const Part file = TakeApart(raw).parts.back();
    EXPECT_EQ(file.path, "1.1");
    EXPECT_EQ(file.name, "cat.txt");
    EXPECT_EQ(Decode(raw, file), "Cat");
  }
}

TEST(Covered, FailsForOtherFilesInTexts) {
  const std::string text = "Content-Type: text/plain";
  const std::string base64 = text + "\nContent-Transfer-Encoding: base64";
  ExpectNotCovered(Typed(text, "hello\nbegin 644 a\nnonsense\nend\n"), "does not keep the rules");
  ExpectNotCovered(Typed(text, "hello\nbegin 0644 a\n#0V%T\n"), "does not keep the rules");
  ExpectNotCovered(Typed(base64, vsapi::test::Base64("hello\n" + kUu)), "in an encoded text");
  ExpectNotCovered(Typed(text, "=ybegin line=128 size=3 name=a\nxyz\n=yend size=3\n"), "yEnc");
  ExpectNotCovered(Typed(text, "(This file must be converted with BinHex 4.0)\n:x:\n"), "BinHex");
}

TEST(Covered, FailsWhereQuotedPrintableCanHideAFile) {
  const std::string encoding = "\nContent-Transfer-Encoding: quoted-printable";
  const std::string zip = "Content-Type: application/zip" + encoding;
  ExpectNotCovered(Typed(zip, "PK=03= \n=04\n"), "blanks at the end");
  ExpectNotCovered(Typed(zip, "PK=03=zz\n"), "broken");
  ExpectNotCovered(Typed("Content-Type: text/plain" + encoding, "he= \tllo\n"), "broken");
  ExpectDoubtful(Typed("Content-Type: text/plain" + encoding, "he=zzllo\n"), "broken");
  ExpectDoubtful(Typed("Content-Type: text/plain" + encoding, "hello \n"), "blanks at the end");
}

TEST(Covered, FailsWhereTheMessageIsNotTakenApart) {
  ExpectNotCovered("X: " + std::string(1'200'000, 'x') + "\n" + kMixed + kText + kEnd, "1 MiB");
  ExpectNotCovered("Subject: x\rContent-Type: text/html\n\nbody\n", "lone carriage return");
}

}  // namespace
}  // namespace store_sim
