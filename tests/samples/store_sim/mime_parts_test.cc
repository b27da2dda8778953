// SPDX-License-Identifier: Apache-2.0
#include "mime_parts.h"

#include <random>

#include "gmime.h"
#include "mime_support.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// An unclean message must be covered as a whole, and say why.
void ExpectUnclean(const std::string& raw, const std::string& reason) {
  const TakenApart message = TakeApart(raw);
  EXPECT_THAT(message.unclean_reason, HasSubstr(reason));
  ASSERT_FALSE(message.parts.empty());
  EXPECT_EQ(message.parts.front().path, "0");
  EXPECT_EQ(message.parts.front().kind, PartKind::kWhole);
  EXPECT_TRUE(Decode(raw, message.parts.front()) == raw);
}

const std::string kForward =
    "From: =?utf-8?q?J=C3=BCrgen?= <juergen@example.org>\r\n"
    "To: a@example.com, Team: b@example.com, c@example.com;\r\n"
    "Cc: d@example.com\r\n"
    "Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n"
    "Message-ID: <1@example.org>\r\n"
    "Date: Thu, 01 Jan 1970 00:00:10 +0000\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=out\r\n\r\n"
    "This is a multi-part message in MIME format.\r\n"
    "--out\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n"
    "--in\r\nContent-Type: text/plain\r\n\r\nplain\r\n"
    "--in\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "<p>a=3Db</p>=\r\n\r\n--in--\r\n\r\n"
    "--out\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; filename*=utf-8''%C3%BCber.zip\r\n\r\n"
    "UEsDBA==\r\n"
    "--out\r\nContent-Type: message/rfc822\r\n\r\n"
    "Subject: inner\r\nContent-Type: text/plain\r\n\r\ninner text\r\n"
    "--out--\r\n";

TEST(TakeApart, NumbersTheLeavesAsImapDoes) {
  const TakenApart message = TakeApart(kForward);
  EXPECT_EQ(message.unclean_reason, "");
  EXPECT_THAT(Paths(message), ElementsAre("1.1", "1.2", "2", "3.1"));
}

TEST(TakeApart, DecodesEachPartFromItsSpan) {
  const TakenApart message = TakeApart(kForward);
  ASSERT_EQ(message.parts.size(), 4u);
  EXPECT_EQ(Decode(kForward, message.parts[0]), "plain");
  EXPECT_EQ(Decode(kForward, message.parts[1]), "<p>a=b</p>");
  EXPECT_EQ(Decode(kForward, message.parts[2]), "PK\x03\x04");
  EXPECT_EQ(Decode(kForward, message.parts[3]), "inner text");
}

TEST(TakeApart, TellsBodiesFromAttachments) {
  const TakenApart message = TakeApart(kForward);
  ASSERT_EQ(message.parts.size(), 4u);
  EXPECT_EQ(message.parts[1].kind, PartKind::kBody);
  EXPECT_EQ(message.parts[1].content_type, "text/html");
  EXPECT_EQ(message.parts[2].kind, PartKind::kAttachment);
  EXPECT_EQ(message.parts[2].name,
            "\xC3\xBC"
            "ber.zip");
  EXPECT_EQ(message.parts[2].content_type, "application/zip");
}

TEST(TakeApart, TellsBodiesInRichText) {
  const auto kind_of = [](const std::string& header) {
    return TakeApart("MIME-Version: 1.0\r\n" + header + "\r\n\r\n{\\rtf1 hello}\r\n")
        .parts.at(0)
        .kind;
  };
  EXPECT_EQ(kind_of("Content-Type: text/rtf"), PartKind::kRtfBody);
  EXPECT_EQ(kind_of("Content-Type: Text/RTF; charset=us-ascii"), PartKind::kRtfBody);
  EXPECT_EQ(kind_of("Content-Type: text/rtf; name=a.rtf"), PartKind::kAttachment);
  EXPECT_EQ(kind_of("Content-Type: application/rtf"), PartKind::kAttachment);
  EXPECT_EQ(kind_of("Content-Type: text/html"), PartKind::kBody);
}

