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
  EXPECT_EQ(FlawOf("aGVs\r\nbG8=\r\n", TransferEncoding::kBase64), nullptr);
  EXPECT_EQ(FlawOf("", TransferEncoding::kBase64), nullptr);
  EXPECT_EQ(FlawOf("a=3db= \r\nc=", TransferEncoding::kQuotedPrintable), nullptr);
  EXPECT_EQ(FlawOf("a=b", TransferEncoding::kIdentity), nullptr);
}

TEST(TransferEncoding, FindsWhatMailProgramsDecodeDifferently) {
  EXPECT_STREQ(FlawOf("aGVs!bG8=", TransferEncoding::kBase64), "base64 with foreign characters");
  EXPECT_STREQ(FlawOf("aGVsbG8=aGVs", TransferEncoding::kBase64),
               "base64 that goes on after its end");
  EXPECT_STREQ(FlawOf("aGVsb", TransferEncoding::kBase64), "base64 that is cut off");
  EXPECT_STREQ(FlawOf("a=zz", TransferEncoding::kQuotedPrintable), "broken quoted-printable");
  EXPECT_NE(FlawOf("begin 644 f\n", TransferEncoding::kUuencode), nullptr);
}

}  // namespace
}  // namespace store_sim
