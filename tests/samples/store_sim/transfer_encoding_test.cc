// SPDX-License-Identifier: Apache-2.0
#include "transfer_encoding.h"

#include <gtest/gtest.h>

namespace store_sim {
namespace {

TEST(TransferEncoding, IsKnownInAnyCaseAndWithBlanksAround) {
  EXPECT_EQ(ParseTransferEncoding(" BASE64\r\n").encoding, TransferEncoding::kBase64);
  EXPECT_EQ(ParseTransferEncoding("Quoted-Printable").encoding, TransferEncoding::kQuotedPrintable);
  EXPECT_TRUE(ParseTransferEncoding("").known);
  EXPECT_TRUE(ParseTransferEncoding("8bit").known);
}

TEST(TransferEncoding, IsTakenAsIdentityWhenUnknown) {
  const DeclaredEncoding rot13 = ParseTransferEncoding("x-rot13");
  EXPECT_FALSE(rot13.known);
  EXPECT_EQ(rot13.encoding, TransferEncoding::kIdentity);
}

TEST(TransferEncoding, Decodes) {
  EXPECT_EQ(Decode("aGVs\r\nbG8=\r\n", TransferEncoding::kBase64), "hello");
  EXPECT_EQ(Decode("a=3Db=\r\nc", TransferEncoding::kQuotedPrintable), "a=bc");
  EXPECT_EQ(Decode(std::string("a\0b", 3), TransferEncoding::kIdentity), std::string("a\0b", 3));
  EXPECT_EQ(Decode("begin 644 f\n#0V%T\n`\nend\n", TransferEncoding::kUuencode), "Cat");
  EXPECT_EQ(Decode("", TransferEncoding::kBase64), "");
}

TEST(TransferEncoding, FindsNoFlawInProperBytes) {
  EXPECT_EQ(FlawOf("aGVs\r\nbG8=\r\n", TransferEncoding::kBase64).text, nullptr);
  EXPECT_EQ(FlawOf("", TransferEncoding::kBase64).text, nullptr);
  EXPECT_EQ(FlawOf("a=3db=\r\nc=", TransferEncoding::kQuotedPrintable).text, nullptr);
  EXPECT_EQ(FlawOf("a=b", TransferEncoding::kIdentity).text, nullptr);
}

TEST(TransferEncoding, FindsWhatMailProgramsDecodeDifferently) {
  EXPECT_STREQ(FlawOf("aGVs!bG8=", TransferEncoding::kBase64).text,
               "base64 with foreign characters");
  EXPECT_STREQ(FlawOf("aGVsbG8=aGVs", TransferEncoding::kBase64).text,
               "base64 that goes on after its end");
  EXPECT_STREQ(FlawOf("aGVsb", TransferEncoding::kBase64).text, "base64 that is cut off");
  EXPECT_STREQ(FlawOf("a=zz", TransferEncoding::kQuotedPrintable).text, "broken quoted-printable");
  EXPECT_NE(FlawOf("begin 644 f\n", TransferEncoding::kUuencode).text, nullptr);
}

// RFC 2045, 6.7: blanks at the end of a line were added on the way.
TEST(TransferEncoding, LeavesOutBlanksAtTheEndOfALine) {
  constexpr auto kQp = TransferEncoding::kQuotedPrintable;
  for (const char* encoded : {"ab= \r\nc", "ab=\t\nc", "ab= \t \nc", "abc  "}) {
    EXPECT_EQ(Decode(encoded, kQp), "abc") << encoded;
    EXPECT_STREQ(FlawOf(encoded, kQp).text, "quoted-printable with blanks at the end of a line");
  }
  EXPECT_EQ(Decode("a \r\nb\r\n", kQp), "a\r\nb\r\n");
  EXPECT_STREQ(FlawOf("a=\rb", kQp).text, "broken quoted-printable");
}

TEST(TransferEncoding, KnowsWhichFlawsHideBytes) {
  EXPECT_TRUE(FlawOf("aGVsb", TransferEncoding::kBase64).covered);
  EXPECT_FALSE(FlawOf("aGVsbG8=aGVs", TransferEncoding::kBase64).covered);
  EXPECT_TRUE(FlawOf("begin 644 f\n#0V%T\n`\nend\n", TransferEncoding::kUuencode).covered);
  EXPECT_FALSE(FlawOf("begin 644 f\n#0V%T\n", TransferEncoding::kUuencode).covered);
}

}  // namespace
}  // namespace store_sim