TEST(TakeApart, ReadsTheDetailsAsUtf8) {
  const MessageDetails details = TakeApart(kForward).details;
  EXPECT_EQ(details.sender, "juergen@example.org");
  EXPECT_EQ(details.subject,
            "Gr\xC3\xBC\xC3\x9F"
            "e");
  EXPECT_EQ(details.message_id, "1@example.org");
  EXPECT_EQ(details.date_ns, 10'000'000'000);
  ASSERT_EQ(details.recipients.size(), 4u);
  EXPECT_EQ(details.recipients[1].address, "b@example.com");
  EXPECT_EQ(details.recipients[3].field, RecipientField::kCc);
}

// GMime's own way to the decoded bytes; it doesn't go into attached messages by itself.
void AppendDecoded(GMimeObject*, GMimeObject* object, gpointer contents) {
  if (GMIME_IS_MESSAGE_PART(object)) {
    GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    return g_mime_message_foreach(inner, AppendDecoded, contents);
  }
  if (!GMIME_IS_PART(object)) return;
  const GObjectPtr<GMimeStream> out(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(object)), out.get());
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out.get()));
  static_cast<std::vector<std::string>*>(contents)->emplace_back(
      reinterpret_cast<const char*>(bytes->data), bytes->len);
}

// The spans are only as good as GMime's own idea of where a content begins and ends.
TEST(TakeApart, DecodesTheSameBytesAsGMimeItself) {
  const ViewStream stream(kForward);
  const GObjectPtr<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const GObjectPtr<GMimeMessage> parsed(g_mime_parser_construct_message(parser.get(), nullptr));
  std::vector<std::string> expected;
  g_mime_message_foreach(parsed.get(), AppendDecoded, &expected);
  std::vector<std::string> actual;
  for (const Part& part : TakeApart(kForward).parts) actual.push_back(Decode(kForward, part));
  EXPECT_EQ(actual, expected);
}

TEST(TakeApart, TakesASimpleMessageAsOneBody) {
  const std::string raw = "Subject: x\n\nhello\n";
  const TakenApart message = TakeApart(raw);
  EXPECT_EQ(message.unclean_reason, "");
  ASSERT_THAT(Paths(message), ElementsAre("1"));
  EXPECT_EQ(Decode(raw, message.parts[0]), "hello\n");
}

TEST(TakeApart, CoversAMessageWithoutHeadersAsAWhole) {
  ExpectUnclean("just some text\nwithout any header\n", "");
  ExpectUnclean("\nbody after an empty header\n", "");
}

TEST(TakeApart, TakesAMessageOfHeadersOnly) {
  for (const std::string raw : {"Subject: x\n", "Subject: x\n\n", "Subject: x"}) {
    EXPECT_EQ(TakeApart(raw).details.subject, "x") << raw;
  }
}

TEST(TakeApart, FindsANulInAHeader) {
  ExpectUnclean(std::string("Subject: a\0b\nFrom: x@example.org\n\nbody\n", 40), "NUL");
}

TEST(TakeApart, FindsLoneCarriageReturns) {
  ExpectUnclean("Subject: x\rContent-Type: text/html\r\rbody\r", "lone carriage return");
}

TEST(TakeApart, FindsMixedLineEnds) {
  ExpectUnclean("Subject: x\r\nFrom: a@example.org\n\r\nbody\r\n", "mixed");
}

TEST(TakeApart, TakesEightBitHeadersAsTheyAre) {
  const TakenApart message = TakeApart(
      "Subject: Gr\xFC\xDF"
      "e\nFrom: a@example.org\n\nbody\n");
  EXPECT_EQ(message.unclean_reason, "");
  EXPECT_TRUE(g_utf8_validate(message.details.subject.c_str(), -1, nullptr));
}

TEST(TakeApart, FindsATruncatedMultipart) {
  const std::string head = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n";
  ExpectUnclean(head + "--b\nContent-Type: text/plain\n\nhello\n", "end is missing");
  ExpectUnclean(head + "no boundary at all\n", "");
  ExpectUnclean("Subject: x\nContent-Type: multipart/mixed\n\n--b\n\nhello\n--b--\n",
                "without boundary");
}

