// SPDX-License-Identifier: Apache-2.0
//
// The specification of samples/store_sim/message_edit: one part of a message changes, and no byte
// beside it.
#include "message_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/samples.h"

namespace store_sim {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kHeader =
    "Subject: s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
const std::string kBody = "--b\nContent-Type: text/plain\n\nhello\n";
const std::string kBad =
    "--b\nContent-ID: <1@x>\nContent-Type: application/x;\n name=evil.exe\nContent-Disposition: "
    "attachment;\n filename=evil.exe\nContent-Transfer-Encoding: base64\n\nAAECA/8=\n";
const std::string kLast = "--b\nContent-Type: image/png\n\n  odd  \xff bytes\t\n";
const std::string kLastBoundary = "--b--\n";
const Substitute kNotice{"gone\n", "text/plain", "evil.exe.virusinfo.txt"};

// The content of the part of that path; "none" if there is none.
std::string ContentAt(const std::string& raw, const std::string& path) {
  const TakenApart apart = TakeApart(raw);
  for (size_t i = 0; i < apart.parts.size(); ++i)
    if (apart.parts[i].path == path) return ContentOf(raw, apart.parts, i);
  return "none";
}

std::optional<std::string> Replaced(const std::string& raw, size_t index, const Substitute& by) {
  return WithPartReplaced(raw, TakeApart(raw), index, by);
}

TEST(MessageEdit, PutsANoticeInThePlaceOfAnAttachmentAndLeavesEveryOtherByte) {
  const auto edited = Replaced(kHeader + kBody + kBad + kLast + kLastBoundary, 1, kNotice);
  ASSERT_TRUE(edited);
  EXPECT_THAT(*edited, StartsWith(kHeader + kBody + "--b\nContent-ID: <1@x>\n"));
  EXPECT_THAT(*edited, EndsWith("\n" + kLast + kLastBoundary));
  EXPECT_THAT(*edited, Not(HasSubstr("AAEC")));
  const TakenApart apart = TakeApart(*edited);
  ASSERT_EQ(apart.parts.size(), 3u);
  EXPECT_EQ(apart.parts[1].name, "evil.exe.virusinfo.txt");
  EXPECT_EQ(apart.parts[1].content_type, "text/plain");
  EXPECT_EQ(apart.unclean_reason, "");
  EXPECT_EQ(ContentAt(*edited, "2"), "gone\n");
}

TEST(MessageEdit, PutsWhatWasCleanedInPlaceUnderItsNameAndType) {
  const std::string cleaned("\0clean\xfe", 7);
  const auto edited = Replaced(kHeader + kBody + kBad + kLast + kLastBoundary, 1, {cleaned});
  ASSERT_TRUE(edited);
  const TakenApart apart = TakeApart(*edited);
  EXPECT_EQ(apart.parts.at(1).name, "evil.exe");
  EXPECT_EQ(apart.parts.at(1).content_type, "application/x");
  EXPECT_EQ(ContentAt(*edited, "2"), cleaned);
  EXPECT_THAT(*edited, EndsWith("\n" + kLast + kLastBoundary));
}

TEST(MessageEdit, OverwritesTheTextOfAMessageWithoutParts) {
  const auto edited =
      Replaced("Subject: s\r\nX-Mine: 1\r\n\r\nhello\r\n", 0, {"gone\n", "text/plain"});
  ASSERT_TRUE(edited);
  EXPECT_THAT(*edited, StartsWith("Subject: s\r\nX-Mine: 1\r\nContent-Type: text/plain"));
  EXPECT_THAT(*edited, HasSubstr("MIME-Version: 1.0\r\n"));
  EXPECT_EQ(ContentAt(*edited, "1"), "gone\n");
}

TEST(MessageEdit, NamesInAnyLanguageStayWhatTheyAre) {
  const std::string name = "Rechnung \xC3\xBC \xE2\x82\xAC.exe.virusinfo.txt";
  const auto edited =
      Replaced(kHeader + kBody + kBad + kLastBoundary, 1, {"gone\n", "text/plain", name});
  ASSERT_TRUE(edited);
  EXPECT_EQ(TakeApart(*edited).parts.at(1).name, name);
}

TEST(MessageEdit, ReachesIntoAMessageThatWasAttachedInBase64) {
  const std::string inner = kHeader + kBody + kBad + kLastBoundary;
  const std::string raw = kHeader + kBody +
                          "--b\nContent-Type: application/octet-stream; name=x.eml\n"
                          "Content-Transfer-Encoding: base64\n\n" +
                          vsapi::test::Base64(inner) + "\n" + kLast + kLastBoundary;
  const TakenApart apart = TakeApart(raw);
  size_t index = 0;
  while (apart.parts.at(index).path != "2.2") ++index;
  const auto edited = WithPartReplaced(raw, apart, index, kNotice);
  ASSERT_TRUE(edited);
  EXPECT_EQ(ContentAt(*edited, "2.1"), "hello");
  EXPECT_EQ(ContentAt(*edited, "2.2"), "gone\n");
  EXPECT_THAT(ContentAt(*edited, "2"), StartsWith(kHeader + kBody));
  EXPECT_THAT(*edited, EndsWith("\n" + kLast + kLastBoundary));
}

TEST(MessageEdit, TakesAPartOutWithItsBoundary) {
  const std::string raw = kHeader + kBody + kBad + kLast + kLastBoundary;
  EXPECT_EQ(WithPartRemoved(raw, TakeApart(raw), 1), kHeader + kBody + kLast + kLastBoundary);
  EXPECT_EQ(WithPartRemoved(raw, TakeApart(raw), 2), kHeader + kBody + kBad + kLastBoundary);
}

TEST(MessageEdit, EmptiesAPartThatStandsAlone) {
  const std::string raw = "Subject: s\nContent-Type: application/x; name=a\n\nbytes\n";
  const auto edited = WithPartRemoved(raw, TakeApart(raw), 0);
  ASSERT_TRUE(edited);
  EXPECT_EQ(ContentAt(*edited, "1"), "");
  EXPECT_EQ(TakeApart(*edited).parts.at(0).name, "a");
}

TEST(MessageEdit, TakesAUuencodedFileOutOfItsText) {
  const std::string raw = "Subject: s\n\nbefore\nbegin 644 cat.txt\n#0V%T\n`\nend\nafter\n";
  const TakenApart apart = TakeApart(raw);
  size_t index = 0;
  while (apart.parts.at(index).path != "1.1") ++index;
  const auto edited = WithPartReplaced(raw, apart, index, kNotice);
  ASSERT_TRUE(edited);
  EXPECT_THAT(*edited, StartsWith("Subject: s\n\nbefore\ngone\n"));
  EXPECT_THAT(*edited, EndsWith("after\n"));
  EXPECT_EQ(ContentAt(*edited, "1.1"), "none");
}

TEST(MessageEdit, LeavesAloneWhatIsTheWholeMessage) {
  const std::string raw = std::string("X: \0\n", 5) + kHeader + kBody + kLastBoundary;
  const TakenApart apart = TakeApart(raw);
  ASSERT_EQ(apart.parts.at(0).path, "0");
  EXPECT_EQ(WithPartReplaced(raw, apart, 0, kNotice), std::nullopt);
}

TEST(MessageEdit, WritesAMessageThatKeepsWhatMailProgramsShowInLists) {
  MessageDetails details;
  details.sender = "a@example.org";
  details.recipients = {{RecipientField::kTo, "b@example.org"}, {RecipientField::kCc, "c@x.org"}};
  details.subject =
      "Gr\xC3\xBC\xC3\x9F"
      "e";
  details.message_id = "m@x";
  details.date_ns = 1'700'000'000'000'000'000;
  const TakenApart apart = TakeApart(MessageWithText(details, "gone\n"));
  EXPECT_EQ(apart.details.sender, details.sender);
  ASSERT_EQ(apart.details.recipients.size(), 2u);
  EXPECT_EQ(apart.details.recipients[1].address, "c@x.org");
  EXPECT_EQ(apart.details.subject, details.subject);
  EXPECT_EQ(apart.details.message_id, "m@x");
  EXPECT_EQ(apart.details.date_ns, details.date_ns);
  EXPECT_EQ(apart.unclean_reason, "");
}

}  // namespace
}  // namespace store_sim
