// SPDX-License-Identifier: Apache-2.0
//
// The specification of rewrite.
#include "rewrite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace store_milter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Rewrite, GivesTheNewBodyAsItStands) {
  const Rewrite rewrite =
      RewriteOf("Subject: x\r\n\r\nold", "Subject: x\r\n\r\nnew\r\n\r\n.\r\n").value();
  EXPECT_EQ(rewrite.body, "new\r\n\r\n.\r\n");
  EXPECT_THAT(rewrite.fields, IsEmpty());
}

TEST(Rewrite, ChangesWhatTheMessageSaysItIs) {
  const Rewrite rewrite =
      RewriteOf(
          "Content-Type: application/zip;\r\n name=a.zip\r\nContent-Disposition: inline\r\n\r\n",
          "content-type: text/plain\r\nMIME-Version: 1.0\r\n\r\n")
          .value();
  EXPECT_THAT(rewrite.fields, ElementsAre(FieldChange{"MIME-Version", 1, "1.0"},
                                          FieldChange{"Content-Type", 1, "text/plain"},
                                          FieldChange{"Content-Disposition", 1, std::nullopt}));
}

TEST(Rewrite, TakesTheLastOfSeveralFieldsFirst) {
  const Rewrite rewrite =
      RewriteOf("Content-Type: a/a\r\nContent-Type: b/b\r\nContent-Type: c/c\r\n\r\n",
                "Content-Type: a/z\r\n\r\n")
          .value();
  EXPECT_THAT(rewrite.fields, ElementsAre(FieldChange{"Content-Type", 3, std::nullopt},
                                          FieldChange{"Content-Type", 2, std::nullopt},
                                          FieldChange{"Content-Type", 1, "a/z"}));
}

TEST(Rewrite, LeavesAMessageWithoutBodyWithoutOne) {
  EXPECT_EQ(RewriteOf("A: b\r\n\r\nx", "A: b\r\n")->body, "");
}

TEST(Rewrite, IsNoneWhereOtherFieldsChange) {
  EXPECT_EQ(RewriteOf("Subject: bad\r\n\r\nx", "Subject: good\r\n\r\nx"), std::nullopt);
  EXPECT_EQ(RewriteOf("X: a\r\n bad\r\n\r\nx", "X: a\r\n good\r\n\r\nx"), std::nullopt);
  EXPECT_EQ(RewriteOf("Content-Typed: a\r\n\r\nx", "Content-Typed: b\r\n\r\nx"), std::nullopt);
}

}  // namespace
}  // namespace store_milter
