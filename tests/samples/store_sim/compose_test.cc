// SPDX-License-Identifier: Apache-2.0
//
// The specification of samples/store_sim/compose.
#include "compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mime_parts.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Compose, AForwardBringsEachPartAgainByteForByte) {
  const std::string raw =
      "Received: from\r\n\tafar\r\nFrom: eve@x\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n at noon\r\n"
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n "
      "boundary=b\r\n\r\n--b\r\n\r\ntext\r\n"
      "--b\r\nContent-Type: application/x; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
      "AAECA/8=\r\n--b--\r\n";
  const std::string forward = ForwardOf(raw, "alice", {"bob", "carol@y"});
  const TakenApart before = TakeApart(raw);
  const TakenApart now = TakeApart(forward);
  EXPECT_EQ(now.unclean_reason, "");
  ASSERT_EQ(now.parts.size(), before.parts.size());
  for (size_t i = 0; i < now.parts.size(); ++i)
    EXPECT_EQ(ContentOf(forward, now.parts, i), ContentOf(raw, before.parts, i));
  EXPECT_THAT(now.details.sender, HasSubstr("alice@example.org"));
  EXPECT_EQ(now.details.subject, "Fwd: caf\xC3\xA9 at noon");
  ASSERT_EQ(now.details.recipients.size(), 2u);
  EXPECT_THAT(now.details.recipients[1].address, HasSubstr("carol@y"));
}

TEST(Compose, AForwardOfWhatHasNoBodyIsItsHeader) {
  EXPECT_EQ(ForwardOf("Subject: x\n", "a@x", {"b@x"}), "From: a@x\nTo: b@x\nSubject: Fwd: x\n");
  EXPECT_EQ(ForwardOf("", "a@x", {"b@x"}), "From: a@x\nTo: b@x\n");
}

TEST(Compose, AReplyQuotesTheText) {
  MessageDetails original;
  original.sender = "eve@x";
  original.subject = "lunch";
  const std::string reply = ReplyTo(original, "now?\nor later?\n", "bob", {"eve@x"}, "later");
  const TakenApart apart = TakeApart(reply);
  ASSERT_EQ(apart.parts.size(), 1u);
  EXPECT_EQ(ContentOf(reply, apart.parts, 0), "later\n\neve@x:\n> now?\n> or later?\n");
  EXPECT_EQ(apart.details.subject, "Re: lunch");
  original.subject = "re: lunch";
  EXPECT_EQ(TakeApart(ReplyTo(original, "", "bob", {"eve@x"}, "")).details.subject, "re: lunch");
}

}  // namespace
}  // namespace store_sim
