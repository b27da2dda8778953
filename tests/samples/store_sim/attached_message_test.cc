// SPDX-License-Identifier: Apache-2.0
//
// Messages that are attached as files or encoded as a whole: each part of them is a part of the
// message that holds them, so that a forwarded mail is neither refused nor let out unscanned.
#include <random>

#include "mime_support.h"
#include "support/samples.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::vsapi::test::Base64;

const std::string kInner =
    "From: b@example.org\nSubject: inner\nMIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=in\n\n"
    "--in\nContent-Type: text/plain\n\ninner text\n"
    "--in\nContent-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\n"
    "UEsDBA==\n--in--\n";

// A message whose second part has these header fields and this content.
std::string Carrying(const std::string& fields, const std::string& content) {
  return "From: a@example.org\nSubject: Fwd: inner\nMIME-Version: 1.0\n"
         "Content-Type: multipart/mixed; boundary=out\n\n"
         "--out\nContent-Type: text/plain\n\nsee below\n"
         "--out\n" +
         fields + "\n\n" + content + "\n--out--\n";
}

std::string InBase64(const std::string& type, const std::string& content) {
  return Carrying("Content-Type: " + type + "\nContent-Transfer-Encoding: base64", Base64(content));
}

std::string Uuencoded(std::string_view bytes) {
  std::string lines;
  for (size_t at = 0; at < bytes.size(); at += 45) {
    const std::string_view piece = bytes.substr(at, 45);
    lines += static_cast<char>(' ' + piece.size());
    for (size_t i = 0; i < piece.size(); i += 3) {
      uint32_t three = 0;
      for (size_t k = i; k < i + 3; ++k) {
        three = three << 8 | (k < piece.size() ? static_cast<unsigned char>(piece[k]) : 0);
      }
      for (const int shift : {18, 12, 6, 0})
        lines += static_cast<char>(' ' + (three >> shift & 63));
    }
    lines += '\n';
  }
  return lines;
}

std::vector<std::string> Contents(const std::string& raw) {
  const TakenApart message = TakeApart(raw);
  std::vector<std::string> contents;
  for (size_t i = 0; i < message.parts.size(); ++i) {
    contents.push_back(ContentOf(raw, message.parts, i));
  }
  return contents;
}

TEST(AttachedMessage, IsTakenApartHoweverItIsAttached) {
  const std::string plain = "Content-Type: application/octet-stream; name=";
  for (const std::string& raw :
       {InBase64("message/rfc822", kInner),
        InBase64("application/octet-stream; name=x.eml", kInner),
        InBase64("application/octet-stream; name=x.bin", kInner),
        InBase64("text/plain; name=x.EML", kInner), Carrying(plain + "x.eml", kInner),
        Carrying(plain + "x.mht", kInner)}) {
    const TakenApart message = TakeApart(raw);
    EXPECT_EQ(message.unclean_reason, "") << raw;
    EXPECT_THAT(Paths(message), ElementsAre("1", "2", "2.1", "2.2")) << raw;
    const std::vector<std::string> contents = Contents(raw);
    ASSERT_EQ(contents.size(), 4u);
    EXPECT_THAT(contents[1], HasSubstr("Subject: inner"));
    EXPECT_EQ(contents[2], "inner text");
    EXPECT_EQ(contents[3], "PK\x03\x04");
  }
}

TEST(AttachedMessage, IsTakenApartOnEachLevel) {
  std::string raw = InBase64("message/rfc822", InBase64("application/x; name=y.eml", kInner));
  EXPECT_EQ(TakeApart(raw).unclean_reason, "");
  EXPECT_THAT(Paths(TakeApart(raw)), ElementsAre("1", "2", "2.1", "2.2", "2.2.1", "2.2.2"));
  EXPECT_EQ(Contents(raw).back(), "PK\x03\x04");
  raw = Carrying("Content-Type: application/x; name=z.eml", raw);
  EXPECT_EQ(Contents(raw).back(), "PK\x03\x04");
  raw = InBase64("message/rfc822", raw);
  EXPECT_EQ(Contents(raw).back(), "PK\x03\x04");
}

TEST(AttachedMessage, KeepsItsPlaceInAnUncleanMessage) {
  const std::string raw = InBase64("message/rfc822", kInner) + "a list's footer\n";
  EXPECT_THAT(TakeApart(raw).unclean_reason, HasSubstr("after the last boundary"));
  EXPECT_TRUE(TakeApart(raw).covered);
  EXPECT_THAT(Paths(TakeApart(raw)), ElementsAre("0", "1", "2", "2.1", "2.2"));
  EXPECT_EQ(Contents(raw).back(), "PK\x03\x04");
}

TEST(AttachedMessage, HandsItsDoubtsOn) {
  const std::string cut = kInner.substr(0, kInner.size() - 7);
  const std::string raw = InBase64("message/rfc822", cut);
  EXPECT_EQ(TakeApart(raw).unclean_reason, "in an attached message: its end is missing");
  EXPECT_TRUE(TakeApart(raw).covered);
  EXPECT_THAT(Paths(TakeApart(raw)), ElementsAre("0", "1", "2", "2.1", "2.2"));
  ExpectNotCovered(InBase64("message/rfc822", "Content-Type: message/partial\n\nx\n"),
                   "in an attached message: a message in a part");
}

