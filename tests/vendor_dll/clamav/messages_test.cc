// SPDX-License-Identifier: Apache-2.0
//
// Messages are taken apart whatever their first field is.
#include "clamav_support.h"

namespace vsapi::test {
namespace {

std::string EicarInZip() { return Zip({{"eicar.com", Eicar()}}); }

// A message of one part, the parts of its header in the order given.
std::string Message(const std::string& first_field, const std::string& line_end = "\r\n") {
  std::string message = first_field + line_end + "X-Second: 2" + line_end +
                        "Content-Type: application/zip" + line_end +
                        "Content-Transfer-Encoding: base64" + line_end + line_end;
  return message + Base64(EicarInZip());
}

TEST(ClamavMessages, AreTakenApartWhateverTheirFirstFieldIs) {
  Started clamav;
  for (const char* first : {"Received: from a", "X-Foo: 1", "x: 1", "X!Foo$: 1", "X-Old : 1",
                            "Content-Language: en", "Y-Folded:\r\n of two lines",
                            "A-Long-Name-"
                            "That-Nobody-Knows-Of-Except-The-One-Who-Made-It-Up-Just-For-This: 1"})
    for (const char* line_end : {"\r\n", "\n"})
      EXPECT_THAT(clamav.Scan(Message(first, line_end)), IsEicar()) << first;
}

TEST(ClamavMessages, AreTakenApartWithOddLinesInTheirHeader) {
  Started clamav;
  EXPECT_THAT(clamav.Scan(Message("X-Foo: 1\r\nthis is no field")), IsEicar());
  EXPECT_THAT(clamav.Scan(Message("X-Foo: 1\r\nX-Html: <html><body>")), IsEicar());
  EXPECT_THAT(clamav.Scan("X-Foo: 1\r\n" + MimeWithAttachment("a.zip", EicarInZip())), IsEicar());
}

TEST(ClamavMessages, AreTakenApartInsideMessages) {
  Started clamav;
  EXPECT_THAT(clamav.Scan(Forwarded(Message("X-Foo: 1"))), IsEicar());
  EXPECT_THAT(clamav.Scan("X-Foo: 1\r\n" + Forwarded(Message("X-Foo: 1"))), IsEicar());
}

TEST(ClamavMessages, AreTakenApartInsideArchivesAndAttachments) {
  Started clamav;
  const std::string message = Message("X-Foo: 1");
  EXPECT_THAT(clamav.Scan(Zip({{"a.txt", "hello"}, {"b.eml", message}})), IsEicar());
  EXPECT_THAT(clamav.Scan(MimeWithAttachment("b.bin", message)), IsEicar());
  const std::string around =
      "X-Bar: 1\r\nContent-Type: application/x\r\nContent-Transfer-Encoding: base64"
      "\r\n\r\n" +
      Base64(message);
  EXPECT_THAT(clamav.Scan(Zip({{"c.eml", around}})), IsEicar());
  EXPECT_THAT(clamav.Scan(TarGz({{"d.zip", Zip({{"c.eml", around}})}})), IsEicar());
}

TEST(ClamavMessages, AreOverLimitWhenTogetherTheyPassMaxScanSize) {
  Started clamav(WithShipped("max_file_size=1M;max_scan_size=1M"));
  const std::string text = "X-Foo: 1\r\n\r\n" + std::string(400'000, 'x');
  EXPECT_THAT(clamav.Scan(Zip({{"1", text}, {"2", text}})), IsClean());
  EXPECT_THAT(clamav.Scan(Zip({{"1", text}, {"2", text}, {"3", text}})),
              Says(VSAPI_VERDICT_OVER_LIMIT));
}

TEST(ClamavMessages, KeepTheirOtherVerdictsWithAnUnknownFirstField) {
  Started clamav(WithShipped("max_recursion=4"));
  const auto scan = [&](const std::string& attachment) {
    return clamav.Scan(
        "X-Foo: 1\r\nX-Bar: 2\r\nContent-Type: application/zip\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" +
        Base64(attachment));
  };
  EXPECT_THAT(scan(EncryptedZip({{"a.txt", "hello"}})), Says(VSAPI_VERDICT_ENCRYPTED));
  EXPECT_THAT(scan(NestedZip("text", 12)), Says(VSAPI_VERDICT_OVER_LIMIT));
  EXPECT_THAT(scan(SevenZip({{"a.txt", "a text of some length"}}, "bzip2")),
              Says(VSAPI_VERDICT_UNSUPPORTED));
  EXPECT_THAT(scan(Zip({{"a.txt", "a text of some length"}})), IsClean());
}

TEST(ClamavMessages, MayStopTheirScanAtAnyLayer) {
  Started clamav;
  Script script{.content = Message("X-Foo: 1"), .cancelled_after = 1};
  EXPECT_THAT(clamav.Scan(script), FailsWith(VSAPI_E_CANCELLED));
}

TEST(ClamavMessages, AreNotSeenInHarmlessTextThatStartsAlike) {
  Started clamav;
  for (const char* text :
       {"Note: read this first.\r\n\r\nThank you.\r\n", "https://example.org/\n\nA link.\n",
        "{\"a\":\n\n1}", "Dear Bob:\n\nAll is well.\n"})
    EXPECT_THAT(clamav.Scan(text), IsClean()) << text;
}

}  // namespace
}  // namespace vsapi::test