TEST(TakeApart, FindsWhatStandsOutsideOfTheParts) {
  const std::string head = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n";
  const std::string part = "--b\nContent-Type: text/plain\n\nhello\n--b--\n";
  ExpectUnclean(head + std::string(300, 'x') + "\n" + part, "before the first boundary");
  ExpectUnclean(head + part + "hidden\n", "after the last boundary");
  ExpectUnclean("X-Filler: " + std::string(100'000, 'x') + "\n" + head + part, "64 KiB");
}

TEST(TakeApart, FindsTransferEncodingsThatAreUnknownOrBroken) {
  ExpectUnclean("Subject: x\nContent-Transfer-Encoding: x-rot13\n\nuryyb\n", "unknown transfer");
  ExpectUnclean("Subject: x\nContent-Transfer-Encoding: base64\n\naGVs*bG8=\n", "foreign");
}

TEST(TakeApart, FindsContradictingHeaders) {
  ExpectUnclean("Content-Type: text/plain\nContent-Type: text/html\nSubject: x\n\nbody\n", "");
}

std::string Many(int parts) {
  std::string raw = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < parts; ++i)
    raw += "--b\nContent-Type: text/plain\n\n" + std::to_string(i) + "\n";
  return raw + "--b--\n";
}

TEST(TakeApart, TakesTenThousandParts) {
  const std::string raw = Many(10'000);
  const TakenApart message = TakeApart(raw);
  EXPECT_EQ(message.unclean_reason, "");
  ASSERT_EQ(message.parts.size(), 10'000u);
  EXPECT_EQ(Decode(raw, message.parts.back()), "9999");
}

TEST(TakeApart, CoversTheRestOfTooManyPartsAsAWhole) {
  const std::string raw = Many(10'001);
  ExpectUnclean(raw, "more than 10,000 parts");
  EXPECT_EQ(TakeApart(raw).parts.size(), 10'001u);
}

TEST(TakeApart, DoesNotParseWhatWouldTakeTooMuchMemory) {
  std::string boundaries = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 100'001; ++i) boundaries += "--b\n";
  ExpectUnclean(boundaries, "too many lines that may begin a part");
  std::string headers = "Subject: x\nContent-Type: message/rfc822\n\n";
  for (int i = 0; i < 1'000'001; ++i) headers += "a:\n";
  ExpectUnclean(headers, "too many lines that may be header fields");
  ExpectUnclean("Subject: x\nX: " + std::string(2 << 20, 'x') + "\n\nbody\n", "longer than 1 MiB");
  EXPECT_EQ(TakeApart(boundaries).details.subject, "x");
}

// GMime's parser of addresses recurses without a limit of its own.
TEST(TakeApart, SurvivesGroupsOfAddressesWithinGroups) {
  std::string groups;
  for (int i = 0; i < 250'000; ++i) groups += i % 1'000 == 999 ? "g:\n " : "g: ";
  for (const std::string field : {"To: ", "tO : ",
                                  "\xEF\xBB\xBF"
                                  "Cc: ",
                                  "Resent-To: "}) {
    ExpectUnclean(field + groups + "\nSubject: x\n\nbody\n", "groups of addresses");
  }
  const std::string outer = "Subject: outer\nContent-Type: message/rfc822\n\n";
  ExpectUnclean(outer + "Bcc: " + groups + "\n\nbody\n", "groups of addresses");
  EXPECT_EQ(TakeApart(outer + "Bcc: " + groups + "\n\nbody\n").details.subject, "outer");
}

// A mail whose bytes change at random is still covered: by its parts, or as a whole.
TEST(TakeApart, SurvivesBytesThatChange) {
  std::mt19937 random(1);
  for (int round = 0; round < 3'000; ++round) {
    std::string raw = kForward;
    for (unsigned changes = random() % 8 + 1; changes > 0; --changes) {
      raw[random() % raw.size()] =
          "\0\r\n:-=; \xff"
          "a"[random() % 10];
    }
    const TakenApart message = TakeApart(raw);
    ASSERT_FALSE(message.parts.empty());
    for (size_t i = 0; i < message.parts.size(); ++i) ContentOf(raw, message.parts, i);
    ASSERT_EQ(message.unclean_reason.empty(), message.parts.front().path != "0");
  }
}

std::string NestedMultiparts(int levels) {
  std::string raw = "Subject: x\n";
  for (int i = 0; i < levels; ++i) {
    const std::string boundary = "b" + std::to_string(i) + "x";
    raw += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n";
  }
  return raw + "Content-Type: text/plain\n\ndeep\n";
}

std::string NestedMessages(int levels) {
  std::string raw;
  for (int i = 0; i < levels; ++i) raw += "Subject: x\nContent-Type: message/rfc822\n\n";
  return raw + "Subject: x\nContent-Type: text/plain\n\ndeep\n";
}

TEST(TakeApart, SurvivesAThousandNestedLevels) {
  ExpectUnclean(NestedMultiparts(1'000), "");
  const std::string raw = NestedMessages(1'000);
  const TakenApart message = TakeApart(raw);
  ASSERT_FALSE(message.parts.empty());
  EXPECT_THAT(Decode(raw, message.parts.back()), HasSubstr("deep"));
}

TEST(TakeApart, SurvivesAHundredThousandNestedLevels) {
  ExpectUnclean(NestedMultiparts(20'000), "too many levels");
  ExpectUnclean(NestedMessages(100'000), "too many levels");
}

TEST(TakeApart, TakesNothingAtAll) { ExpectUnclean("", ""); }

}  // namespace
}  // namespace store_sim