TEST(AttachedMessage, MayHaveTheFirstLineOfAnMbox) {
  const std::string from = "From b Thu Jan  1 00:00:00 1970\n";
  const std::string raw = InBase64("application/x; name=x.eml", from + kInner);
  EXPECT_EQ(TakeApart(raw).unclean_reason, "");
  EXPECT_EQ(Contents(raw).back(), "PK\x03\x04");
  ExpectNotCovered(InBase64("application/x; name=x.eml", from + kInner + "\n" + from + kInner),
                   "a message in a part that is not taken apart");
  ExpectNotCovered(InBase64("application/x; name=x.eml", "\n\n" + kInner),
                   "a message in a part that is not taken apart");
}

TEST(AttachedMessage, MayHaveAParagraphThatBeginsLikeAnMbox) {
  EXPECT_EQ(
      TakeApart(InBase64("message/rfc822", "Subject: x\n\nhello\n\nFrom there\n")).unclean_reason,
      "");
}

TEST(AttachedMessage, IsTakenApartInAUuencodedFileToo) {
  const std::string raw = "Subject: x\n\nhello\nbegin 644 x.eml\n" +
                          Uuencoded("Subject: y\nContent-Transfer-Encoding: base64\n\nUEsDBA==\n") +
                          "`\nend\n";
  EXPECT_TRUE(TakeApart(raw).covered) << TakeApart(raw).unclean_reason;
  EXPECT_THAT(Paths(TakeApart(raw)), ElementsAre("0", "1", "1.1", "1.1.1"));
  EXPECT_EQ(Contents(raw).back(), "PK\x03\x04");
}

TEST(AttachedMessage, MayBeNone) {
  const TakenApart message = TakeApart(InBase64("application/x; name=x.eml", "no header at all"));
  EXPECT_TRUE(message.covered) << message.unclean_reason;
}

TEST(AttachedMessage, SurvivesBytesThatChange) {
  std::mt19937 random(1);
  const std::string plain = "Content-Type: application/octet-stream; name=x.eml";
  for (int round = 0; round < 1'000; ++round) {
    std::string inner = InBase64("message/rfc822", kInner);
    for (int changes = 0; changes < 4; ++changes)
      inner[random() % inner.size()] = "\0\n:-=a"[random() % 6];
    for (const std::string& raw : {Carrying(plain, inner), InBase64("message/rfc822", inner)}) {
      const TakenApart message = TakeApart(raw);
      for (size_t i = 0; i < message.parts.size(); ++i) ContentOf(raw, message.parts, i);
      ASSERT_EQ(message.unclean_reason.empty(), message.parts.front().path != "0");
    }
  }
}

TEST(AttachedMessage, IsNotCoveredTooFarDown) {
  std::string raw = kInner;
  for (int level = 0; level < 11; ++level) {
    EXPECT_TRUE(TakeApart(raw).covered) << TakeApart(raw).unclean_reason;
    raw = InBase64("message/rfc822", raw);
  }
  EXPECT_FALSE(TakeApart(raw).covered);
  EXPECT_EQ(TakeApart(raw).unclean_reason,
            "in an attached message: too many levels of messages in messages");
}

// Whoever scans the parts decodes the whole for each.
TEST(AttachedMessage, IsNotCoveredWithManyPartsOfALargeWhole) {
  std::string inner = "Content-Type: multipart/mixed; boundary=in\n\n";
  for (int part = 0; part < 5'000; ++part) inner += "--in\n\n" + std::to_string(part) + "\n";
  inner += "--in\n\n" + std::string(1'000'000, 'x') + "\n--in--\n";
  ExpectNotCovered(InBase64("message/rfc822", inner), "too many parts in encoded messages");
  EXPECT_TRUE(TakeApart(Carrying("Content-Type: application/x; name=x.eml", inner)).covered);
}

// A bounce often holds the beginning of what it could not deliver.
std::string Bounce(const std::string& fields, const std::string& original) {
  return "From: <>\nSubject: Undelivered\nMIME-Version: 1.0\n"
         "Content-Type: multipart/report; report-type=delivery-status; boundary=out\n\n"
         "--out\n\nIt could not be delivered.\n"
         "--out\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
         "--out\nContent-Type: " +
         fields + "\n\n" + original + "\n--out--\n";
}

TEST(AttachedMessage, IsCoveredInABounceWhereverItWasCutOff) {
  for (size_t size = kInner.find("\n\n"); size != kInner.npos; size = kInner.find('\n', size + 1)) {
    const std::string original = kInner.substr(0, size);
    for (const char* type : {"message/rfc822", "text/rfc822-headers"}) {
      const TakenApart message = TakeApart(Bounce(type, original));
      EXPECT_TRUE(message.covered) << message.unclean_reason << " at\n" << original;
    }
    std::string encoded = Base64(original + "\n\n");
    encoded.pop_back();
    const TakenApart message =
        TakeApart(Bounce("message/rfc822\nContent-Transfer-Encoding: base64", encoded));
    EXPECT_TRUE(message.covered) << message.unclean_reason << " at\n" << original;
  }
}

TEST(AttachedMessage, IsNotCoveredWhereAnotherPartFollowsOneThatWasCutOff) {
  const std::string cut = kInner.substr(0, kInner.find("\n--in--"));
  std::string raw = Bounce("message/rfc822", cut);
  EXPECT_THAT(TakeApart(raw).unclean_reason, HasSubstr("a multipart without end"));
  EXPECT_TRUE(TakeApart(raw).covered);
  raw.insert(raw.rfind("--out--"), "--out\n\nmore\n");
  ExpectNotCovered(raw, "parts after a multipart without end");
}

}  // namespace
}  // namespace store_sim
