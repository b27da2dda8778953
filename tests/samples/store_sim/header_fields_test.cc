// SPDX-License-Identifier: Apache-2.0
#include "header_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(HeaderFields, GivesEachValueOfAFieldUnfolded) {
  const std::string raw =
      "A: 1\r\nx-list : first\r\n  part\r\nX-List:second\nB: 2\n\nX-List: body\n";
  EXPECT_THAT(FieldsOf(raw, "X-List"), ElementsAre("first part", "second"));
  EXPECT_THAT(FieldsOf(raw, "C"), IsEmpty());
  EXPECT_THAT(FieldsOf("", "A"), IsEmpty());
  EXPECT_THAT(FieldsOf(" folded into nothing\nA: 1\n", "A"), ElementsAre("1"));
}

TEST(HeaderFields, KnowBulkMail) {
  for (const char* bulk : {"Precedence: bulk\n\n", "precedence: List\r\n\r\n", "Precedence: junk\n",
                           "List-Id: <news.example.org>\n\n"})
    EXPECT_TRUE(IsBulkMail(bulk)) << bulk;
  for (const char* letter :
       {"Precedence: first-class\n\n", "Subject: bulk\n\n", "Subject: x\n\nPrecedence: bulk\n"})
    EXPECT_FALSE(IsBulkMail(letter)) << letter;
}

TEST(HeaderFields, KnowHowLinesEnd) {
  EXPECT_EQ(LineEndOf("A: 1\r\nB: 2\n"), "\r\n");
  EXPECT_EQ(LineEndOf("A: 1\nB: 2\r\n"), "\n");
  EXPECT_EQ(LineEndOf(""), "\n");
}

}  // namespace
}  // namespace store_sim
