// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/text: text from outside is cut at characters and made one clean line.
#include "text.h"

#include <gtest/gtest.h>

#include <cstring>

namespace vsapi::engine {
namespace {

// The first and last character of each length, and the neighbours of the surrogates.
constexpr const char* kWellFormed[] = {"",
                                       "plain",
                                       "\x01",
                                       "\x7F",
                                       "\xC2\x80",
                                       "\xDF\xBF",
                                       "\xE0\xA0\x80",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80",
                                       "\xEF\xBF\xBF",
                                       "\xF0\x90\x80\x80",
                                       "\xF4\x8F\xBF\xBF",
                                       "a\xC3\xA4\xE2\x82\xAC"};

constexpr const char* kIllFormed[] = {"\x80",          // nothing before the continuation
                                      "\xC3",          // nothing after the head
                                      "\xE2\x82",      //
                                      "\xF0\x9F\x98",  //
                                      "\xC3\x28",      // no continuation
                                      "\xC0\x80",
                                      "\xC1\xBF",  // overlong
                                      "\xE0\x9F\xBF",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",  // surrogates
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xFF",  // past U+10FFFF
                                      "good then \xFE"};

TEST(IsUtf8, TakesEveryLengthOfCharacter) {
  for (const char* text : kWellFormed) EXPECT_TRUE(IsUtf8(text)) << text;
}

TEST(IsUtf8, RefusesWhatIsCutOverlongSurrogateOrTooHigh) {
  for (const char* text : kIllFormed)
    EXPECT_FALSE(IsUtf8(text)) << Hex(reinterpret_cast<const unsigned char*>(text), strlen(text));
}

std::string Copied(std::string_view from, size_t size) {
  std::string buffer(size, '#');
  CopyText(from, buffer.data(), size);
  return buffer.c_str();
}

TEST(CopyText, CopiesAllThatFits) {
  EXPECT_EQ(Copied("", 4), "");
  EXPECT_EQ(Copied("abc", 4), "abc");
  EXPECT_EQ(Copied("abcd", 4), "abc");
  EXPECT_EQ(Copied("abc", 1), "");
}

TEST(CopyText, NeverCutsACharacter) {
  const std::string text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";  // 1, 2, 3 and 4 bytes
  const size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};  // bytes that n bytes have room for
  for (size_t room = 0; room <= text.size(); ++room) {
    SCOPED_TRACE(room);
    EXPECT_EQ(Copied(text, room + 1), text.substr(0, whole[room]));
  }
}

TEST(CleanLine, LeavesGoodTextAlone) {
  EXPECT_EQ(CleanLine("Virus \xC3\xA4 \xF0\x9F\x98\x80", 100), "Virus \xC3\xA4 \xF0\x9F\x98\x80");
}

TEST(CleanLine, PutsAQuestionMarkForEachByteThatIsNoText) {
  EXPECT_EQ(CleanLine("a\nb\tc\x7F"
                      "d\r",
                      100),
            "a?b?c?d?");
  EXPECT_EQ(CleanLine("\xFF\xFE"
                      "x\xE2\x82",
                      100),
            "??x??");
  EXPECT_EQ(CleanLine(std::string_view("\0x", 2), 100), "?x");
}

TEST(CleanLine, IsCutAtACharacter) {
  EXPECT_EQ(CleanLine("ab\xE2\x82\xAC", 4), "ab");
  EXPECT_EQ(CleanLine("ab\xE2\x82\xAC", 5), "ab\xE2\x82\xAC");
  EXPECT_EQ(CleanLine("abc", 0), "");
}

TEST(CleanLine, IsValidAndShortWhateverComesIn) {
  for (const char* text : kIllFormed)
    for (size_t limit = 0; limit < 12; ++limit) {
      const std::string line = CleanLine(text, limit);
      EXPECT_TRUE(IsUtf8(line));
      EXPECT_LE(line.size(), limit);
    }
}

TEST(Hex, WritesTwoLowerCaseDigitsForEachByte) {
  const unsigned char bytes[] = {0x00, 0x0A, 0xF0, 0xFF};
  EXPECT_EQ(Hex(bytes, sizeof bytes), "000af0ff");
  EXPECT_EQ(Hex(bytes, 0), "");
}

}  // namespace
}  // namespace vsapi::engine
